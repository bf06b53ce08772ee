//! The files of a directory of certificates: those whose names end in `.pem`, as in Twisted, wherever they are below it.
//!
//! Links are followed, since certbot's `live` has nothing else. Directories whose names begin with two dots are left
//! out: Kubernetes keeps in them what it links to, and what is linked to is there already.

use std::collections::HashSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::super::pem::PemFile;
use crate::error::TlsFileProblem;

/// How many files there may be, how many entries of directories may be looked at, and how deep directories may be.
const MOST_FILES: usize = 4096;
const MOST_ENTRIES: usize = 65_536;
const DEEPEST: usize = 16;

/// The longest file that is read; a certificate with its chain takes a hundredth of it.
const LONGEST: u64 = 1024 * 1024;

/// The files below a directory in the order of their names, or the one file that `path` is. Blocks.
///
/// A directory below it that cannot be read is a problem, and takes nobody else down.
pub(super) fn find(
    path: &Path,
    problems: &mut Vec<TlsFileProblem>,
) -> Result<Vec<PathBuf>, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::Unreadable { path: path.to_owned(), error };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut search = Search { root: path, entries: 0, seen: HashSet::new(), files: Vec::new() };
    search.enter(path, &metadata, 0, problems)?.map_err(unreadable)?;
    search.files.sort();
    Ok(search.files)
}

/// Reads a file that was found; `None` where it is neither a file nor a link to one. Blocks.
pub(super) fn read(path: &Path) -> Result<Option<PemFile>, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::Unreadable { path: path.to_owned(), error };
    let file = open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Ok(None);
    }
    PemFile::read_at_most(path, file, LONGEST).map(Some)
}

/// Opens a file without waiting for anybody: a FIFO would wait for somebody who writes.
fn open(path: &Path) -> io::Result<File> {
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(nonblock).open(path)
}

struct Search<'a> {
    root: &'a Path,
    entries: usize,
    /// The directories that were entered: links may go round in circles.
    seen: HashSet<(u64, u64)>,
    files: Vec<PathBuf>,
}

impl Search<'_> {
    /// Looks through a directory; the outer error ends the search, the inner one is about this directory alone.
    fn enter(
        &mut self,
        directory: &Path,
        metadata: &Metadata,
        depth: usize,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<io::Result<()>, TlsFileProblem> {
        if depth > DEEPEST {
            return Err(self.too_many("levels of directories", DEEPEST));
        }
        if !self.seen.insert((metadata.dev(), metadata.ino())) {
            return Ok(Ok(()));
        }
        let entries = match directory.read_dir() {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(error)),
        };
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(error) => return Ok(Err(error)),
            };
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return Err(self.too_many("entries", MOST_ENTRIES));
            }
            self.look_at(path, depth, problems)?;
        }
        Ok(Ok(()))
    }

    fn look_at(
        &mut self,
        path: PathBuf,
        depth: usize,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<(), TlsFileProblem> {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let is_pem = name.ends_with(b".pem");
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                if !name.starts_with(b"..") {
                    let entered = self.enter(&path, &metadata, depth + 1, problems)?;
                    problems.extend(
                        entered.err().map(|error| TlsFileProblem::Unreadable { path, error }),
                    );
                }
            }
            Ok(metadata) if metadata.is_file() && is_pem => self.add(path)?,
            // Gone, or linked to nothing; reading it says so.
            Err(_) if is_pem => self.add(path)?,
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) -> Result<(), TlsFileProblem> {
        self.files.push(path);
        if self.files.len() > MOST_FILES {
            return Err(self.too_many("`.pem` files", MOST_FILES));
        }
        Ok(())
    }

    fn too_many(&self, what: &'static str, limit: usize) -> TlsFileProblem {
        TlsFileProblem::TooMany { path: self.root.to_owned(), what, limit }
    }
}
