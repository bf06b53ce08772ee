//! Detects changes with inotify on Linux.
//!
//! A file counts as unsettled from the first write to it until it is closed.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::fs::statfs;
use rustix::io::Errno;

use super::paths::{Interest, WatchedPaths};
use crate::tls::store::sources::Sources;
use crate::tls::store::unsettled::{FileId, Unsettled, file_id};

/// File systems that other machines can change without an event on this one, by their `f_type` in
/// statfs(2): NFS, SMB (three), FUSE, 9P, Ceph, AFS and Coda.
const NETWORK_FILE_SYSTEMS: [u32; 9] = [
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x6573_5546,
    0x0102_1997,
    0x00c3_6400,
    0x5346_414f,
    0x7375_7245,
];

/// The maximum number of searches for new directories, because a process may create them without
/// end.
const MAX_ROUNDS: usize = 8;

/// Watches the directories on the paths of all files.
pub(super) struct Watches {
    inotify: OwnedFd,
    /// The watched directories by their watch descriptors, and which of their entries matter.
    watched: HashMap<i32, (PathBuf, Interest)>,
    /// Files that were written to and are not closed yet.
    open: HashMap<PathBuf, FileId>,
}

impl Watches {
    /// Watches all sources; returns an error if the kernel cannot report all changes.
    pub(super) fn new(sources: &Sources) -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let mut watches = Self { inotify, watched: HashMap::new(), open: HashMap::new() };
        watches.update(sources)?;
        Ok(watches)
    }

    /// Adds watches for new directories, and removes those of deleted ones.
    pub(super) fn update(&mut self, sources: &Sources) -> io::Result<()> {
        // A directory that is created during a search may be missed, so the search is repeated.
        for _ in 0..MAX_ROUNDS {
            let mut watched: HashMap<_, (PathBuf, Interest)> = HashMap::new();
            for (directory, interest) in WatchedPaths::new(sources).0 {
                let watch = self.watch(&directory, &interest)?;
                // inotify returns the same descriptor for a directory that has several paths.
                let entry =
                    watched.entry(watch).or_insert_with(|| (directory, Interest::default()));
                entry.1.join(interest);
            }
            let is_new = watched.keys().any(|watch| !self.watched.contains_key(watch));
            for removed in self.watched.keys().filter(|watch| !watched.contains_key(watch)) {
                // The kernel has already removed the watches of deleted directories.
                let _ = inotify::remove_watch(&self.inotify, *removed);
            }
            self.watched = watched;
            if !is_new {
                break;
            }
        }
        Ok(())
    }

    /// Watches a directory; returns an error for a file system of a network.
    fn watch(&self, directory: &Path, interest: &Interest) -> io::Result<i32> {
        let kind = statfs(directory)?.f_type;
        if NETWORK_FILE_SYSTEMS.iter().any(|it| i128::from(*it) == i128::from(kind)) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let mut flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::MASK_ADD
            | WatchFlags::ONLYDIR;
        if interest.all || interest.files {
            flags |= WatchFlags::ATTRIB | WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE;
        }
        Ok(inotify::add_watch(&self.inotify, directory, flags)?)
    }

    /// Reads events, and returns whether one of them may change what is loaded.
    pub(super) fn drive_events(&mut self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = Reader::new(&self.inotify, &mut buffer);
        let mut happened = Vec::new();
        loop {
            match events.next() {
                Ok(event) => {
                    let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
                    happened.push((event.wd(), event.events(), name.map(OsString::from)));
                }
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        let mut matters = false;
        for (watch, what, name) in happened {
            matters |= self.handle(watch, what, name.as_deref());
        }
        matters
    }

    /// Records whether a file is open for writing, and returns whether the event matters.
    fn handle(&mut self, watch: i32, what: ReadFlags, name: Option<&OsStr>) -> bool {
        if what.contains(ReadFlags::QUEUE_OVERFLOW) {
            // Close events may be lost, so all files count as closed.
            self.open.clear();
            return true;
        }
        let Some((directory, interest)) = self.watched.get(&watch) else { return false };
        let Some(name) = name else {
            // An event of the directory itself; changes of its attributes do not matter.
            return what
                .intersects(ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT);
        };
        let comes_or_goes =
            ReadFlags::CREATE | ReadFlags::DELETE | ReadFlags::MOVED_FROM | ReadFlags::MOVED_TO;
        let is_pem = name.as_bytes().to_ascii_lowercase().ends_with(b"pem");
        let matters = interest.names.contains(name)
            || interest.all && (is_pem || what.intersects(comes_or_goes));
        if !matters {
            return false;
        }
        let path = directory.join(name);
        if what.contains(ReadFlags::MODIFY) {
            // The written file is in this directory, so a link is not followed.
            if let Ok(metadata) = fs::symlink_metadata(&path) {
                self.open.insert(path, file_id(&metadata));
            }
        } else if what.contains(ReadFlags::CLOSE_WRITE) {
            self.open.remove(&path);
        }
        true
    }

    /// The files that are open for writing.
    pub(super) fn unsettled(&mut self) -> Unsettled {
        // A file that was moved or replaced while it was open counts as settled.
        let is_there = |path: &PathBuf, file: FileId| {
            fs::symlink_metadata(path).is_ok_and(|it| file_id(&it) == file)
        };
        self.open.retain(|path, file| is_there(path, *file));
        self.open.values().copied().collect()
    }
}

impl AsFd for Watches {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}
