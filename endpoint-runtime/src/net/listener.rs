//! A listener: connections come out of it, and closing it leaves nothing behind.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_io::{Async, Timer};
use rustix::io::Errno;
use smol::future::FutureExt;
use smol::stream::Stream;

use super::connection::Connection;
use super::stdio::Stdio;
use super::unix::{self, Claim};
use crate::address::Address;
use crate::error::{EnvironmentProblem, Error, Misuse, Problem};
use crate::proto::backoff::{AcceptBackoff, AcceptOrder, AcceptTrouble};

/// A server at work: a stream of [`Connection`]s.
///
/// Running out of descriptors or memory does not end it: it pauses, longer each time and a second at most, and the
/// connections wait in the queue. After an error that does end it the stream is over.
///
/// Dropping a listener stops it and removes the socket file and the lock that it made;
/// [`close`](Self::close) does the same and says what could not be removed. Connections that were accepted live on;
/// those still in the queue are reset by the system.
///
/// # Examples
///
/// ```no_run
/// use smol::stream::StreamExt;
///
/// # async fn serve() -> Result<(), endpoint_runtime::Error> {
/// let mut listener = endpoint_runtime::server_from_string("unix:/run/app.sock:mode=660")?.listen().await?;
/// while let Some(connection) = listener.next().await {
///     println!("from {}", connection?.peer_address());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Listener {
    source: Source,
    endpoint: Arc<str>,
    local: Address,
    backoff: AcceptBackoff,
    pause: Option<Timer>,
}

/// Where connections come from.
#[derive(Debug)]
pub(super) enum Source {
    Tcp(Async<TcpListener>),
    /// Removes what it made before the socket closes.
    Unix(Option<Claim>, Async<UnixListener>),
    Stdio,
    Ended,
}

impl Listener {
    pub(super) fn new(endpoint: Arc<str>, local: Address, source: Source) -> Self {
        Self { source, endpoint, local, backoff: AcceptBackoff::default(), pause: None }
    }

    /// The address that the listener is bound to: with `tcp:0`, the port that the system chose.
    pub fn local_address(&self) -> &Address {
        &self.local
    }

    /// The endpoint as the user wrote it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Waits for the next connection.
    ///
    /// Dropping the future loses no connection.
    ///
    /// # Errors
    ///
    /// An error of the system that no waiting mends; after it, and for `stdio` after the first connection,
    /// [`Misuse::NoMoreConnections`].
    pub async fn accept(&mut self) -> Result<Connection, Error> {
        smol::future::poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// Stops listening and removes the socket file and the lock that were made.
    ///
    /// # Errors
    ///
    /// A file of ours that cannot be removed, as in a directory that has become read-only.
    pub async fn close(self) -> Result<(), Error> {
        match self.source {
            Source::Unix(Some(claim), listener) => {
                let released = smol::unblock(move || claim.release()).await;
                drop(listener);
                released.map_err(|problem| problem.at(&self.endpoint))
            }
            Source::Tcp(_) | Source::Unix(None, _) | Source::Stdio | Source::Ended => Ok(()),
        }
    }

    /// Polls for the next connection; [`accept`](Self::accept) as a function for hand-written futures.
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Connection, Error>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.poll(cx));
                self.pause = None;
            }
            match ready!(self.poll_source(cx)) {
                Ok(connection) => {
                    self.backoff.accepted();
                    return Poll::Ready(Ok(connection));
                }
                Err(failure) => self.drive_backoff(failure)?,
            }
        }
    }

    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Result<Connection, Failure>> {
        let endpoint = || Arc::clone(&self.endpoint);
        let made = match &mut self.source {
            Source::Tcp(listener) => {
                let (stream, peer) =
                    ready!(poll_io(listener, cx, TcpListener::accept)).map_err(Failure::Accept)?;
                Async::new(stream).and_then(|stream| Connection::tcp(endpoint(), stream, peer))
            }
            Source::Unix(_, listener) => {
                let (stream, peer) =
                    ready!(poll_io(listener, cx, UnixListener::accept)).map_err(Failure::Accept)?;
                let peer = unix::address_of(&peer);
                Async::new(stream).and_then(|stream| Connection::unix(endpoint(), stream, peer))
            }
            Source::Stdio => {
                let taken = Stdio::take().map(|stdio| Connection::stdio(endpoint(), stdio));
                self.source = Source::Ended;
                return Poll::Ready(taken.map_err(Failure::Lasting));
            }
            Source::Ended => {
                return Poll::Ready(Err(Failure::Lasting(Misuse::NoMoreConnections.into())));
            }
        };
        Poll::Ready(made.map_err(Failure::SetUp))
    }

    /// Obeys the machine after a failure that may pass; hands out any other and ends the listener.
    fn drive_backoff(&mut self, failure: Failure) -> Result<(), Error> {
        let trouble = match &failure {
            Failure::Accept(error) => trouble(error),
            // The connection is lost, whyever; the listener is not.
            Failure::SetUp(error) => trouble(error).or(Some(AcceptTrouble::DeadConnection)),
            Failure::Lasting(_) => None,
        };
        if let Some(trouble) = trouble {
            self.pause = match self.backoff.failed(trouble) {
                AcceptOrder::RetryNow => None,
                AcceptOrder::Pause(pause) => Some(Timer::after(pause)),
            };
            return Ok(());
        }
        self.source = Source::Ended;
        let problem = match failure {
            Failure::Accept(error) | Failure::SetUp(error) => {
                EnvironmentProblem::Accept { address: self.local.clone(), error }.into()
            }
            Failure::Lasting(problem) => problem,
        };
        Err(problem.at(&self.endpoint))
    }
}

