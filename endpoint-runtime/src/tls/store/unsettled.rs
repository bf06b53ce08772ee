//! Files that are being changed, which are not read yet, and the grace period of problems.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A file's device and inode, which identify it under any name.
pub(super) type FileId = (u64, u64);

/// Whether a missing or invalid file may be complete a moment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GracePeriod {
    /// A change may be in progress: nothing is reported, and previous certificates stay in use.
    Running,
    /// The file has been missing or invalid for long enough.
    Over,
}

/// The files that are open for writing. They are not read yet, because half of a file can look
/// complete.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsettled(HashSet<FileId>);

impl Unsettled {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the file with this metadata is being changed.
    pub(super) fn contains(&self, metadata: &Metadata) -> bool {
        self.0.contains(&file_id(metadata))
    }

    /// Whether one of these paths leads to a file that is being changed.
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
