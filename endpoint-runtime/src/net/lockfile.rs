//! Drives the lock-file machine of `proto` with a real file system, and lets go of the lock at the end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open, readlink, symlink, unlink};
use rustix::io::Errno;
use rustix::process::{Pid as SystemPid, test_kill_process};

use crate::error::{Doing, EnvironmentProblem, Problem};
use crate::proto::lockfile::{Acquire, Fact, Order, Pid, Refusal, parse_pid};

/// A lock that this process holds until it is dropped.
#[derive(Debug)]
pub(super) struct LockFile {
    path: PathBuf,
}

impl LockFile {
    /// Gives the lock back, unless somebody took it away from us.
    pub(super) fn release(&mut self) -> Result<(), Problem> {
        match readlink(&self.path, Vec::new()) {
            Ok(target) if target.as_bytes() == own_pid().as_bytes() => {
                unlink(&self.path).map_err(|error| failed(Doing::Remove, self.path.clone(), error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Nobody is there to hear of a failure; a lock left behind is stale once this process is gone.
        let _ = self.release();
    }
}

/// Takes the lock, or says who holds it. Blocks for a moment at worst.
pub(super) fn drive_acquire(path: PathBuf) -> Result<LockFile, Problem> {
    let (mut machine, mut order) = Acquire::new();
    loop {
        let target;
        let fact = match order {
            Order::Create => match symlink(own_pid(), &path) {
                Ok(()) => Fact::Created,
                Err(Errno::EXIST) => Fact::Exists,
                Err(error) => return Err(failed(Doing::Create, path, error)),
            },
            Order::Read => match readlink(&path, Vec::new()) {
                Ok(found) => {
                    target = found;
                    Fact::Target(target.as_bytes())
                }
                Err(Errno::NOENT) => Fact::Vanished,
                Err(Errno::INVAL) => Fact::NoSymlink,
                Err(error) => return Err(failed(Doing::Inspect, path, error)),
            },
            Order::Probe(pid) if is_alive(pid) => Fact::Alive,
            Order::Probe(_) => Fact::Gone,
            Order::Remove(pid) => match remove_stale(&path, pid) {
                Ok(()) => Fact::Removed,
                Err(error) => return Err(failed(Doing::Remove, path, error)),
            },
            Order::Acquired => return Ok(LockFile { path }),
            Order::Refused(refusal) => return Err(refused(refusal, path)),
        };
        order = machine.next(fact);
    }
}

/// Whether a running process holds the lock; looks, and touches nothing.
pub(super) fn is_held(path: &Path) -> Result<bool, Problem> {
    match readlink(path, Vec::new()) {
        Ok(target) => Ok(parse_pid(target.as_bytes()).is_some_and(is_alive)),
        Err(Errno::NOENT | Errno::INVAL) => Ok(false),
        Err(error) => Err(failed(Doing::Inspect, path.to_owned(), error)),
    }
}

/// Removes a lock that names a process which is gone.
///
/// Reading and removing are two steps. Were they not kept together, a second taker could remove the lock that the
/// first one has just made; so takers queue on the directory, which leaves nothing behind.
fn remove_stale(path: &Path, pid: Pid) -> Result<(), Errno> {
    let _queue = queue_on_directory_of(path)?;
    match readlink(path, Vec::new()) {
        Ok(target) if parse_pid(target.as_bytes()) == Some(pid) => match unlink(path) {
            Err(Errno::NOENT) => Ok(()),
            done => done,
        },
        Ok(_) | Err(Errno::NOENT | Errno::INVAL) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Waits for our turn, for two seconds at most: anybody who may read the directory can hold the queue up.
///
/// Without the right to read the directory, or where the file system cannot lock one, there is no queue, as in
/// Twisted.
fn queue_on_directory_of(path: &Path) -> Result<Option<OwnedFd>, Errno> {
    const TURNS: u32 = 200;
    const TURN: Duration = Duration::from_millis(10);

    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(directory) = open(directory, flags, Mode::empty()) else {
        return Ok(None);
    };
    for _ in 0..TURNS {
        match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Some(directory)),
            Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::sleep(TURN),
            Err(_) => return Ok(None),
        }
    }
    Err(Errno::WOULDBLOCK)
}

/// Whether there is such a process; one that we may not signal is one.
fn is_alive(pid: Pid) -> bool {
    SystemPid::from_raw(pid.get()).is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

fn own_pid() -> String {
    std::process::id().to_string()
}

fn failed(doing: Doing, path: PathBuf, error: Errno) -> Problem {
    EnvironmentProblem::File { doing, path, error: error.into() }.into()
}

fn refused(refusal: Refusal, lock: PathBuf) -> Problem {
    match refusal {
        Refusal::Held(pid) => EnvironmentProblem::Locked { lock, pid: pid.get() },
        Refusal::NotALock => EnvironmentProblem::NotALock { lock },
        Refusal::Contended => EnvironmentProblem::LockContended { lock },
    }
    .into()
}
