//! Accepting TCP connections, with as few system calls as possible.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::task::{Context, Poll, ready};

#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
use rustix::net::{SocketFlags, acceptfrom_with};

use super::socket::{is_prepared, prepare, set_options};
use crate::net::transport::accept_error::AcceptError;
use crate::plan::SocketOptions;
use crate::reactor::Async;

/// A listening TCP socket, and what its connections inherit from it.
pub(crate) struct TcpAcceptor {
    listener: Async<TcpListener>,
    /// The local address of all connections; `None` for a wildcard address, where each is queried.
    local: Option<SocketAddr>,
    /// Whether connections inherit the options of the listener, so that none is set on them.
    inherits: bool,
    /// The options that the description sets on accepted connections.
    options: SocketOptions,
}

/// An accepted connection with its addresses, non-blocking and with its options set.
pub(crate) struct Accepted {
    pub(crate) stream: Async<TcpStream>,
    pub(crate) local: SocketAddr,
    pub(crate) peer: SocketAddr,
}

impl TcpAcceptor {
    /// Accepts from a socket of this crate that is bound to `local`.
    pub(crate) fn new(
        listener: Async<TcpListener>,
        local: SocketAddr,
        options: SocketOptions,
    ) -> Self {
        let set = prepare(listener.get_ref());
        let is_prepared = set.and_then(|()| set_options(listener.get_ref(), &options)).is_ok();
        let local = Some(local).filter(|local| !local.ip().is_unspecified());
        Self { listener, local, inherits: INHERITS && is_prepared, options }
    }

    /// Wraps an inherited socket and leaves its options untouched.
    ///
    /// The socket may be transparent (`IP_TRANSPARENT`) and accept connections to any address. The
    /// local address of each connection is therefore queried.
    pub(crate) fn from_inherited(listener: Async<TcpListener>) -> Self {
        let is_prepared = is_prepared(listener.get_ref()).unwrap_or(false);
        Self {
            listener,
            local: None,
            inherits: INHERITS && is_prepared,
            options: SocketOptions::default(),
        }
    }

    /// Sets the options that accepted connections get, from the description of this process.
    pub(crate) fn set_options(&mut self, options: SocketOptions) {
        self.options = options;
    }

    pub(crate) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Accepted, AcceptError>> {
        let accepted = ready!(self.listener.poll_read_with(cx, accept));
        let (stream, peer) = accepted.map_err(AcceptError::Accept)?;
        Poll::Ready(self.set_up(stream, peer).map_err(AcceptError::SetUp))
    }

    /// Sets the options that the connection has not inherited, and determines its local address.
    fn set_up(&self, stream: TcpStream, peer: SocketAddr) -> io::Result<Accepted> {
        let local = self.local.map_or_else(|| stream.local_addr(), Ok)?;
        if !self.inherits {
            prepare(&stream)?;
            set_options(&stream, &self.options)?;
        }
        Ok(Accepted { stream: Async::new_nonblocking(stream)?, local, peer })
    }
}

impl AsFd for TcpAcceptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.get_ref().as_fd()
    }
}

/// On Linux, connections inherit the options of the listener; POSIX leaves it open.
const INHERITS: bool = cfg!(target_os = "linux");

/// Accepts a connection, non-blocking and close-on-exec.
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    // One call sets both flags; std sets only close-on-exec.
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (socket, peer) = acceptfrom_with(listener, flags)?;
    // The peer of a TCP socket always has an IP address, so this error does not happen.
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    Ok((socket.into(), peer.ok_or(io::ErrorKind::InvalidData)?))
}

#[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
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

    /// Connects to `to`, and returns the accepted connection.
    fn accepted(acceptor: &TcpAcceptor, to: SocketAddr) -> Accepted {
        let _ours = TcpStream::connect(to).unwrap();
        crate::reactor::block_on(poll_fn(|cx| acceptor.poll_accept(cx))).ok().unwrap()
    }

    #[test]
    fn connections_of_a_socket_made_here_are_prepared() {
        let (listener, local) = listening(Ipv4Addr::LOCALHOST);
        let acceptor = TcpAcceptor::new(listener, local, SocketOptions::default());
        assert_eq!((acceptor.inherits, acceptor.local), (INHERITS, Some(local)));
        let connection = accepted(&acceptor, local);
        assert!(is_prepared(&connection.stream).unwrap());
        assert_eq!(connection.local, local);
    }

    #[test]
    fn connections_have_the_options_of_the_description() {
        use crate::plan::KeepAlive;
        use rustix::net::sockopt;
        use std::time::Duration;
        let keep_alive = Some(KeepAlive::new(Duration::from_secs(70)));
        let mut options = SocketOptions { keep_alive, ..SocketOptions::default() };
        let (listener, local) = listening(Ipv4Addr::LOCALHOST);
        let acceptor = TcpAcceptor::new(listener, local, options.clone());
        let connection = accepted(&acceptor, local);
        assert_eq!(sockopt::tcp_keepidle(&connection.stream).unwrap(), Duration::from_secs(70));
        options.keep_alive = Some(KeepAlive::new(Duration::ZERO));
        let (listener, local) = listening(Ipv4Addr::LOCALHOST);
        let acceptor = TcpAcceptor::new(listener, local, options);
        assert!(!sockopt::socket_keepalive(&accepted(&acceptor, local).stream).unwrap());
    }

    #[test]
    fn a_wildcard_listener_asks_each_connection_for_its_address() {
        let (listener, local) = listening(Ipv4Addr::UNSPECIFIED);
        let acceptor = TcpAcceptor::new(listener, local, SocketOptions::default());
        let to = SocketAddr::from(([127, 0, 0, 2], local.port()));
        assert_eq!(accepted(&acceptor, to).local, to);
    }

    #[test]
    fn connections_of_an_inherited_socket_are_prepared_one_by_one() {
        let (listener, local) = listening(Ipv4Addr::LOCALHOST);
        let acceptor = TcpAcceptor::from_inherited(listener);
        assert!(!acceptor.inherits && acceptor.local.is_none());
        let connection = accepted(&acceptor, local);
        assert!(is_prepared(&connection.stream).unwrap());
        assert_eq!(connection.local, local);
        assert!(!is_prepared(&acceptor).unwrap(), "the listener is as it was");
    }
}
