//! Paths and configurations that could not be read, with the reasons.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::config::ConfigError;
use super::paths::with_slashes;
use super::place::Place;
use super::source::bounds::MAX_DESCRIPTIONS;
use super::unreadable::Unreadable;

/// A path that was skipped or could not be read, with the reason.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Debug)]
pub struct Problem {
    kind: ProblemKind,
    is_failure: bool,
}

#[derive(Debug)]
pub(super) enum ProblemKind {
    /// A path cannot be read, for example because permission is denied.
    Path(PathBuf, io::Error),
    /// A directory cannot be walked.
    Walk(ignore::Error),
    Config(ConfigError),
    /// A file has too many descriptions or findings, so the rest of it was not checked.
    TooMany(PathBuf),
    /// A file cannot be read as its format at this place.
    Broken {
        path: PathBuf,
        place: Place,
        message: String,
    },
    /// A file that is not text, or a directory that is not walked, with the reason.
    Unreadable(PathBuf, Unreadable),
}

impl Unreadable {
    /// The problem that `path` was not read for this reason. `is_explicit` is whether the user
    /// named this very path, so that this is a failure.
    pub(super) fn at(self, path: &Path, is_explicit: bool) -> Problem {
        Problem { kind: ProblemKind::Unreadable(path.to_owned(), self), is_failure: is_explicit }
    }
}

impl Problem {
    /// Whether the path should have been read; false if it was skipped as intended.
    pub const fn is_failure(&self) -> bool {
        self.is_failure
    }

    /// Whether neither the name nor the first line of the file determines its format.
    #[cfg(feature = "cli")]
    pub(crate) const fn is_unknown_format(&self) -> bool {
        matches!(self.kind, ProblemKind::Unreadable(_, Unreadable::NoFormat))
    }

    /// Creates a warning about a configuration, which is not a failure because other results are
    /// unaffected.
    pub(super) fn warning(error: ConfigError) -> Self {
        Self { kind: ProblemKind::Config(error), is_failure: false }
    }
}

impl From<ProblemKind> for Problem {
    fn from(kind: ProblemKind) -> Self {
        Self { kind, is_failure: true }
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        ProblemKind::Config(error).into()
    }
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ProblemKind::Path(path, error) => {
                write!(f, "{}: {error}", with_slashes(path).display())
            }
            ProblemKind::Walk(error) => write!(f, "{error}"),
            ProblemKind::Config(error) if self.is_failure => write!(f, "{error}"),
            ProblemKind::Config(error) => write!(f, "warning: {error}"),
            ProblemKind::TooMany(path) => write!(
                f,
                "{}: more than {MAX_DESCRIPTIONS} descriptions or findings; what follows them was \
                 not checked",
                with_slashes(path).display()
            ),
            ProblemKind::Broken { path, place: Place { line, column }, message } => {
                write!(f, "{}:{line}:{column}: {message}", with_slashes(path).display())
            }
            ProblemKind::Unreadable(path, why) => {
                let done = if self.is_failure { "cannot be checked" } else { "skipped" };
                write!(f, "{}: {done}: {why}", with_slashes(path).display())
            }
        }
    }
}
