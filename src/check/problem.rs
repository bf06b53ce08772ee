//! What goes wrong with a path.

use std::path::PathBuf;
use std::{fmt, io};

use super::config::ConfigError;

/// A path that was skipped or could not be read, and why.
#[derive(Debug)]
pub struct Problem(ProblemKind);

#[derive(Debug)]
pub(super) enum ProblemKind {
    /// A path cannot be read.
    Path(PathBuf, io::Error),
    /// A directory cannot be walked.
    Walk(ignore::Error),
    Config(ConfigError),
    /// The format of a path that was named is not known.
    NoFormat(PathBuf),
    /// A file is too large to be read.
    TooLarge(PathBuf),
}

impl Problem {
    /// Whether the path should have been read; `false` if it was skipped as planned.
    pub const fn is_failure(&self) -> bool {
        !matches!(self.0, ProblemKind::NoFormat(_) | ProblemKind::TooLarge(_))
    }
}

impl From<ProblemKind> for Problem {
    fn from(kind: ProblemKind) -> Self {
        Self(kind)
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self(ProblemKind::Config(error))
    }
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ProblemKind::Path(path, error) => write!(f, "{}: {error}", path.display()),
            ProblemKind::Walk(error) => write!(f, "{error}"),
            ProblemKind::Config(error) => write!(f, "{error}"),
            ProblemKind::NoFormat(path) => write!(
                f,
                "{}: skipped, as its name tells no format (a `[[source]]` of strports.toml does)",
                path.display()
            ),
            ProblemKind::TooLarge(path) => {
                write!(f, "{}: skipped, as it has more than 8 MiB", path.display())
            }
        }
    }
}
