//! A child and its process group: its number, how it ended, and its end where nobody waits for it.
//!
//! Rules:
//! 1. The child is not reaped while anybody holds its facts: a number that was given back may
//!    belong to another process by the time that a signal is sent to it, and so may the number of
//!    the group, which is the same.
//! 2. When the last holder goes, the group gets SIGTERM at once, in whatever thread that is.
//! 3. What is left of the group after the grace, or when nobody has time any more, gets SIGKILL.
//!    The child is reaped as soon as it has ended.

use core::fmt;
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use async_io::{Async, Timer};
use rustix::fd::OwnedFd;
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
};
use smol::channel::{Receiver, Sender, bounded};
use smol::future::{FutureExt, zip};

use super::driver::{hurried, is_hurried};
use super::terminal::{Terminal, WindowSize};
use crate::children::{disown, status};
use crate::reactor::open_async_io;

/// How often a group is asked whether it has any process left, once its first one has ended: no
/// event tells.
const GROUP_TICK: Duration = Duration::from_millis(10);

/// What is known of a program that was started for a connection.
///
/// Whoever holds a copy keeps the program: it is ended when the connection and every copy are
/// dropped. The group of processes that it has started, as far as they have not left it, gets
/// SIGTERM then, and SIGKILL after the [grace](crate::plan::ProcessSpawn::grace).
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # smol::block_on(async {
/// let client = endpoint_runtime::client_from_string("process:sh:-c:exit 3")?;
/// let connection = client.connect().await?;
/// let process = connection.process().unwrap().clone();
/// assert_eq!(process.exit_status().await?.code(), Some(3));
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Clone)]
pub struct ProcessFacts(Arc<Held>);

struct Held {
    pid: Pid,
    executable: PathBuf,
    exit: Exit,
    terminal: Weak<Terminal>,
    /// The same, where its connection is gone and it must not hang up.
    kept: OnceLock<Arc<Terminal>>,
    /// Its end is what the child's attendant waits for.
    _hold: Sender<Infallible>,
}

/// How the child ended, once it has.
#[derive(Clone)]
struct Exit {
    status: Arc<OnceLock<Result<ExitStatus, Errno>>>,
    /// Closed when the status is there.
    ended: Receiver<Infallible>,
}

impl Exit {
    async fn wait(&self) -> Result<ExitStatus, Errno> {
        let _ = self.ended.recv().await;
        self.status.get().copied().unwrap_or(Err(Errno::CHILD))
    }
}

impl ProcessFacts {
    /// The process number; it belongs to nobody else while these facts are held.
    pub fn pid(&self) -> u32 {
        self.0.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// The program, as the plan names it.
    pub fn executable(&self) -> &Path {
        &self.0.executable
    }

    /// Waits until the program ends, and says how; what it has started may run on.
    ///
    /// It may be asked for any number of times, from any thread.
    ///
    /// # Errors
    ///
    /// A process that ignores SIGCHLD is not told how its children end.
    pub async fn exit_status(&self) -> io::Result<ExitStatus> {
        Ok(self.0.exit.wait().await?)
    }

    /// How the program ended; `None` while it runs.
    ///
    /// # Errors
    ///
    /// A process that ignores SIGCHLD is not told how its children end.
    pub fn try_exit_status(&self) -> io::Result<Option<ExitStatus>> {
        match self.0.exit.status.get() {
            Some(status) => Ok(Some((*status)?)),
            None => Ok(look(self.0.pid)?),
        }
    }

    /// Gives the program's terminal the size of ours, or this one, and tells the program
    /// (SIGWINCH).
    ///
    /// Call it when SIGWINCH arrives here. Without effect if the program has no terminal, if its
    /// connection is dropped, or if `size` is `None` and we have no terminal ourselves.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn resize(&self, size: Option<WindowSize>) -> io::Result<()> {
        match (self.0.terminal.upgrade(), size.or_else(WindowSize::ours)) {
            (Some(terminal), Some(size)) => terminal.resize(size),
            _ => Ok(()),
        }
    }

    /// Keeps the terminal until the last holder of these facts goes.
    pub(super) fn keep_terminal(&self, terminal: &Arc<Terminal>) {
        let _ = self.0.kept.set(Arc::clone(terminal));
    }
}

impl fmt::Debug for ProcessFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessFacts")
            .field("pid", &self.pid())
            .field("executable", &self.0.executable)
            .field("exit", &self.0.exit.status.get())
            .finish_non_exhaustive()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(Err(_)) = self.exit.status.get() {
            // Somebody else has reaped it: its number is not ours any more.
            return;
        }
        signal_group(self.pid, Signal::TERM);
        // One that is stopped would not see it.
        signal_group(self.pid, Signal::CONT);
    }
}

