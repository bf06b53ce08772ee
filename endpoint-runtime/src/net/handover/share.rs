//! The parts of a listener that are passed on: its sockets, its lock file, and the duty to remove
//! its files.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use rustix::io::fcntl_dupfd_cloexec;

use crate::error::HandoverProblem;
use crate::net::listener::source::Source;
use crate::net::transport::unix::{Ownership, lockfile};

/// Everything that a successor needs of one listener. The listener continues to accept.
///
/// See [`Succession`](crate::Succession) for an example.
#[derive(Debug)]
pub struct Share {
    pub(super) sockets: Vec<OwnedFd>,
    /// The path of the lock file, and the mark of which process owns the files.
    ///
    /// `None` if the listener has no files, and no path if it has no lock file.
    pub(super) claim: Option<(Option<PathBuf>, Ownership)>,
}

impl Share {
    /// Duplicates the descriptors of a listener; an error if it has no sockets or no descriptor is
    /// free.
    pub(crate) fn new(source: &Source) -> Result<Self, HandoverProblem> {
        const FIRST_FREE: i32 = 3;
        let sockets = source.sockets().ok_or(HandoverProblem::NoSocket)?;
        let copies = sockets.iter().map(|socket| fcntl_dupfd_cloexec(socket.as_fd(), FIRST_FREE));
        let copies = copies.collect::<Result<_, _>>().map_err(|error| HandoverProblem::Start {
            program: PathBuf::new(),
            error: error.into(),
        })?;
        Ok(Self { sockets: copies, claim: source.claim() })
    }

    /// Duplicates the descriptors again, so that the share can be used a second time.
    ///
    /// # Errors
    ///
    /// Returns an error if no descriptors are left.
    pub fn try_clone(&self) -> io::Result<Self> {
        let sockets = self.sockets.iter().map(OwnedFd::try_clone).collect::<Result<_, _>>()?;
        Ok(Self { sockets, claim: self.claim.clone() })
    }

    /// Replaces the process id `from` in the lock file by `to`, if there is a lock file.
    pub(super) fn pass_lock(&self, from: u32, to: u32) -> Result<(), HandoverProblem> {
        let Some((Some(lock), _)) = &self.claim else { return Ok(()) };
        lockfile::pass(lock, from, to)
            .map_err(|error| HandoverProblem::Lock { lock: lock.clone(), error: error.into() })
    }

    /// Marks the files as owned by another process: closing the listener no longer removes them.
    pub(super) fn give_away(&self) {
        if let Some((_, ownership)) = &self.claim {
            ownership.set(false);
        }
    }
}
