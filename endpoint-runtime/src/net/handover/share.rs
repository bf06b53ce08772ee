//! What a listener passes on: its sockets, its lock file, and the duty to remove what stands in the
//! file system.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use rustix::io::fcntl_dupfd_cloexec;

use crate::error::HandoverProblem;
use crate::net::listener::source::Source;
use crate::net::transport::unix::{Ownership, lockfile};

/// What a successor needs of one listener, which goes on meanwhile.
#[derive(Debug)]
pub struct Share {
    pub(super) sockets: Vec<OwnedFd>,
    /// The lock file, and whose the files are; neither where there are none.
    pub(super) claim: Option<(Option<PathBuf>, Ownership)>,
}

impl Share {
    /// The descriptors of a listener under further numbers.
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

    /// The same, with further copies of the descriptors.
    ///
    /// # Errors
    ///
    /// No more descriptors can be had.
    pub fn try_clone(&self) -> io::Result<Self> {
        let sockets = self.sockets.iter().map(OwnedFd::try_clone).collect::<Result<_, _>>()?;
        Ok(Self { sockets, claim: self.claim.clone() })
    }

    /// Has the lock file name another process in place of this one, or the other way round.
    pub(super) fn pass_lock(&self, from: u32, to: u32) -> Result<(), HandoverProblem> {
        let Some((Some(lock), _)) = &self.claim else { return Ok(()) };
        lockfile::pass(lock, from, to)
            .map_err(|error| HandoverProblem::Lock { lock: lock.clone(), error: error.into() })
    }

    /// The files are another process's from now on.
    pub(super) fn give_away(&self) {
        if let Some((_, ownership)) = &self.claim {
            ownership.set(false);
        }
    }
}
