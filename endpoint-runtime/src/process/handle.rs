//! Handles of running programs: process ids, pipes, signals and exit statuses.

use core::fmt;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use smol::channel::{Receiver, Sender};

use super::child_fd::{Direction, OurEnd};
use super::pipe::{ChildReader, ChildWriter, Pipe};
use super::terminal::{Terminal, WindowSize};
use super::wait::look;
use crate::sys::child::send_signal;

/// A handle of the program that was started for a connection.
///
/// The program is terminated when its connection and all clones of the handle are dropped. The
/// processes of its group then get SIGTERM, and SIGKILL after the [grace
/// period](crate::plan::ProcessSpawn::grace).
///
/// Corresponds to Twisted's `IProcessTransport`, without writing to standard input, and to
/// `processEnded`.
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
pub struct ProcessHandle(Arc<Shared>);

struct Shared {
    pid: Pid,
    executable: PathBuf,
    exit: Exit,
    pipes: BTreeMap<RawFd, SharedEnd>,
    /// The program's terminal, which belongs to the connection; empty if it has none.
    terminal: Weak<Terminal>,
    /// Owns the terminal after its connection was dropped. The hang-up then waits for the last
    /// handle.
    kept: OnceLock<Arc<Terminal>>,
    /// Never used to send. Its drop with the last handle notifies the task of the child.
    _hold: Sender<Infallible>,
}

/// A pipe to or from the program, which at most one stream can take.
struct SharedEnd {
    pipe: Pipe,
    direction: Direction,
    /// Whether a stream has taken the pipe, and will close it.
    taken: AtomicBool,
}

/// The exit status of the child, shared by its handles and its task.
#[derive(Clone)]
pub(super) struct Exit {
    /// Empty until the child has exited; an error if the system cannot report the status.
    pub(super) status: Arc<OnceLock<Result<ExitStatus, Errno>>>,
    /// Closed when the status is set, which wakes all tasks that wait for it.
    pub(super) ended: Receiver<Infallible>,
}

impl Exit {
    /// Waits until the status is set. ECHILD if the task ended without one.
    pub(super) async fn wait(&self) -> Result<ExitStatus, Errno> {
        let _ = self.ended.recv().await;
        self.status.get().copied().unwrap_or(Err(Errno::CHILD))
    }
}

/// What a handle is created from: the program's path, its pipes and its terminal.
#[derive(Default)]
pub(super) struct Program {
    pub(super) executable: PathBuf,
    pub(super) pipes: BTreeMap<RawFd, OurEnd>,
    pub(super) terminal: Weak<Terminal>,
}

impl ProcessHandle {
    pub(super) fn new(pid: Pid, program: Program, exit: Exit, hold: Sender<Infallible>) -> Self {
        let Program { executable, pipes, terminal } = program;
        let shared = |OurEnd { pipe, direction }| SharedEnd {
            pipe,
            direction,
            taken: AtomicBool::new(false),
        };
        let pipes = pipes.into_iter().map(|(number, end)| (number, shared(end))).collect();
        let kept = OnceLock::new();
        Self(Arc::new(Shared { pid, executable, exit, pipes, terminal, kept, _hold: hold }))
    }

