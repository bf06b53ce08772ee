//! The files of a directory of certificates: those whose names end in `.pem`, as in Twisted, wherever they are below it.
//!
//! Links are followed, since certbot's `live` has nothing else. Directories whose names begin with two dots are left
//! out: Kubernetes keeps in them what it links to, and what is linked to is there already.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::super::pem::PemFile;
use super::super::watch::Unsettled;
use crate::error::TlsFileProblem;

/// How many entries of directories may be looked at, and how deep directories may be.
const MOST_ENTRIES: usize = 65_536;
const DEEPEST: usize = 16;

/// How many files there may be, and how many bytes in them.
const MOST_FILES: usize = 4096;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The longest file that is read; a certificate with its chain takes a hundredth of it.
pub(crate) const LONGEST: u64 = 1024 * 1024;

/// What is below a directory.
pub(crate) struct Found {
    /// The directories, those above others first.
    pub(crate) directories: Vec<PathBuf>,
    /// The files, in the order of their names.
    pub(crate) files: Vec<PathBuf>,
}

/// Looks for what is below a directory, itself included; a path may also be that of one file. Blocks.
///
/// A directory below it that cannot be read is a problem, and takes nobody else down.
pub(crate) fn search(
    path: &Path,
    problems: &mut Vec<TlsFileProblem>,
) -> Result<Found, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::Unreadable { path: path.to_owned(), error };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    let found = Found { directories: Vec::new(), files: Vec::new() };
    if !metadata.is_dir() {
        return Ok(Found { files: vec![path.to_owned()], ..found });
    }
    let tally = Tally::of(path);
    let mut search = Search { root: path, entries: 0, tally, seen: HashSet::new(), found };
    search.enter(path, &metadata, 0, problems)?.map_err(unreadable)?;
    search.found.files.sort();
    Ok(search.found)
}

/// What was found at a path.
pub(super) enum Read {
    File(PemFile),
    /// Neither a file nor a link to one.
    Other,
    /// Somebody is writing it.
    Unsettled,
}

/// Reads a file that was found. Blocks.
pub(super) fn read(path: &Path, unsettled: &Unsettled) -> Result<Read, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::Unreadable { path: path.to_owned(), error };
    let Some((file, metadata)) = open(path).map_err(unreadable)? else { return Ok(Read::Other) };
    if unsettled.contains(&metadata) {
        return Ok(Read::Unsettled);
    }
    PemFile::read_at_most(path, file, LONGEST).map(Read::File)
}

/// Opens a regular file; `None` where there is something else.
///
/// It waits for nobody: a FIFO would wait for somebody who writes.
pub(crate) fn open(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// Counts the files of a directory, until there are too many.
pub(crate) struct Tally<'a> {
    root: &'a Path,
    files: usize,
    bytes: u64,
}

impl<'a> Tally<'a> {
    pub(crate) fn of(root: &'a Path) -> Self {
        Self { root, files: 0, bytes: 0 }
    }

    /// Counts a file, and as many of its bytes as are read of it.
    pub(crate) fn add(&mut self, bytes: u64) -> Result<(), TlsFileProblem> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.files > MOST_FILES {
            return Err(too_many(self.root, "`.pem` files", MOST_FILES));
        }
        if self.bytes > MOST_BYTES as u64 {
            return Err(too_many(self.root, "bytes in `.pem` files", MOST_BYTES));
        }
        Ok(())
    }
}

fn too_many(root: &Path, what: &'static str, limit: usize) -> TlsFileProblem {
    TlsFileProblem::TooMany { path: root.to_owned(), what, limit }
}

struct Search<'a> {
    root: &'a Path,
    entries: usize,
    tally: Tally<'a>,
    /// The directories that were entered: links may go round in circles.
    seen: HashSet<(u64, u64)>,
    found: Found,
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
            return Err(too_many(self.root, "levels of directories", DEEPEST));
        }
        if !self.seen.insert((metadata.dev(), metadata.ino())) {
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
            if self.entries > MOST_ENTRIES {
                return Err(too_many(self.root, "entries", MOST_ENTRIES));
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
            Ok(metadata) if metadata.is_dir() && !name.starts_with(b"..") => {
                let entered = self.enter(&path, &metadata, depth + 1, problems)?;
                let unreadable = |error| TlsFileProblem::Unreadable { path, error };
                problems.extend(entered.err().map(unreadable));
            }
            Ok(metadata) if metadata.is_file() && is_pem => {
                self.add(path, metadata.len().min(LONGEST))?;
            }
            // Gone, or linked to nothing; reading it says so.
            Err(_) if is_pem => self.add(path, 0)?,
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf, bytes: u64) -> Result<(), TlsFileProblem> {
        self.found.files.push(path);
        self.tally.add(bytes)
    }
}
