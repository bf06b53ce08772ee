//! Files that somebody is writing: half of a file can look whole, so it is not read before the other half is there.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What tells a file from all others, whatever it is called.
pub(super) type FileId = (u64, u64);

/// The files that are not to be read yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsettled(HashSet<FileId>);

impl Unsettled {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a file that is open is one of them.
    pub(crate) fn contains(&self, metadata: &Metadata) -> bool {
        self.0.contains(&id(metadata))
    }

    /// Whether one of these files, as far as they are there, is one of them.
    pub(crate) fn contains_any<'a>(&self, mut paths: impl Iterator<Item = &'a Path>) -> bool {
        !self.0.is_empty()
            && paths.any(|path| fs::metadata(path).is_ok_and(|metadata| self.contains(&metadata)))
    }
}

impl FromIterator<FileId> for Unsettled {
    fn from_iter<T: IntoIterator<Item = FileId>>(files: T) -> Self {
        Self(files.into_iter().collect())
    }
}

pub(super) fn id(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}
