//! Reads single files, with limits on their size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{TlsFileProblem, TlsFileProblemKind};

/// The largest file that a description names, in bytes.
///
/// All root certificates of a platform take a quarter of a megabyte.
const MAX_NAMED_FILE: u64 = 16 * 1024 * 1024;

/// The largest file in a directory of certificates, in bytes.
///
/// A certificate with its chain takes a hundredth of that.
const MAX_DIRECTORY_FILE: u64 = 1024 * 1024;

/// The maximum number of files in a directory, and the maximum number of bytes in them.
const MAX_FILES: usize = 4096;
const MAX_TOTAL: usize = 64 * 1024 * 1024;

/// How the path of a file became known, which determines the limit of its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The description names the file.
    Named,
    /// The description names a directory above the file.
    Directory,
}

impl Origin {
    /// The maximum size of a file in bytes.
    pub(super) fn max_bytes(self) -> u64 {
        match self {
            Self::Named => MAX_NAMED_FILE,
            Self::Directory => MAX_DIRECTORY_FILE,
        }
    }
}

/// The problem of a path that leads to a directory, a device or another kind of file.
pub(crate) fn not_a_file(path: &Path) -> TlsFileProblem {
    TlsFileProblem::new(path, TlsFileProblemKind::NotAFile { is_directory: path.is_dir() })
}

/// Reads an open file, unless it is too large. Blocks.
pub(super) fn read(
    path: &Path,
    file: File,
    origin: Origin,
) -> Result<Zeroizing<Vec<u8>>, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::unreadable(path, error);
    let limit = origin.max_bytes();
    // Allocated once, because a growing vector leaves copies of keys in memory.
    let capacity = file.metadata().map_err(unreadable)?.len().min(limit) + 1;
    let mut text = Zeroizing::new(Vec::new());
    text.reserve_exact(usize::try_from(capacity).unwrap_or(0));
    file.take(limit + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > limit {
        return Err(TlsFileProblem::new(path, TlsFileProblemKind::TooLong { limit }));
    }
    Ok(text)
}

/// Counts the files of a directory and their bytes, to enforce the limits.
pub(super) struct FileCount<'a> {
    root: &'a Path,
    files: usize,
    bytes: u64,
}

impl<'a> FileCount<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, files: 0, bytes: 0 }
    }

    /// Counts a file and the bytes that are read of it; returns an error above the limits.
    pub(super) fn add(&mut self, length: u64, origin: Origin) -> Result<(), TlsFileProblem> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(length.min(origin.max_bytes()));
        let too_many = |what, limit| {
            Err(TlsFileProblem::new(self.root, TlsFileProblemKind::TooMany { what, limit }))
        };
        if self.files > MAX_FILES {
            return too_many("`.pem` files", MAX_FILES);
        }
        if self.bytes > MAX_TOTAL as u64 {
            return too_many("bytes in `.pem` files", MAX_TOTAL);
        }
        Ok(())
    }
}