    /// The process id. No other process gets it while a handle exists.
    pub fn pid(&self) -> u32 {
        self.0.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// The program, as named in the plan.
    pub fn executable(&self) -> &Path {
        &self.0.executable
    }

    /// Waits until the program has exited, and returns its exit status or the signal that killed
    /// it.
    ///
    /// Its own child processes may continue to run. Any number of tasks may wait.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends only this wait; the program continues.
    ///
    /// # Errors
    ///
    /// Returns an error if this process ignores SIGCHLD: then the system does not report exit
    /// statuses.
    pub async fn exit_status(&self) -> io::Result<ExitStatus> {
        Ok(self.0.exit.wait().await?)
    }

    /// The exit status of the program; `None` while it is running.
    ///
    /// # Errors
    ///
    /// Returns an error if this process ignores SIGCHLD: then the system does not report exit
    /// statuses.
    pub fn try_exit_status(&self) -> io::Result<Option<ExitStatus>> {
        match self.0.exit.status.get() {
            Some(status) => Ok(Some((*status)?)),
            None => Ok(look(self.0.pid)?),
        }
    }

    /// Sends a signal to the program, by its number on this system.
    ///
    /// Other processes of its group do not get the signal.
    /// [`ExitStatusExt::signal`](std::os::unix::process::ExitStatusExt::signal) is the signal that
    /// killed a program.
    ///
    /// Corresponds to `signalProcess` in Twisted.
    ///
    /// # Errors
    ///
    /// Returns ESRCH if the program has exited, EINVAL if the number is not a signal, and EPERM if
    /// the program runs as another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::unix::process::ExitStatusExt;
    ///
    /// # smol::block_on(async {
    /// let client = endpoint_runtime::client_from_string("process:cat")?;
    /// let connection = client.connect().await?;
    /// let process = connection.process().unwrap();
    /// const SIGHUP: i32 = 1;
    /// process.signal(SIGHUP)?;
    /// assert_eq!(process.exit_status().await?.signal(), Some(SIGHUP));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        match self.try_exit_status()? {
            None => Ok(send_signal(self.0.pid, signal)?),
            Some(_) => Err(Errno::SRCH.into()),
        }
    }

    /// Takes the pipe that is descriptor `number` of the program, to read from it.
    ///
    /// Returns `None` if the program has no such pipe, or if it was already taken. The connection
    /// takes number 1, and the log takes number 2. Pipes that are never taken are closed with the
    /// connection.
    ///
    /// Corresponds to `childDataReceived` in Twisted.
    pub fn reader(&self, number: RawFd) -> Option<ChildReader> {
        self.take(number, Direction::Read).map(ChildReader::new)
    }

    /// Takes the pipe that is descriptor `number` of the program, to write to it.
    ///
    /// Returns `None` if the program has no such pipe, or if it was already taken. The connection
    /// takes number 0. Pipes that are never taken are closed with the connection.
    ///
    /// Corresponds to `writeToChild` in Twisted.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{ChildFd, client_from_string};
    /// use smol::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # smol::block_on(async {
    /// let client = client_from_string("process:sh:-c:cat <&3")?;
    /// let mut connection = client.with_child_fd(3, ChildFd::Write).connect().await?;
    /// let mut three = connection.process().unwrap().writer(3).unwrap();
    /// three.write_all(b"for descriptor 3").await?;
    /// three.close().await?;
    /// let mut text = String::new();
    /// connection.read_to_string(&mut text).await?;
    /// assert_eq!(text, "for descriptor 3");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn writer(&self, number: RawFd) -> Option<ChildWriter> {
        self.take(number, Direction::Write).map(ChildWriter::new)
    }

    /// Returns `None` if there is no such pipe in this direction, or a stream has already taken it.
    fn take(&self, number: RawFd, direction: Direction) -> Option<Pipe> {
        let end = self.0.pipes.get(&number).filter(|end| end.direction == direction)?;
        (!end.taken.swap(true, Ordering::Relaxed)).then(|| end.pipe.clone())
    }

    /// Closes this process's end of the pipe that is descriptor `number` of the program.
    ///
    /// The program then reads an end of file, or gets SIGPIPE when it writes. A stream of this
    /// process that has taken the pipe, such as the connection, reads an end of file or fails to
    /// write. Descriptors that are not open pipes are ignored.
    ///
    /// Corresponds to `closeChildFD` in Twisted.
    pub fn close_descriptor(&self, number: RawFd) {
        if let Some(end) = self.0.pipes.get(&number) {
            end.pipe.close();
        }
    }

    /// Closes the pipes that no stream has taken, so that the program reads an end of file from
    /// them.
    pub(super) fn close_untaken(&self) {
        for end in self.0.pipes.values() {
            if !end.taken.swap(true, Ordering::Relaxed) {
                end.pipe.close();
            }
        }
    }

    /// Sets the size of the program's terminal, and sends SIGWINCH to the program.
    ///
    /// If `size` is `None`, the size of this process's terminal is used. Call this when SIGWINCH
    /// arrives. It has no effect if the program has no terminal, its connection is dropped, or
    /// `size` is `None` and this process has no terminal.
    ///
    /// # Errors
    ///
    /// Returns the error from the operating system.
    pub fn resize(&self, size: Option<WindowSize>) -> io::Result<()> {
        match (self.0.terminal.upgrade(), size.or_else(WindowSize::ours)) {
            (Some(terminal), Some(size)) => terminal.resize(size),
            _ => Ok(()),
        }
    }

    /// Keeps the terminal open until the last handle is dropped, which delays the hang-up (SIGHUP).
    pub(super) fn keep_terminal(&self, terminal: &Arc<Terminal>) {
        let _ = self.0.kept.set(Arc::clone(terminal));
    }
}

impl fmt::Debug for ProcessHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessHandle")
            .field("pid", &self.pid())
            .field("executable", &self.0.executable)
            .field("exit", &self.0.exit.status.get())
            .finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(Err(_)) = self.exit.status.get() {
            // Other code has reaped the child, so its id may belong to another process.
            return;
        }
        signal_group(self.pid, Signal::TERM);
        // A stopped process receives SIGTERM only after it continues.
        signal_group(self.pid, Signal::CONT);
    }
}

/// Sends a signal to the remaining processes of the child's group; a group without any is no error.
pub(super) fn signal_group(pid: Pid, signal: Signal) {
    let _ = kill_process_group(pid, signal);
}
