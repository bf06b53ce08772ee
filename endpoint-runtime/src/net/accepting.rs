//! Accepting TCP connections, with as few calls as that takes.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

#[cfg(target_os = "linux")]
use rustix::net::{SocketFlags, acceptfrom_with};

use super::connection::Connection;
use super::source::Failure;
use super::tcp;
use crate::reactor::{self, Async, poll_read_with};

/// A listening socket of TCP, and what its connections have from it.
pub(super) struct Accepting {
    listener: Async<TcpListener>,
    /// The address that each of them arrives at; `None` where it has to be asked.
    local: Option<SocketAddr>,
    /// Whether each of them has the options of the listener, and needs none of its own.
    inherits: bool,
}

impl Accepting {
    /// Of a socket that was made here, bound to `local`.
    pub(super) fn own(listener: Async<TcpListener>, local: SocketAddr) -> Self {
        let is_prepared = tcp::prepare(listener.get_ref()).is_ok();
        let local = Some(local).filter(|local| !local.ip().is_unspecified());
        Self { listener, local, inherits: INHERITS && is_prepared }
    }

    /// Of a socket of somebody else, whose options are left as they are. It may be transparent, and take connections for
    /// any address.
    pub(super) fn adopted(listener: Async<TcpListener>) -> Self {
        let is_prepared = tcp::is_prepared(listener.get_ref()).unwrap_or(false);
        Self { listener, local: None, inherits: INHERITS && is_prepared }
    }

    pub(super) fn poll_connection(
        &self,
        cx: &mut Context<'_>,
        endpoint: &Arc<str>,
    ) -> Poll<Result<Connection, Failure>> {
        let accepted = ready!(poll_read_with(&self.listener, cx, accept));
        let (stream, peer) = accepted.map_err(Failure::Accept)?;
        let connection = self.set_up(stream, peer, endpoint);
        Poll::Ready(connection.map_err(Failure::SetUp))
    }

    fn set_up(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        endpoint: &Arc<str>,
    ) -> io::Result<Connection> {
        let local = self.local.map_or_else(|| stream.local_addr(), Ok)?;
        if !self.inherits {
            tcp::prepare(&stream)?;
        }
        Ok(Connection::tcp(Arc::clone(endpoint), reactor::sole(stream)?, local, peer))
    }
}

impl AsFd for Accepting {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.get_ref().as_fd()
    }
}

/// Linux makes a connection with the options that the listener has; POSIX says nothing of it.
const INHERITS: bool = cfg!(target_os = "linux");

/// A connection that does not block.
#[cfg(target_os = "linux")]
fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    // std has the one flag set in the same call, but not the other.
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (socket, peer) = acceptfrom_with(listener, flags)?;
    // An address of another family is none that a TCP socket can have.
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    Ok((socket.into(), peer.ok_or(io::ErrorKind::InvalidData)?))
}

#[cfg(not(target_os = "linux"))]
fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, peer) = listener.accept()?;
    stream.set_nonblocking(true)?;
    Ok((stream, peer))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use smol::future::poll_fn;

    use super::*;

    fn listening(address: impl Into<std::net::IpAddr>) -> (Async<TcpListener>, SocketAddr) {
        let listener = TcpListener::bind((address.into(), 0)).unwrap();
        let local = listener.local_addr().unwrap();
        (Async::new(listener).unwrap(), local)
    }

    /// Connects, and gives what is accepted.
    fn accepted(accepting: &Accepting, to: SocketAddr) -> Connection {
        let _ours = TcpStream::connect(to).unwrap();
        let endpoint = Arc::from("tcp:0");
        let connection = reactor::block_on(poll_fn(|cx| accepting.poll_connection(cx, &endpoint)));
        connection.ok().unwrap()
    }

    fn is_prepared(connection: &Connection) -> bool {
        tcp::is_prepared(connection.socket().unwrap()).unwrap()
    }

    #[test]
    fn connections_of_a_socket_made_here_are_prepared() {
        let (listener, local) = listening(Ipv4Addr::LOCALHOST);
        let accepting = Accepting::own(listener, local);
        assert_eq!((accepting.inherits, accepting.local), (INHERITS, Some(local)));
        let connection = accepted(&accepting, local);
        assert!(is_prepared(&connection));
        assert_eq!(connection.local_address().as_tcp(), Some(local));
    }

    #[test]
    fn who_listens_on_every_address_asks_for_that_of_each() {
        let (listener, local) = listening(Ipv4Addr::UNSPECIFIED);
        let accepting = Accepting::own(listener, local);
        let to = SocketAddr::from(([127, 0, 0, 2], local.port()));
        assert_eq!(accepted(&accepting, to).local_address().as_tcp(), Some(to));
    }

    #[test]
    fn connections_of_a_socket_of_others_are_prepared_one_by_one() {
        let (listener, local) = listening(Ipv4Addr::LOCALHOST);
        let accepting = Accepting::adopted(listener);
        assert!(!accepting.inherits && accepting.local.is_none());
        let connection = accepted(&accepting, local);
        assert!(is_prepared(&connection));
        assert_eq!(connection.local_address().as_tcp(), Some(local));
        // The listener is as it was.
        assert!(!tcp::is_prepared(&accepting).unwrap());
    }
}
