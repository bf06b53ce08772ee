//! A handle on a running program: its number, its pipes, signals to it, and how it ended.

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

/// A handle on the program that was started for a connection.
///
/// Each copy keeps the program: it is ended when the connection and every copy are dropped. The
/// processes of its group then get SIGTERM, and SIGKILL after the
/// [grace](crate::plan::ProcessSpawn::grace).
///
/// Twisted: what `IProcessTransport` does beside writing to standard input, and the end that
/// `processEnded` tells.
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
    terminal: Weak<Terminal>,
    /// The same terminal, if its connection is gone and it must not hang up.
    kept: OnceLock<Arc<Terminal>>,
    /// Dropping it tells the child's attendant that nothing holds the program any more.
    _hold: Sender<Infallible>,
}

struct SharedEnd {
    pipe: Pipe,
    direction: Direction,
    /// Whether a stream has it, which closes it.
    taken: AtomicBool,
}

/// How the child ended, once it has.
#[derive(Clone)]
pub(super) struct Exit {
    pub(super) status: Arc<OnceLock<Result<ExitStatus, Errno>>>,
    /// Closed when the status is there.
    pub(super) ended: Receiver<Infallible>,
}

impl Exit {
    pub(super) async fn wait(&self) -> Result<ExitStatus, Errno> {
        let _ = self.ended.recv().await;
        self.status.get().copied().unwrap_or(Err(Errno::CHILD))
    }
}

/// The program of a handle, and what connects this process with it.
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

    /// The process number. No other process gets it while a handle exists.
    pub fn pid(&self) -> u32 {
        self.0.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// The program, as the plan names it.
    pub fn executable(&self) -> &Path {
        &self.0.executable
    }

    /// Waits until the program ends, and returns its exit status, or the signal that ended it.
    ///
    /// Processes that it has started may run on. Any number of tasks may wait.
    ///
    /// # Errors
    ///
    /// In a process that ignores SIGCHLD the system does not tell how children end.
    pub async fn exit_status(&self) -> io::Result<ExitStatus> {
        Ok(self.0.exit.wait().await?)
    }

    /// How the program ended; `None` while it runs.
    ///
    /// # Errors
    ///
    /// In a process that ignores SIGCHLD the system does not tell how children end.
    pub fn try_exit_status(&self) -> io::Result<Option<ExitStatus>> {
        match self.0.exit.status.get() {
            Some(status) => Ok(Some((*status)?)),
            None => Ok(look(self.0.pid)?),
        }
    }

    /// Sends the program a signal, by its number on this system.
    ///
    /// Other processes of its group get nothing. How a program ends that a signal ends, says
    /// [`ExitStatusExt::signal`](std::os::unix::process::ExitStatusExt::signal).
    ///
    /// Twisted: `signalProcess`.
    ///
    /// # Errors
    ///
    /// ESRCH if the program has ended, EINVAL for a number that is no signal, EPERM if the program
    /// runs as another user.
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

    /// Takes the pipe that the program has as descriptor `number`, to read from it.
    ///
    /// `None` if the program has no such pipe, or if it was taken. The connection has taken
    /// number 1, and the log has taken number 2. A pipe that nothing takes is closed with the
    /// connection.
    ///
    /// Twisted: `childDataReceived`.
    pub fn reader(&self, number: RawFd) -> Option<ChildReader> {
        self.take(number, Direction::Read).map(ChildReader::new)
    }

    /// Takes the pipe that the program has as descriptor `number`, to write to it.
    ///
    /// `None` if the program has no such pipe, or if it was taken. The connection has taken
    /// number 0. A pipe that nothing takes is closed with the connection.
    ///
    /// Twisted: `writeToChild`.
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

    fn take(&self, number: RawFd, direction: Direction) -> Option<Pipe> {
        let end = self.0.pipes.get(&number).filter(|end| end.direction == direction)?;
        (!end.taken.swap(true, Ordering::Relaxed)).then(|| end.pipe.clone())
    }

    /// Closes our end of the pipe that the program has as descriptor `number`.
    ///
    /// The program reads an end of file, or gets SIGPIPE when it writes. A stream of this process
    /// that has the pipe, the connection among them, reads an end of file or fails to write.
    /// Without effect on descriptors that are no pipe, or are closed.
    ///
    /// Twisted: `closeChildFD`.
    pub fn close_descriptor(&self, number: RawFd) {
        if let Some(end) = self.0.pipes.get(&number) {
            end.pipe.close();
        }
    }

    /// Closes the pipes that no stream has.
    pub(super) fn close_untaken(&self) {
        for end in self.0.pipes.values() {
            if !end.taken.swap(true, Ordering::Relaxed) {
                end.pipe.close();
            }
        }
    }

    /// Gives the program's terminal this size, or the size of ours, and sends the program SIGWINCH.
    ///
    /// Call it when SIGWINCH arrives here. Without effect if the program has no terminal, if its
    /// connection is dropped, or if `size` is `None` and this process has no terminal.
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

    /// Keeps the terminal until the last handle is dropped.
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
            // Other code has reaped it: the number may belong to another process.
            return;
        }
        signal_group(self.pid, Signal::TERM);
        // A stopped process would not see it.
        signal_group(self.pid, Signal::CONT);
    }
}

/// Sends a signal to what is left of the child's group, if anything is.
pub(super) fn signal_group(pid: Pid, signal: Signal) {
    let _ = kill_process_group(pid, signal);
}
