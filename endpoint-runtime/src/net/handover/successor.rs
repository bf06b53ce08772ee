//! The predecessor's side: it starts a process and waits for it.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, id};
use std::time::Duration;

use async_io::Async;
use rustix::io::dup;
use rustix::process::Pid;
use smol::io::AsyncReadExt;

use super::open_count::OpenCountSender;
use super::share::Share;
use crate::children::{Starting, disown};
use crate::error::HandoverProblem;
use crate::proto::backoff::Backoff;
use crate::proto::handover::{GO, Handoff, READY, VARIABLE};
use crate::reactor::{Timer, open_async_io, within};

/// The maximum time until a successor is ready. It may have to read certificates and look up names.
const READY_TIME: Duration = Duration::from_secs(60);

/// How long to wait for the exit status of a successor that has closed its connection.
const END_TIME: Duration = Duration::from_secs(1);

/// A program to start as the successor, and the listeners that it takes over.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::{Listener, Succession};
///
/// async fn upgrade(listener: &Listener) -> Result<(), Box<dyn std::error::Error>> {
///     let args = std::env::args_os().skip(1);
///     let succession = Succession::new(std::env::current_exe()?, args);
///     let successor = succession.start(listener.share()?)?;
///     println!("process {} takes over", successor.pid());
///     // The successor needs no count of open connections here.
///     let _open_count = successor.take_over().await?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Succession {
    program: PathBuf,
    args: Vec<OsString>,
    /// The sockets of all listeners but the first.
    more: Vec<Share>,
}

impl Succession {
    /// Creates a succession for a program and its arguments. The program calls
    /// [`Predecessor::find`](crate::Predecessor::find).
    pub fn new(program: impl Into<PathBuf>, args: impl IntoIterator<Item = OsString>) -> Self {
        Self { program: program.into(), args: args.into_iter().collect(), more: Vec::new() }
    }

    /// Adds the sockets of one more listener. The successor gets listeners in the order of these
    /// calls.
    #[must_use]
    pub fn with(mut self, share: Share) -> Self {
        self.more.push(share);
        self
    }

    /// Starts the process with the sockets of `first`, followed by the added ones. Blocks briefly.
    ///
    /// # Errors
    ///
    /// Returns an error if the program cannot be started, or if no descriptors are left.
    pub fn start(self, first: Share) -> Result<Successor, HandoverProblem> {
        Successor::start(self, first)
    }
}

/// A process that was started to take listening sockets over.
///
/// See [`Succession`] for an example.
///
/// If it is dropped before [`take_over`](Self::take_over) has finished, the process is killed, and
/// the lock files name this process again.
#[derive(Debug)]
pub struct Successor {
    started: Started,
    channel: Async<UnixStream>,
}

/// The process, and what it takes over. Dropping this kills the process if it has not taken over.
#[derive(Debug)]
struct Started {
    child: Child,
    shares: Vec<Share>,
    has_taken_over: bool,
}

impl Successor {
    fn start(succession: Succession, first: Share) -> Result<Self, HandoverProblem> {
        let Succession { program, args, more } = succession;
        let shares: Vec<Share> = std::iter::once(first).chain(more).collect();
        let started = || -> io::Result<_> {
            open_async_io()?;
            let (ours, theirs) = UnixStream::pair()?;
            // These copies stay open at exec. Other programs that are started at the same time
            // close inherited descriptors.
            let theirs = dup(theirs)?;
            let copies = shares.iter().map(|share| share.sockets.iter().map(dup).collect());
            let copies: Vec<Vec<OwnedFd>> = copies.collect::<Result<_, _>>()?;
            let number = |descriptor: &OwnedFd| descriptor.as_raw_fd().unsigned_abs();
            let handoff = Handoff {
                predecessor: id(),
                channel: number(&theirs),
                listeners: copies.iter().map(|it| it.iter().map(number).collect()).collect(),
            };
            let mut command = Command::new(&program);
            command.args(args).env(VARIABLE, handoff.to_string());
            let ours = Async::new(ours)?;
            let starting = Starting::new();
            let child = command.spawn()?;
            starting.started(Pid::from_child(&child));
            Ok((child, ours))
        };
        let (child, channel) =
            started().map_err(|error| HandoverProblem::Start { program, error })?;
        Ok(Self { started: Started { child, shares, has_taken_over: false }, channel })
    }

    /// Returns the process id of the successor.
    pub fn pid(&self) -> u32 {
        self.started.child.id()
    }

    /// Passes the lock files on, and waits until the process is ready. From then on, this process
    /// owns only its open connections: its listeners do not remove their files when they close. The
    /// returned sender reports the number of open connections to the process.
    ///
    /// # Cancellation
    ///
    /// Dropping the future kills the process. This process then keeps its listeners and lock files.
    ///
    /// # Errors
    ///
    /// Returns an error if the process ends or is not ready within 60 seconds, or if a lock file
    /// cannot be written.
    pub async fn take_over(mut self) -> Result<OpenCountSender, HandoverProblem> {
        self.ready().await?;
        let Self { mut started, channel } = self;
        started.shares.iter().for_each(Share::give_away);
        started.has_taken_over = true;
        Ok(OpenCountSender::new(channel))
    }

    /// Passes the lock files on, and waits for the message that the process is ready.
    async fn ready(&mut self) -> Result<(), HandoverProblem> {
        let pid = self.pid();
        for share in &self.started.shares {
            share.pass_lock(id(), pid)?;
        }
        // A new socket has room for one byte. If the write fails, so does the read of the answer
        // below.
        let _ = self.channel.get_ref().write(&[GO]);
        let mut answer = [0];
        match within(READY_TIME, self.channel.read(&mut answer)).await {
            Some(Ok(1)) if answer == [READY] => Ok(()),
            Some(_) => Err(self.failed().await),
            None => Err(HandoverProblem::TimedOut { pid, limit: READY_TIME }),
        }
    }
}

impl Successor {
    /// The reason why the process did not become ready, from its exit status if it has ended.
    async fn failed(&mut self) -> HandoverProblem {
        let pid = self.pid();
        let mut backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(50));
        let ended = async {
            // A process that ends closes its descriptors slightly before it can be reaped.
            loop {
                match self.started.child.try_wait() {
                    Ok(Some(status)) => return Some(status),
                    Ok(None) => Timer::after(backoff.failed()).await,
                    Err(_) => return None,
                }
            }
        };
        match within(END_TIME, ended).await.flatten() {
            Some(status) => HandoverProblem::Ended { pid, status },
            None => HandoverProblem::Declined { pid },
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.child);
        if self.has_taken_over {
            return disown(pid);
        }
        // The process may have ended by itself, but has to be reaped even then. Neither call
        // takes long.
        let _ = self.child.kill();
        let _ = self.child.wait();
        disown(pid);
        for share in &self.shares {
            if let Err(problem) = share.pass_lock(self.child.id(), id()) {
                tracing::warn!("{problem}");
            }
        }
    }
}
