//! A child process and its process group: waiting for its end, and terminating it.
//!
//! Rules:
//! 1. The child is not reaped while a handle exists. After that its process id may belong to
//!    another process, and so may the id of its group, which is the same number.
//! 2. The thread that drops the last handle sends SIGTERM to the group immediately.
//! 3. After the grace period, the remaining processes of the group get SIGKILL. After
//!    `end_grace_period`, they get it immediately. The child is reaped as soon as it has exited.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_io::{Async, Timer};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitIdOptions, test_kill_process_group};
use smol::channel::{Receiver, Sender, bounded};
use smol::future::{FutureExt, zip};

use super::driver::{grace_ended, has_grace_ended};
use super::handle::{Exit, ProcessHandle, Program, signal_group};
use super::wait::{look, wait};
use crate::children::disown;

/// How often to check whether a group has a process left after its first one has exited. No event
/// reports that.
const GROUP_TICK: Duration = Duration::from_millis(10);

/// A child process that was started for a connection, and that leads a group with the same id.
pub(super) struct Child {
    pid: Pid,
    /// Readable once the child has exited. If `None`, a thread waits for the exit.
    end_event: Option<Async<OwnedFd>>,
    exit: Exit,
    /// Closed when the exit status is set, to notify the handles.
    ended: Sender<Infallible>,
    /// Closed by the drop of the last handle.
    let_go: Receiver<Infallible>,
}

impl Child {
    pub(super) fn new(pid: Pid, program: Program) -> (Self, ProcessHandle) {
        let (hold, when_let_go) = bounded(1);
        let (ended, when_ended) = bounded(1);
        let exit = Exit { status: Arc::default(), ended: when_ended };
        let handle = ProcessHandle::new(pid, program, exit.clone(), hold);
        (Self { pid, end_event: end_event(pid), exit, ended, let_go: when_let_go }, handle)
    }

    /// Waits until the child is reaped and no process of its group is left.
    pub(super) async fn attend(self, grace: Duration) {
        zip(self.watch(), self.end(grace)).await;
    }

    /// Waits for the exit status of the child without reaping it, and stores it for the handles.
    async fn watch(&self) {
        if let Some(event) = &self.end_event {
            while event.readable().await.is_ok() && look(self.pid) == Ok(None) {}
        }
        let mut ended = look(self.pid);
        if ended == Ok(None) {
            let pid = self.pid;
            ended = smol::unblock(move || wait(pid, WaitIdOptions::NOWAIT)).await;
        }
        let status = ended.transpose().unwrap_or(Err(Errno::CHILD));
        let _ = self.exit.status.set(status);
        self.ended.close();
    }

    /// Once no handle is left, waits for the group to exit within `grace`, or kills it.
    async fn end(&self, grace: Duration) {
        let _ = self.let_go.recv().await;
        // A grace period beyond the range of `Instant` has no end.
        let deadline = Instant::now().checked_add(grace);
        let late = async {
            let no_time = async {
                deadline.map_or_else(Timer::never, Timer::at).await;
            };
            no_time.or(grace_ended()).await;
            None
        };
        let in_time = async { Some(self.exit.wait().await) };
        if in_time.or(late).await.is_none() {
            signal_group(self.pid, Signal::KILL);
        }
        if self.exit.wait().await.is_err() {
            disown(self.pid);
        } else {
            let _ = wait(self.pid, WaitIdOptions::NOHANG);
            disown(self.pid);
            self.end_rest(deadline).await;
        }
    }

    /// Waits until the group has no process left; at the deadline, kills the remaining ones.
    ///
    /// Other processes cannot get the id of a group that has a process. Without a deadline it waits
    /// forever.
    async fn end_rest(&self, deadline: Option<Instant>) {
        while test_kill_process_group(self.pid).is_ok() {
            if has_grace_ended() || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                signal_group(self.pid, Signal::KILL);
                return;
            }
            Timer::after(GROUP_TICK).await;
        }
    }
}

/// Opens an event for the exit of the child: a pidfd (Linux 5.3). `None` if that is impossible.
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
fn end_event(pid: Pid) -> Option<Async<OwnedFd>> {
    use rustix::process::{PidfdFlags, pidfd_open};
    crate::reactor::open_async_io().ok()?;
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    Async::new_nonblocking(pidfd).ok()
}

#[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
fn end_event(_: Pid) -> Option<Async<OwnedFd>> {
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child as Started, Command};

    use super::*;

    fn start(script: &str) -> Started {
        Command::new("sh").args(["-c", script]).process_group(0).spawn().unwrap()
    }

    fn child_of(started: &Started) -> (Child, ProcessHandle) {
        Child::new(Pid::from_child(started), Program::default())
    }

    #[test]
    fn without_an_event_a_thread_waits() {
        let mut started = start("exit 3");
        let (mut child, handle) = child_of(&started);
        child.end_event = None;
        let held = async move { handle.exit_status().await.unwrap().code() };
        let ((), code) = smol::block_on(zip(child.attend(Duration::MAX), held));
        assert_eq!(code, Some(3));
        let again = started.wait().map_err(|error| error.raw_os_error());
        assert_eq!(again, Err(Some(Errno::CHILD.raw_os_error())), "it is reaped");
    }

    #[test]
    fn a_child_that_other_code_has_reaped_is_left_alone() {
        let mut started = start("exit 3");
        let (child, handle) = child_of(&started);
        started.wait().unwrap();
        let held = async move { handle.exit_status().await.unwrap_err().raw_os_error() };
        let ((), error) = smol::block_on(zip(child.attend(Duration::MAX), held));
        assert_eq!(error, Some(Errno::CHILD.raw_os_error()));
    }
}
