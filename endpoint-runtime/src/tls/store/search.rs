//! Finds the files of a directory of certificates: as in Twisted, those that end in `.pem`.
//!
//! Subdirectories are searched too. Links are followed, because certbot's `live` has only links.
//! Directories whose names begin with two dots are skipped: Kubernetes links to their contents from
//! the directory itself.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::file::{FileCount, Origin};
use super::unsettled::{FileId, file_id};
use crate::error::{TlsFileProblem, TlsFileProblemKind};

/// The maximum number of directory entries, and the maximum depth of directories.
const MAX_ENTRIES: usize = 65_536;
const MAX_DEPTH: usize = 16;

/// The directories and the files that a search has found.
pub(crate) struct Found {
    /// The directories that were searched, each before its subdirectories.
    pub(crate) directories: Vec<PathBuf>,
    /// The `.pem` files, ordered by name, or the single file that was searched.
    pub(crate) files: Vec<PathBuf>,
}

/// Searches a directory. If the path is a file, finds that file. Blocks.
///
/// Subdirectories that cannot be read are added to `problems`.
pub(crate) fn search(
    path: &Path,
    problems: &mut Vec<TlsFileProblem>,
) -> Result<Found, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::unreadable(path, error);
    let metadata = fs::metadata(path).map_err(unreadable)?;
    let found = Found { directories: Vec::new(), files: Vec::new() };
    if !metadata.is_dir() {
        return Ok(Found { files: vec![path.to_owned()], ..found });
    }
    let count = FileCount::new(path);
    let mut search = Search { root: path, entries: 0, count, seen: HashSet::new(), found };
    search.enter(path, &metadata, 0, problems)?.map_err(unreadable)?;
    search.found.files.sort();
    Ok(search.found)
}

/// A search in progress, with the counts that its limits apply to.
struct Search<'a> {
    root: &'a Path,
    /// The number of directory entries that were visited.
    entries: usize,
    count: FileCount<'a>,
    /// The directories that were entered, because links can form a cycle.
    seen: HashSet<FileId>,
    found: Found,
}

impl Search<'_> {
    /// Searches a directory at `depth` below the root. The outer error ends the search; the inner
    /// one concerns only this directory.
    fn enter(
        &mut self,
        directory: &Path,
        metadata: &Metadata,
        depth: usize,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<io::Result<()>, TlsFileProblem> {
        if depth > MAX_DEPTH {
            return Err(self.too_many("levels of directories", MAX_DEPTH));
        }
        if !self.seen.insert(file_id(metadata)) {
            return Ok(Ok(()));
        }
        let entries = match directory.read_dir() {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(error)),
        };
        self.found.directories.push(directory.to_owned());
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(error) => return Ok(Err(error)),
            };
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(self.too_many("entries", MAX_ENTRIES));
            }
            self.visit(path, depth, problems)?;
        }
        Ok(Ok(()))
    }

    /// Enters a directory or adds a `.pem` file; other entries are ignored.
    fn visit(
        &mut self,
        path: PathBuf,
        depth: usize,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<(), TlsFileProblem> {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let is_pem = name.ends_with(b".pem");
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() && !name.starts_with(b"..") => {
                let entered = self.enter(&path, &metadata, depth + 1, problems)?;
                problems.extend(entered.err().map(|it| TlsFileProblem::unreadable(path, it)));
            }
            Ok(metadata) if metadata.is_file() && is_pem => self.add(path, metadata.len())?,
            // The file has gone, or the link is dangling; reading it reports that.
            Err(_) if is_pem => self.add(path, 0)?,
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf, length: u64) -> Result<(), TlsFileProblem> {
        self.found.files.push(path);
        self.count.add(length, Origin::Directory)
    }

    fn too_many(&self, what: &'static str, limit: usize) -> TlsFileProblem {
        TlsFileProblem::new(self.root, TlsFileProblemKind::TooMany { what, limit })
    }
}