/// One that has ended already, or became somebody else's, cannot be helped.
fn signal_group(pid: Pid, signal: Signal) {
    let _ = kill_process_group(pid, signal);
}

/// A child that was started just now, the first of a group with its own number.
pub(super) struct Child {
    pid: Pid,
    /// Readable once it has ended; without it a thread waits.
    end_event: Option<Async<OwnedFd>>,
    exit: Exit,
    ended: Sender<Infallible>,
    let_go: Receiver<Infallible>,
}

impl Child {
    pub(super) fn new(
        pid: Pid,
        executable: PathBuf,
        terminal: Weak<Terminal>,
    ) -> (Self, ProcessFacts) {
        let (hold, when_let_go) = bounded(1);
        let (ended, when_ended) = bounded(1);
        let exit = Exit { status: Arc::default(), ended: when_ended };
        let facts = Held {
            pid,
            executable,
            exit: exit.clone(),
            terminal,
            kept: OnceLock::new(),
            _hold: hold,
        };
        (
            Self { pid, end_event: end_event(pid), exit, ended, let_go: when_let_go },
            ProcessFacts(Arc::new(facts)),
        )
    }

    /// Follows the child until it is reaped and nothing is left of its group.
    pub(super) async fn attend(self, grace: Duration) {
        zip(self.watch(), self.end(grace)).await;
    }

    /// Learns how it ends, without reaping it.
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

    /// Ends what nobody holds any more.
    async fn end(&self, grace: Duration) {
        let _ = self.let_go.recv().await;
        // A grace beyond all times is one without end.
        let deadline = Instant::now().checked_add(grace);
        let late = async {
            let no_time = async {
                deadline.map_or_else(Timer::never, Timer::at).await;
            };
            no_time.or(hurried()).await;
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

    /// Waits for the others of the group, whose number is theirs as long as there is one of them.
    async fn end_rest(&self, deadline: Option<Instant>) {
        while test_kill_process_group(self.pid).is_ok() {
            if is_hurried() || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                signal_group(self.pid, Signal::KILL);
                return;
            }
            Timer::after(GROUP_TICK).await;
        }
    }
}

/// An event for the end of the child, where the system has one (Linux 5.3).
#[cfg(target_os = "linux")]
fn end_event(pid: Pid) -> Option<Async<OwnedFd>> {
    use rustix::process::{PidfdFlags, pidfd_open};
    open_async_io().ok()?;
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    Async::new_nonblocking(pidfd).ok()
}

#[cfg(not(target_os = "linux"))]
fn end_event(_: Pid) -> Option<Async<OwnedFd>> {
    None
}

/// How the child has ended, if it has; it is not reaped.
fn look(pid: Pid) -> Result<Option<ExitStatus>, Errno> {
    wait(pid, WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG)
}

fn wait(pid: Pid, options: WaitIdOptions) -> Result<Option<ExitStatus>, Errno> {
    let ended = retry_on_intr(|| waitid(WaitId::Pid(pid), options | WaitIdOptions::EXITED))?;
    Ok(ended.map(|ended| status(&ended)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Child as Started, Command};

    use super::*;

    fn start(script: &str) -> Started {
        Command::new("sh").args(["-c", script]).process_group(0).spawn().unwrap()
    }

    fn child_of(started: &Started) -> (Child, ProcessFacts) {
        Child::new(Pid::from_child(started), "sh".into(), Weak::new())
    }

    #[test]
    fn without_an_event_a_thread_waits() {
        let mut started = start("exit 3");
        let (mut child, facts) = child_of(&started);
        child.end_event = None;
        let held = async move { facts.exit_status().await.unwrap().code() };
        let ((), code) = smol::block_on(zip(child.attend(Duration::MAX), held));
        assert_eq!(code, Some(3));
        let again = started.wait().map_err(|error| error.raw_os_error());
        assert_eq!(again, Err(Some(Errno::CHILD.raw_os_error())), "it is reaped");
    }

    #[test]
    fn a_child_that_somebody_else_has_reaped_is_left_alone() {
        let mut started = start("exit 3");
        let (child, facts) = child_of(&started);
        started.wait().unwrap();
        let held = async move { facts.exit_status().await.unwrap_err().raw_os_error() };
        let ((), error) = smol::block_on(zip(child.attend(Duration::MAX), held));
        assert_eq!(error, Some(Errno::CHILD.raw_os_error()));
    }

    #[test]
    fn a_status_is_what_std_makes_of_it() {
        let mut started = start("ulimit -c 0; kill -ABRT $$");
        let pid = Pid::from_child(&started);
        let ended = wait(pid, WaitIdOptions::NOWAIT).unwrap().unwrap();
        assert_eq!(ended, started.wait().unwrap(), "std reads the same");
        assert_eq!((ended.code(), ended.signal()), (None, Some(6)));
    }
}
