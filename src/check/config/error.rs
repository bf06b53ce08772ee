//! Errors in a configuration file, with their place: an unknown key, an invalid pattern.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::check::paths::display_path;
use crate::check::place::{Lines, Place};
use crate::types::Mistake;

/// An error in a configuration: the path, the place, and what was expected there.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
pub struct ConfigError {
    path: PathBuf,
    place: Option<Place>,
    message: String,
}

impl ConfigError {
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::anywhere(path, &format!("cannot read the configuration: {error}"))
    }

    /// An error at a place in the file at `path`.
    pub(super) fn at(path: &Path, place: Place, message: String) -> Self {
        Self { path: path.to_owned(), place: Some(place), message }
    }

    /// An error about the whole file at `path`, without a line and column.
    pub(super) fn anywhere(path: &Path, message: &str) -> Self {
        Self { path: path.to_owned(), place: None, message: message.to_owned() }
    }

    /// Locates a mistake in `text`, the content of the file at `path`.
    pub(super) fn new(path: &Path, text: &str, mistake: Mistake) -> Self {
        let Mistake { range, message } = mistake;
        let place = range.map(|range| Lines::new(text.as_bytes()).place(range.start));
        Self { path: path.to_owned(), place, message }
    }

    /// The place of the error, if it has one, and the message without the path.
    #[cfg(feature = "cli")]
    pub(crate) fn parts(&self) -> (Option<Place>, &str) {
        (self.place, &self.message)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", display_path(&self.path).display())?;
        if let Some(Place { line, column }) = self.place {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.message)
    }
}

impl std::error::Error for ConfigError {}
