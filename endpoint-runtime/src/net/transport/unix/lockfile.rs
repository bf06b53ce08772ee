//! Runs the lock-file state machine of `proto` on a real file system, and releases the lock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open, readlink, rename, symlink, unlink};
use rustix::io::Errno;
use rustix::process::{Pid as SystemPid, test_kill_process};

use super::own_locks::{OwnLock, directory_of, is_own, remove_unless_own};
use super::ownership::Ownership;
use crate::error::{EnvironmentProblem, Operation, Problem};
use crate::proto::lockfile::{Acquire, AcquireError, Fact, Order, Pid, parse_pid};

/// A lock that this process holds until it is dropped.
#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
    ownership: Ownership,
    /// The entry in the list of this process's locks; `None` after the release.
    own: Option<OwnLock>,
}

impl LockFile {
    /// Returns a lock that another process passed to this one. This process owns it once
    /// `ownership` says so.
    pub(crate) fn taken_over(path: PathBuf, ownership: Ownership) -> Result<Self, Problem> {
        match readlink(&path, Vec::new()) {
            Ok(target) if target.as_bytes() == own_pid().as_bytes() => {
                match OwnLock::with(&path, || Ok(())) {
                    Ok(own) => Ok(Self { path, ownership, own: Some(own) }),
                    Err(error) => Err(failed(Operation::Inspect, path, error)),
                }
            }
            Ok(_) => Err(refused(AcquireError::Contended, path)),
            Err(error) => Err(failed(Operation::Inspect, path, error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the lock, unless another process has replaced it.
    pub(crate) fn release(&mut self) -> Result<(), Problem> {
        // Until this function returns, other servers of this process do not treat the lock as
        // stale.
        let _own = self.own.take();
        if !self.ownership.is_ours() {
            return Ok(());
        }
        match readlink(&self.path, Vec::new()) {
            Ok(target) if target.as_bytes() == own_pid().as_bytes() => unlink(&self.path)
                .map_err(|error| failed(Operation::Remove, self.path.clone(), error)),
            _ => Ok(()),
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // `drop` cannot report an error. A remaining lock becomes stale when this process ends.
        let _ = self.release();
    }
}

/// Takes the lock, or reports its holder. May block briefly.
///
/// `is_served` returns whether a process has the socket of the lock. It is needed because a process
/// in another container may have the same number as this one.
pub(crate) fn drive_acquire(
    path: PathBuf,
    ownership: Ownership,
    is_served: impl Fn() -> bool,
) -> Result<LockFile, Problem> {
    let (mut machine, mut order) = Acquire::new();
    let mut made = None;
    loop {
        let target;
        let fact = match order {
            Order::Create => match OwnLock::with(&path, || symlink(own_pid(), &path)) {
                Ok(own) => {
                    made = Some(own);
                    Fact::Created
                }
                Err(Errno::EXIST) => Fact::Exists,
                Err(error) => return Err(failed(Operation::Create, path, error)),
            },
            Order::Read => match readlink(&path, Vec::new()) {
                Ok(found) => {
                    target = found;
                    Fact::Target(target.as_bytes())
                }
                Err(Errno::NOENT) => Fact::Vanished,
                Err(Errno::INVAL) => Fact::NoSymlink,
                Err(error) => return Err(failed(Operation::Inspect, path, error)),
            },
            Order::Probe(pid) => probe(&path, pid, &is_served),
            Order::Remove(pid) => match remove_stale(&path, pid) {
                Ok(()) => Fact::Removed,
                Err(error) => return Err(failed(Operation::Remove, path, error)),
            },
            Order::Acquired => return Ok(LockFile { path, ownership, own: made }),
            Order::Refused(refusal) => return Err(refused(refusal, path)),
        };
        order = machine.next(fact);
    }
}

/// Returns the process whose stale lock would be removed, if any, or an error if the lock is held.
/// Changes nothing. Blocks.
pub(crate) fn look(path: &Path, is_served: impl Fn() -> bool) -> Result<Option<Pid>, Problem> {
    let (mut machine, mut order) = Acquire::new();
    loop {
        let target;
        let fact = match order {
            // If there is no file, the lock is free.
            Order::Create => match readlink(path, Vec::new()) {
                Err(Errno::NOENT) => return Ok(None),
                _ => Fact::Exists,
            },
            Order::Read => match readlink(path, Vec::new()) {
                Ok(found) => {
                    target = found;
                    Fact::Target(target.as_bytes())
                }
                Err(Errno::NOENT) => Fact::Vanished,
                Err(Errno::INVAL) => Fact::NoSymlink,
                Err(error) => return Err(failed(Operation::Inspect, path.to_owned(), error)),
            },
            Order::Probe(pid) => probe(path, pid, &is_served),
            Order::Remove(pid) => return Ok(Some(pid)),
            Order::Acquired => return Ok(None),
            Order::Refused(refusal) => return Err(refused(refusal, path.to_owned())),
        };
        order = machine.next(fact);
    }
}

/// Whether the process that a lock names is running and may therefore hold it.
fn probe(path: &Path, pid: Pid, is_served: impl Fn() -> bool) -> Fact<'static> {
    let is_held = if u32::try_from(pid.get()) == Ok(std::process::id()) {
        is_own(path) || is_served()
    } else {
        is_alive(pid)
    };
    if is_held { Fact::Alive } else { Fact::Gone }
}

/// Changes the process in the lock from `from` to `to`. The lock exists at every moment.
pub(crate) fn pass(path: &Path, from: u32, to: u32) -> Result<(), Errno> {
    match readlink(path, Vec::new()) {
        Ok(target) if target.as_bytes() == from.to_string().as_bytes() => {}
        // Another process has replaced the lock, so it does not belong to this process.
        Ok(_) | Err(Errno::NOENT | Errno::INVAL) => return Ok(()),
        Err(error) => return Err(error),
    }
    let mut new = path.as_os_str().to_owned();
    new.push(format!(".{to}"));
    symlink(to.to_string(), &new)?;
    rename(&new, path).inspect_err(|_| {
        let _ = unlink(&new);
    })
}

/// Whether a running process holds the lock at this path. Changes nothing.
pub(crate) fn has_holder(path: &Path) -> Result<bool, Problem> {
    match readlink(path, Vec::new()) {
        Ok(target) => Ok(parse_pid(target.as_bytes()).is_some_and(is_alive)),
        Err(Errno::NOENT | Errno::INVAL) => Ok(false),
        Err(error) => Err(failed(Operation::Inspect, path.to_owned(), error)),
    }
}

/// Removes a lock of a process that has ended.
///
/// Reading and removing are two steps. Between them, another process could remove the lock and
/// create its own, which would then be removed. So processes queue with a lock on the directory,
/// which leaves no files behind.
fn remove_stale(path: &Path, pid: Pid) -> Result<(), Errno> {
    let _queue = queue_on_directory_of(path)?;
    remove_unless_own(path, || match readlink(path, Vec::new()) {
        Ok(target) if parse_pid(target.as_bytes()) == Some(pid) => match unlink(path) {
            Err(Errno::NOENT) => Ok(()),
            done => done,
        },
        Ok(_) | Err(Errno::NOENT | Errno::INVAL) => Ok(()),
        Err(error) => Err(error),
    })
}

/// Locks the directory. Waits for at most two seconds, because any process that may read the
/// directory can hold the lock.
///
/// Returns `None` if the directory is not readable or the file system cannot lock it. Then there is
/// no queue, as in Twisted.
fn queue_on_directory_of(path: &Path) -> Result<Option<OwnedFd>, Errno> {
    const TURNS: u32 = 200;
    const TURN: Duration = Duration::from_millis(10);

    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(directory) = open(directory_of(path), flags, Mode::empty()) else {
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

/// Whether a process is running, even if this process may not signal it. A zombie is not: it holds
/// nothing anymore.
fn is_alive(pid: Pid) -> bool {
    let is_running = |pid| test_kill_process(pid) != Err(Errno::SRCH) && !is_zombie(pid);
    SystemPid::from_raw(pid.get()).is_some_and(is_running)
}

/// Whether the process has ended but was not reaped, see `pidfd_open(2)`. The first thread
/// of a process may end before the others.
#[cfg(target_os = "linux")]
fn is_zombie(pid: SystemPid) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{PidfdFlags, pidfd_open};
    const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { return false };
    let mut ended = [PollFd::new(&pidfd, PollFlags::IN)];
    poll(&mut ended, Some(&AT_ONCE)).is_ok_and(|count| count > 0)
}

/// Other systems do not report whether a process is a zombie.
#[cfg(not(target_os = "linux"))]
fn is_zombie(_: SystemPid) -> bool {
    false
}

fn own_pid() -> String {
    std::process::id().to_string()
}

fn failed(operation: Operation, path: PathBuf, error: Errno) -> Problem {
    EnvironmentProblem::File { operation, path, error: error.into() }.into()
}

fn refused(refusal: AcquireError, lock: PathBuf) -> Problem {
    match refusal {
        AcquireError::Held(pid) => EnvironmentProblem::Locked { lock, pid: pid.get() },
        AcquireError::NotALock => EnvironmentProblem::NotALock { lock },
        AcquireError::Contended => EnvironmentProblem::LockContended { lock },
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_holder_passes_a_lock_on() {
        let path = std::env::temp_dir().join(format!("passed-{}.lock", std::process::id()));
        let holder = || readlink(&path, Vec::new()).unwrap().into_string().unwrap();
        let _ = unlink(&path);
        pass(&path, 1, 2).unwrap();
        assert_eq!(readlink(&path, Vec::new()), Err(Errno::NOENT), "no lock is made");
        symlink("1", &path).unwrap();
        pass(&path, 1, 2).unwrap();
        assert_eq!(holder(), "2");
        pass(&path, 1, 3).unwrap();
        assert_eq!(holder(), "2", "another process holds it");
        unlink(&path).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_lock_whose_holder_is_a_zombie_is_stale() {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let path = std::env::temp_dir().join(format!("zombie-{}.lock", std::process::id()));
        let _ = unlink(&path);
        let mut cat = std::process::Command::new("cat");
        let mut holder = cat.stdin(std::process::Stdio::piped()).spawn().unwrap();
        symlink(holder.id().to_string(), &path).unwrap();
        let acquire = || drive_acquire(path.clone(), Ownership::new(true), || false);
        assert!(acquire().is_err(), "it runs");
        assert!(has_holder(&path).unwrap());
        drop(holder.stdin.take());
        let pid = SystemPid::from_child(&holder);
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
        assert!(!has_holder(&path).unwrap());
        drop(acquire().unwrap());
        holder.wait().unwrap();
    }

    #[test]
    fn a_lock_of_another_process_is_not_taken_over() {
        let path = std::env::temp_dir().join(format!("taken-{}.lock", std::process::id()));
        let _ = unlink(&path);
        assert!(LockFile::taken_over(path.clone(), Ownership::new(false)).is_err());
        symlink("1", &path).unwrap();
        assert!(LockFile::taken_over(path.clone(), Ownership::new(false)).is_err());
        pass(&path, 1, std::process::id()).unwrap();
        let ownership = Ownership::new(false);
        drop(LockFile::taken_over(path.clone(), ownership.clone()).unwrap());
        assert!(path.is_symlink(), "it was not ours yet");
        ownership.set(true);
        drop(LockFile::taken_over(path.clone(), ownership).unwrap());
        assert!(!path.is_symlink());
    }
}
