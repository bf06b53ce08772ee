//! What goes wrong with a path.

use std::path::PathBuf;
use std::{fmt, io};

use super::config::ConfigError;
use super::source::bounds::MAX_DESCRIPTIONS;

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
    /// A file has more descriptions or findings than are kept.
    TooMany(PathBuf),
    /// A directory of a file system that holds no files, such as procfs.
    NoFiles(PathBuf, &'static str),
    /// The same for a path that was named.
    NamedNoFiles(PathBuf, &'static str),
}

impl Problem {
    /// Whether the path should have been read; `false` if it was skipped as planned.
    pub const fn is_failure(&self) -> bool {
        use ProblemKind::{NoFiles, NoFormat, TooLarge};
        !matches!(self.0, NoFormat(_) | TooLarge(_) | NoFiles(..))
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
            ProblemKind::TooMany(path) => write!(
                f,
                "{}: more than {MAX_DESCRIPTIONS} descriptions or findings; what follows them was \
                 not checked",
                path.display()
            ),
            ProblemKind::NoFiles(path, kind) | ProblemKind::NamedNoFiles(path, kind) => {
                write!(f, "{}: skipped, as {kind} holds no files", path.display())
            }
        }
    }
}