/// Yields connections until an error ends the listener; a listener on `stdio` yields one.
impl Stream for Listener {
    type Item = Result<Connection, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if matches!(self.source, Source::Ended) {
            return Poll::Ready(None);
        }
        self.poll_accept(cx).map(Some)
    }
}

/// At which step there was no connection.
enum Failure {
    /// `accept` gave none.
    Accept(io::Error),
    /// It gave one that cannot be used.
    SetUp(io::Error),
    /// There will be none.
    Lasting(Problem),
}

/// Tries first and waits only if that would block, as async-io does.
fn poll_io<T, R>(
    io: &Async<T>,
    cx: &mut Context<'_>,
    accept: impl Fn(&T) -> io::Result<R>,
) -> Poll<io::Result<R>> {
    loop {
        match accept(io.get_ref()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return Poll::Ready(result),
        }
        ready!(io.poll_readable(cx))?;
    }
}

/// Sorts the errors after which accepting goes on.
fn trouble(error: &io::Error) -> Option<AcceptTrouble> {
    match Errno::from_io_error(error)? {
        // The last is epoll's, out of watches.
        Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC => {
            Some(AcceptTrouble::Shortage)
        }
        // accept(2): "Linux accept() passes already-pending network errors on the new socket as an error code from
        // accept()", to be treated "like EAGAIN by retrying".
        Errno::CONNABORTED
        | Errno::INTR
        | Errno::NETDOWN
        | Errno::PROTO
        | Errno::NOPROTOOPT
        | Errno::HOSTDOWN
        | Errno::HOSTUNREACH
        | Errno::OPNOTSUPP
        | Errno::NETUNREACH => Some(AcceptTrouble::DeadConnection),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_sorted_by_whether_accepting_goes_on() {
        let sort = |errno: Errno| trouble(&errno.into());
        assert_eq!(sort(Errno::MFILE), Some(AcceptTrouble::Shortage));
        assert_eq!(sort(Errno::CONNABORTED), Some(AcceptTrouble::DeadConnection));
        assert_eq!(sort(Errno::BADF), None);
        assert_eq!(sort(Errno::INVAL), None);
    }
}
