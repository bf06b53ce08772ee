//! What a run has read: how many files and descriptions, and on request which.

use std::path::Path;
use std::sync::Arc;

use super::embedded::Embedded;
use super::finding::FileText;
use super::place::Place;
use strports_syntax::Role;

/// How much a run has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// Files whose format is known, and whose text was looked at.
    pub files: usize,
    /// Descriptions that were checked. One that is a placeholder as a whole does not count.
    pub descriptions: usize,
}

/// A file that was read, for [`Options::listing`](super::Options::listing).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FileRead {
    /// As findings show it.
    pub path: Arc<Path>,
    /// The name of its format, as `format =` in `strports.toml` has it.
    pub format: &'static str,
    /// The descriptions in it that were checked.
    pub descriptions: Vec<DescriptionRead>,
}

/// A description that was checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DescriptionRead {
    /// The place of its first byte.
    pub start: Place,
    /// The place behind its last byte.
    pub end: Place,
    /// As the program reads it; a placeholder is one digit.
    pub text: Arc<str>,
    /// Whether parts of it are placeholders.
    pub is_template: bool,
    /// The role as which it was checked.
    pub role: Role,
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
        }
    }
}
