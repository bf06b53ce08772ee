//! The source of a listener's connections: listening sockets, or standard input and output.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustix::net::sockopt::ipv6_v6only;
use smol::stream::Stream;

use crate::address::Address;
use crate::error::{Misuse, Problem};
use crate::net::connection::Connection;
use crate::net::transport::accept_error::AcceptError;
use crate::net::transport::inherited::{InheritedListener, InheritedListeners};
use crate::net::transport::stdio::Stdio;
use crate::net::transport::tcp::{Accepted, TcpAcceptor};
use crate::net::transport::unix::{self, Claim, Ownership};
use crate::plan::SocketOptions;
use crate::reactor::Async;

/// A source of connections, with the local addresses that it is bound to.
pub(crate) struct Bound {
    pub(crate) local: Address,
    /// The addresses of further sockets of the same endpoint, which systemd may have passed.
    pub(crate) other_locals: Vec<Address>,
    pub(crate) source: Source,
}

impl Bound {
    /// Makes a value for a source with a single local address.
    pub(crate) fn new(local: Address, source: Source) -> Self {
        Self { local, other_locals: Vec::new(), source }
    }

    /// Sockets that were inherited; several of them become one source.
    pub(crate) fn from_inherited((first, others): InheritedListeners) -> Self {
        let bound = Self::from(first);
        if others.is_empty() {
            return bound;
        }
        let (mut other_locals, mut sources) = (Vec::new(), vec![bound.source]);
        for Self { local, source, .. } in others.into_iter().map(Self::from) {
            other_locals.push(local);
            sources.push(source);
        }
        Self { local: bound.local, other_locals, source: Source::Several(sources, 0) }
    }
}

impl From<InheritedListener> for Bound {
    fn from(listener: InheritedListener) -> Self {
        match listener {
            InheritedListener::Tcp(listener, local) => {
                Self::new(local, Source::Tcp(TcpAcceptor::from_inherited(listener)))
            }
            // Without a claim: this process does not own the socket file or its lock file.
            InheritedListener::Unix(listener, local) => {
                Self::new(local, Source::Unix(None, listener))
            }
        }
    }
}

/// Where the connections of a listener come from.
pub(crate) enum Source {
    Tcp(TcpAcceptor),
    /// A socket and its files, which are removed before the socket is closed; `None` if this
    /// process owns no files.
    Unix(Option<Claim>, Async<UnixListener>),
    Stdio,
    /// Several sockets of one endpoint, and the index of the one that was polled last.
    Several(Vec<Self>, usize),
    /// The stream of a plugin; its end is the end of the listener.
    Plugin(Pin<Box<dyn Stream<Item = io::Result<Connection>> + Send>>),
    /// The listener was closed or has failed, so no connection follows.
    Ended,
}

impl Source {
    /// Polls for the next connection, whose errors will contain `endpoint`.
    pub(crate) fn poll_connection(
        &mut self,
        cx: &mut Context<'_>,
        endpoint: &Arc<str>,
    ) -> Poll<Result<Connection, AcceptError>> {
        let name = || Arc::clone(endpoint);
        let made = match self {
            Self::Tcp(acceptor) => {
                let Accepted { stream, local, peer } = ready!(acceptor.poll_accept(cx))?;
                return Poll::Ready(Ok(Connection::tcp(name(), stream, local, peer)));
            }
            Self::Unix(claim, listener) => {
                let (stream, peer) = ready!(listener.poll_read_with(cx, UnixListener::accept))
                    .map_err(AcceptError::Accept)?;
                let peer = unix::address_of(&peer);
                let made = stream.set_nonblocking(true).and_then(|()| {
                    Connection::unix(name(), Async::new_nonblocking(stream)?, peer.clone())
                });
                match claim {
                    Some(claim) => made.map(|made| made.with_addresses(claim.address(), peer)),
                    None => made,
                }
            }
            Self::Stdio => {
                let taken = Stdio::take().map(|stdio| Connection::stdio(name(), stdio));
                *self = Self::Ended;
                return Poll::Ready(taken.map_err(AcceptError::Lasting));
            }
            Self::Plugin(connections) => {
                let Some(made) = ready!(connections.as_mut().poll_next(cx)) else {
                    *self = Self::Ended;
                    return Poll::Ready(Err(AcceptError::Lasting(
                        Misuse::NoMoreConnections.into(),
                    )));
                };
                made.map(|connection| connection.named(name()))
            }
            Self::Several(sources, next) => {
                // Round robin, so that a busy socket does not delay the others.
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
                return Poll::Ready(Err(AcceptError::Lasting(Misuse::NoMoreConnections.into())));
            }
        };
        Poll::Ready(made.map_err(AcceptError::SetUp))
    }

    /// Sets the TCP options that connections get when they are accepted from now on.
    ///
    /// Other sources ignore them.
    pub(crate) fn set_options(&mut self, options: &SocketOptions) {
        match self {
            Self::Tcp(acceptor) => acceptor.set_options(options.clone()),
            Self::Several(sources, _) => {
                for source in sources {
                    source.set_options(options);
                }
            }
            Self::Unix(..) | Self::Stdio | Self::Plugin(_) | Self::Ended => {}
        }
    }

    /// The listening sockets; `None` for sources that are not sockets.
    pub(crate) fn sockets(&self) -> Option<Vec<BorrowedFd<'_>>> {
        match self {
            Self::Tcp(acceptor) => Some(vec![acceptor.as_fd()]),
            Self::Unix(_, listener) => Some(vec![listener.get_ref().as_fd()]),
            Self::Several(sources, _) => {
                let sockets: Option<Vec<_>> = sources.iter().map(Self::sockets).collect();
                Some(sockets?.into_iter().flatten().collect())
            }
            Self::Stdio | Self::Plugin(_) | Self::Ended => None,
        }
    }

    /// Whether an IPv6 socket also accepts IPv4 connections; `false` for other sources.
    pub(crate) fn takes_ipv4(&self) -> bool {
        match self {
            Self::Tcp(acceptor) => ipv6_v6only(acceptor.as_fd()).is_ok_and(|only| !only),
            Self::Several(sources, _) => sources.iter().all(Self::takes_ipv4),
            _ => false,
        }
    }

    /// The path of the lock file, if there is one, and whether this process owns the files. `None`
    /// if the source has no files.
    pub(crate) fn claim(&self) -> Option<(Option<PathBuf>, Ownership)> {
        match self {
            Self::Unix(Some(claim), _) => Some((claim.lock_path(), claim.ownership())),
            _ => None,
        }
    }

    /// Whether the source was closed or has failed, so that no connection follows.
    pub(crate) fn is_ended(&self) -> bool {
        matches!(self, Self::Ended)
    }

    /// Stops listening and removes the files of the socket.
    pub(crate) async fn close(self) -> Result<(), Problem> {
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
            // Inherited sockets: this process does not own their files.
            | Self::Several(..)
            | Self::Ended => Ok(()),
        }
    }
}
