//! The successor's side: it takes sockets over instead of opening them.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;

use async_io::Async;
use rustix::process::getppid;
use smol::io::AsyncReadExt;

use super::open_count::OpenCountReceiver;
use crate::error::{Error, HandoverProblem, Problem};
use crate::net::listener::Listener;
use crate::net::listener::source::{Bound, Source};
use crate::net::server::Server;
use crate::net::transport::inherited::take_over;
use crate::net::transport::unix::{Claim, Ownership};
use crate::plan::ServerTransport;
use crate::proto::handover::{GO, Handoff, READY, VARIABLE};
use crate::reactor::open_async_io;
use crate::sys::inherited::adopt;

/// The process that started this one as the successor for its listening sockets.
///
/// Call [`listen`](Self::listen) for the servers in the order of the predecessor's listeners, and
/// then [`ready`](Self::ready). If this process ends before that, the predecessor continues to
/// serve.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::{Predecessor, server_from_string};
///
/// # async fn example() -> Result<(), endpoint_runtime::Error> {
/// let server = server_from_string("tcp:8080")?;
/// let listener = match Predecessor::find() {
///     None => server.listen().await?,
///     Some(mut predecessor) => {
///         let listener = predecessor.listen(&server).await?;
///         predecessor.ready();
///         listener
///     }
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Predecessor {
    pid: u32,
    /// The socket to the predecessor; `None` once the predecessor is known to have ended.
    channel: Option<Async<UnixStream>>,
    /// Whether the predecessor has allowed this process to listen. It has then written the id of
    /// this process to its lock files.
    may_go: bool,
    /// The inherited descriptors of each listener that was not taken over yet.
    listeners: VecDeque<Vec<u32>>,
    /// A mark for the files of each listener; `ready` sets them, so that this process removes the
    /// files.
    claims: Vec<Ownership>,
}

impl Predecessor {
    /// Returns the predecessor of this process, if it has one. Only the first call finds it.
    pub fn find() -> Option<Self> {
        let value = std::env::var(VARIABLE).ok()?;
        let handoff = Handoff::parse(&value)?;
        // If another process is the parent, the variable was inherited through it: it names the
        // predecessor of that process.
        let parent = getppid().map(|parent| parent.as_raw_nonzero().get().unsigned_abs());
        if parent != Some(handoff.predecessor) {
            return None;
        }
        let any = |_: BorrowedFd<'_>| Ok::<(), ()>(());
        let (channel, ()) = adopt(handoff.channel, any).ok()?;
        Some(Self {
            pid: handoff.predecessor,
            channel: open_async_io().and_then(|()| Async::new(UnixStream::from(channel))).ok(),
            may_go: false,
            listeners: handoff.listeners.into(),
            claims: Vec::new(),
        })
    }

    /// Returns the process id of the predecessor.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Listens on the sockets of the predecessor's next listener. If there are no more, listens on
    /// new sockets.
    ///
    /// # Cancellation
    ///
    /// Dropping the future skips the listener: the next call takes the one after it. The
    /// predecessor serves all of them until [`ready`](Self::ready) is called.
    ///
    /// # Errors
    ///
    /// Returns an error if the inherited sockets do not match the endpoint, or if listening fails.
    pub async fn listen(&mut self, server: &Server) -> Result<Listener, Error> {
        let Some(numbers) = self.listeners.pop_front() else { return server.listen().await };
        server.listen_on(async { self.take(&numbers, server).await.map_err(Problem::from) }).await
    }

    /// Orders the predecessor to stop accepting. From now on, this process owns the sockets and
    /// lock files.
    ///
    /// Returns a receiver for the number of connections that the predecessor still serves.
    pub fn ready(mut self) -> OpenCountReceiver {
        for ownership in &self.claims {
            ownership.set(true);
        }
        let channel = self.channel.take();
        if let Some(channel) = &channel {
            // If the write fails, the predecessor has already ended and accepts no more.
            let _ = channel.get_ref().write(&[READY]);
        }
        OpenCountReceiver::new(channel)
    }

    /// Takes over the sockets with these descriptor numbers; an error if they do not fit `server`.
    async fn take(&mut self, numbers: &[u32], server: &Server) -> Result<Bound, HandoverProblem> {
        self.wait_for_go().await?;
        let predecessor = self.pid;
        let unfit = || HandoverProblem::Unfit { predecessor };
        let mut bound = Bound::from_inherited(take_over(numbers).ok_or_else(unfit)?);
        let transport = &server.plan().transport;
        match transport {
            ServerTransport::Tcp(plan)
                if plan.port != 0 && bound.local.port() != Some(plan.port) =>
            {
                return Err(unfit());
            }
            ServerTransport::Tcp(plan) => bound.source.set_options(&plan.options),
            ServerTransport::Unix(plan) => {
                if bound.local.as_unix() != Some(&plan.name) {
                    return Err(unfit());
                }
                let ownership = Ownership::new(false);
                let claim = Claim::taken_over(plan, ownership.clone()).map_err(|_| unfit())?;
                self.claims.push(ownership);
                if let Source::Unix(place, _) = &mut bound.source {
                    *place = claim;
                }
            }
            _ => {}
        }
        Ok(bound)
    }

    /// Waits until the predecessor has written the id of this process to its lock files.
    async fn wait_for_go(&mut self) -> Result<(), HandoverProblem> {
        let Some(channel) = self.channel.as_mut().filter(|_| !self.may_go) else { return Ok(()) };
        let mut byte = [0];
        match channel.read(&mut byte).await {
            Ok(1) if byte == [GO] => self.may_go = true,
            Ok(1) => return Err(self.channel_problem(io::ErrorKind::InvalidData.into())),
            // The predecessor has ended. Its sockets were inherited, so this process can still
            // listen.
            Ok(_) => self.channel = None,
            Err(error) => return Err(self.channel_problem(error)),
        }
        Ok(())
    }

    fn channel_problem(&self, error: io::Error) -> HandoverProblem {
        HandoverProblem::Channel { predecessor: self.pid, error }
    }
}
