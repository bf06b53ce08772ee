//! Changes as Linux tells of them.
//!
//! A file that is being written counts as unsettled until whoever writes it closes it.

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

use super::trail::{Interest, Trail};
use super::unsettled::{FileId, Unsettled, id};
use crate::plan::TlsAccept;

/// File systems that others change without this kernel's knowledge, by their numbers in `statfs`(2): NFS, SMB (three),
/// FUSE, 9P, Ceph, AFS and Coda.
const SHARED: [u32; 9] = [
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

/// How often to look for new directories before going on: somebody may never stop making them.
const MOST_ROUNDS: usize = 8;

/// Watches directories.
pub(super) struct Watches {
    inotify: OwnedFd,
    watched: HashMap<i32, (PathBuf, Interest)>,
    /// The files that were written to, and not closed yet.
    open: HashMap<PathBuf, FileId>,
}

impl Watches {
    /// Watches everything that a server reads again; an error where the kernel cannot tell of all changes.
    pub(super) fn on(plan: &TlsAccept) -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let mut watches = Self { inotify, watched: HashMap::new(), open: HashMap::new() };
        watches.follow(plan)?;
        Ok(watches)
    }

    /// Watches what has come since, and nothing that has gone.
    pub(super) fn follow(&mut self, plan: &TlsAccept) -> io::Result<()> {
        // What comes while directories are looked through is in none of the lists, so it takes another look.
        for _ in 0..MOST_ROUNDS {
            let mut watched: HashMap<_, (PathBuf, Interest)> = HashMap::new();
            for (directory, interest) in Trail::of(plan).0 {
                let watch = self.watch(&directory, &interest)?;
                // By another name, it may be there already.
                let entry =
                    watched.entry(watch).or_insert_with(|| (directory, Interest::default()));
                entry.1.join(interest);
            }
            let is_new = watched.keys().any(|watch| !self.watched.contains_key(watch));
            for gone in self.watched.keys().filter(|watch| !watched.contains_key(watch)) {
                // The kernel has removed those of directories that are no more.
                let _ = inotify::remove_watch(&self.inotify, *gone);
            }
            self.watched = watched;
            if !is_new {
                break;
            }
        }
        Ok(())
    }

    fn watch(&self, directory: &Path, interest: &Interest) -> io::Result<i32> {
        let kind = statfs(directory)?.f_type;
        if SHARED.iter().any(|shared| i128::from(*shared) == i128::from(kind)) {
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

    /// Takes in what has happened; whether something of it matters.
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
            matters |= self.heard(watch, what, name.as_deref());
        }
        matters
    }

    fn heard(&mut self, watch: i32, what: ReadFlags, name: Option<&OsStr>) -> bool {
        if what.contains(ReadFlags::QUEUE_OVERFLOW) {
            // Whoever has closed their file meanwhile, nobody knows any more.
            self.open.clear();
            return true;
        }
        let Some((directory, interest)) = self.watched.get(&watch) else { return false };
        let Some(name) = name else {
            // Something about the directory itself; its attributes do not matter.
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
            if let Ok(metadata) = fs::metadata(&path) {
                self.open.insert(path, id(&metadata));
            }
        } else if what.contains(ReadFlags::CLOSE_WRITE) {
            self.open.remove(&path);
        }
        true
    }

    /// The files that are being written.
    pub(super) fn unsettled(&mut self) -> Unsettled {
        // One that was moved has settled.
        self.open.retain(|path, file| fs::metadata(path).is_ok_and(|it| id(&it) == *file));
        self.open.values().copied().collect()
    }
}

impl AsFd for Watches {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}
