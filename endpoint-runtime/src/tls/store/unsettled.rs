//! Files in the middle of a change, and how long to wait until the change is complete.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What identifies a file under any name: device and inode.
pub(super) type FileId = (u64, u64);

/// Whether a file that is missing or wrong may be complete a moment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GracePeriod {
    /// It may: nothing is reported yet, and removed certificates stay in use.
    Running,
    /// It has been missing or wrong for long enough.
    Over,
}

/// The files that are open for writing: half of a file can look complete, so none is read yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsettled(HashSet<FileId>);

impl Unsettled {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an open file is one of them.
    pub(super) fn contains(&self, metadata: &Metadata) -> bool {
        self.0.contains(&file_id(metadata))
    }

    /// Whether any of these paths leads to one of them.
    pub(super) fn contains_any<'a>(&self, mut paths: impl Iterator<Item = &'a Path>) -> bool {
        !self.0.is_empty()
            && paths.any(|path| fs::metadata(path).is_ok_and(|metadata| self.contains(&metadata)))
    }
}

impl FromIterator<FileId> for Unsettled {
    fn from_iter<T: IntoIterator<Item = FileId>>(files: T) -> Self {
        Self(files.into_iter().collect())
    }
}

pub(super) fn file_id(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}
