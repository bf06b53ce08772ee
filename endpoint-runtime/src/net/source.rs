//! Where the connections of a listener come from: listening sockets, or standard input and output.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use smol::stream::Stream;

use super::accepting::Accepting;
use super::connection::Connection;
use super::handover::Ownership;
use super::stdio::Stdio;
use super::unix::{self, Claim};
use crate::error::{Misuse, Problem};
use crate::proto::backoff::AcceptTrouble;
use crate::reactor::{self, Async, poll_read_with};

/// Where connections come from.
pub(super) enum Source {
    Tcp(Accepting),
    /// Removes what it made before the socket closes.
    Unix(Option<Claim>, Async<UnixListener>),
    Stdio,
    /// Sockets of one endpoint, and which of them was asked last.
    Several(Vec<Self>, usize),
    /// What a plugin gives; the end of it is the end of the listener.
    Plugin(Pin<Box<dyn Stream<Item = io::Result<Connection>> + Send>>),
    Ended,
}

/// At which step there was no connection.
pub(super) enum Failure {
    /// `accept` gave none.
    Accept(io::Error),
    /// It gave one that cannot be used.
    SetUp(io::Error),
    /// There will be none.
    Lasting(Problem),
}

impl Source {
    /// Polls for the next connection, made by `endpoint`.
    pub(super) fn poll_connection(
        &mut self,
        cx: &mut Context<'_>,
        endpoint: &Arc<str>,
    ) -> Poll<Result<Connection, Failure>> {
        let name = || Arc::clone(endpoint);
        let made = match self {
            Self::Tcp(accepting) => return accepting.poll_connection(cx, endpoint),
            Self::Unix(_, listener) => {
                let (stream, peer) = ready!(poll_read_with(listener, cx, UnixListener::accept))
                    .map_err(Failure::Accept)?;
                let peer = unix::address_of(&peer);
                stream
                    .set_nonblocking(true)
                    .and_then(|()| Connection::unix(name(), reactor::sole(stream)?, peer))
            }
            Self::Stdio => {
                let taken = Stdio::take().map(|stdio| Connection::stdio(name(), stdio));
                *self = Self::Ended;
                return Poll::Ready(taken.map_err(Failure::Lasting));
            }
            Self::Plugin(connections) => {
                let Some(made) = ready!(connections.as_mut().poll_next(cx)) else {
                    *self = Self::Ended;
                    return Poll::Ready(Err(Failure::Lasting(Misuse::NoMoreConnections.into())));
                };
                made.map(|connection| connection.named(name()))
            }
            Self::Several(sources, next) => {
                // In turn, so that a busy socket does not keep the others waiting.
                for _ in 0..sources.len() {
                    *next = (*next + 1) % sources.len();
                    let Some(source) = sources.get_mut(*next) else { break };
                    if let Poll::Ready(done) = source.poll_connection(cx, endpoint) {
                        return Poll::Ready(done);
                    }
                }
                return Poll::Pending;
            }
            Self::Ended => {
                return Poll::Ready(Err(Failure::Lasting(Misuse::NoMoreConnections.into())));
            }
        };
        Poll::Ready(made.map_err(Failure::SetUp))
    }

    /// The listening sockets; `None` where connections come from elsewhere.
    pub(super) fn sockets(&self) -> Option<Vec<BorrowedFd<'_>>> {
        match self {
            Self::Tcp(accepting) => Some(vec![accepting.as_fd()]),
            Self::Unix(_, listener) => Some(vec![listener.get_ref().as_fd()]),
            Self::Several(sources, _) => {
                let sockets: Option<Vec<_>> = sources.iter().map(Self::sockets).collect();
                Some(sockets?.into_iter().flatten().collect())
            }
            Self::Stdio | Self::Plugin(_) | Self::Ended => None,
        }
    }

    /// The lock file of what was made in the file system, and whose that is.
    pub(super) fn claim(&self) -> Option<(Option<PathBuf>, Ownership)> {
        match self {
            Self::Unix(Some(claim), _) => Some((claim.lock_path(), claim.ownership())),
            _ => None,
        }
    }

    /// Whether no more connections will come.
    pub(super) fn is_ended(&self) -> bool {
        matches!(self, Self::Ended)
    }

    /// Stops listening, and removes what was made.
    pub(super) async fn close(self) -> Result<(), Problem> {
        match self {
            Self::Unix(Some(claim), listener) => {
                let released = smol::unblock(move || claim.release()).await;
                drop(listener);
                released
            }
            Self::Tcp(_)
            | Self::Unix(None, _)
            | Self::Stdio
            | Self::Plugin(_)
            // Inherited sockets: what they stand on is not ours.
            | Self::Several(..)
            | Self::Ended => Ok(()),
        }
    }
}

impl Failure {
    /// What kind of trouble it is, if accepting goes on after it.
    pub(super) fn trouble(&self) -> Option<AcceptTrouble> {
        match self {
            Self::Accept(error) => trouble(error),
            // The connection is lost, whyever; the listener is not.
            Self::SetUp(error) => trouble(error).or(Some(AcceptTrouble::DeadConnection)),
            Self::Lasting(_) => None,
        }
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
