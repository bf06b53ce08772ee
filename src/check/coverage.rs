//! The coverage of a run: the number of files and descriptions, and lists of them on request.

use std::path::Path;
use std::sync::Arc;

use super::embedded::Embedded;
use super::finding::FileText;
use super::place::Place;
use strports_syntax::Role;

/// How many files and descriptions a run has checked.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// The number of files with a known format whose text was searched.
    pub files: usize,
    /// The number of descriptions that were checked. A description that is only a placeholder does
    /// not count.
    pub descriptions: usize,
}

/// A file that was read, and the descriptions in it; see
/// [`Options::listing`](super::Options::listing).
///
/// Returned by [`Checked::files_read`](super::Checked::files_read), which has an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FileRead {
    /// The path of the file, as in [`Finding::path`](super::Finding::path).
    pub path: Arc<Path>,
    /// The name of the format, as for `format =` in `strports.toml`.
    pub format: &'static str,
    /// The descriptions in the file that were checked.
    pub descriptions: Vec<DescriptionRead>,
}

/// A description that was checked, its place, and how it was read.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DescriptionRead {
    /// The line and column of the description's first byte.
    pub start: Place,
    /// The line and column after the description's last byte.
    pub end: Place,
    /// The text as the program reads it; each placeholder is replaced by a digit.
    pub text: Arc<str>,
    /// Whether the description contains placeholders such as `$PORT`.
    pub is_template: bool,
    /// The role, server or client, for which the description was checked.
    pub role: Role,
    /// The reason why it is a description, such as ``key `listen` of strports.toml``; `None` for a
    /// line of a list and for the command line of the linter.
    pub source: Option<String>,
}

impl Coverage {
    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.descriptions += other.descriptions;
    }
}

impl DescriptionRead {
    pub(super) fn new(it: &Embedded, role: Role, file: &FileText<'_>) -> Self {
        let range = it.whole();
        Self {
            start: file.lines.place(range.start),
            end: file.lines.place(range.end),
            text: String::from_utf8_lossy(it.text()).into(),
            is_template: it.is_template(),
            role,
            source: it.source.as_ref().map(ToString::to_string),
        }
    }
}
