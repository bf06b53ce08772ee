//! Sockets that the program opened.
//!
//! Their options are unchanged. Two flags change: close-on-exec is set on the descriptor, and the
//! socket becomes non-blocking, which all its duplicates share.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
use strports_syntax::value::Domain;

use super::inherited::InheritedListener;
use super::kind::{addresses, is_connected, is_listener};
use super::unix;
use crate::address::Address;
use crate::error::{Expected, Finding, Found, InheritedProblem, Misuse, Problem};
use crate::lock::lock;
use crate::reactor::Async;

/// What errors call an endpoint that consists of a socket of the program.
pub(crate) const NAME: &str = "a socket of the program";

/// A connected socket that the program opened, by its family.
pub(crate) enum OpenedStream {
    Tcp(Async<TcpStream>),
    Unix(Async<UnixStream>),
}

/// A socket of the program with its addresses, which can be used once.
#[derive(Debug)]
pub(crate) struct Opened<A> {
    /// `None` once the socket is in use.
    socket: Mutex<Option<OwnedFd>>,
    domain: Domain,
    addresses: A,
}

impl<A> Opened<A> {
    fn new(socket: OwnedFd, domain: Domain, addresses: A) -> Self {
        Self { socket: Mutex::new(Some(socket)), domain, addresses }
    }

    /// The address of a listening socket, or the local and peer address of a connected one.
    pub(crate) fn addresses(&self) -> &A {
        &self.addresses
    }

    /// Takes the socket and sets close-on-exec; an error if the socket was already taken.
    fn take(&self) -> Result<OwnedFd, Problem> {
        let socket = lock(&self.socket).take().ok_or(Misuse::SocketInUse)?;
        let flags = fcntl_getfd(&socket).map_err(|error| system(&socket, error.into()))?;
        fcntl_setfd(&socket, flags | FdFlags::CLOEXEC)
            .map_err(|error| system(&socket, error.into()))?;
        Ok(socket)
    }
}

impl Opened<Address> {
    /// Checks that a socket listens, and reads its address.
    pub(crate) fn listener(socket: OwnedFd) -> Result<Self, Problem> {
        let domain = is_listener(socket.as_fd(), None)
            .map_err(|is| unfit(&socket, is, Expected::Listener(None)))?;
        let local = local_address(&socket, domain).map_err(|error| system(&socket, error))?;
        Ok(Self::new(socket, domain, local))
    }

    /// Takes the socket to accept connections; an error if that was already done.
    pub(crate) fn listen(&self) -> Result<InheritedListener, Problem> {
        let socket = self.take()?;
        let number = number(&socket);
        InheritedListener::watch(socket, self.domain)
            .map_err(|error| InheritedProblem::System { number, error }.into())
    }
}

impl Opened<(Address, Address)> {
    /// Checks that a socket is a connected stream socket, and reads its addresses.
    pub(crate) fn connection(socket: OwnedFd) -> Result<Self, Problem> {
        let domain =
            is_connected(socket.as_fd()).map_err(|is| unfit(&socket, is, Expected::Stream))?;
        let found = addresses(domain, &socket).map_err(|error| system(&socket, error))?;
        Ok(Self::new(socket, domain, found))
    }

    /// Takes the socket as a connection; an error if that was already done.
    pub(crate) fn connect(&self) -> Result<OpenedStream, Problem> {
        let socket = self.take()?;
        let number = number(&socket);
        let watched = match self.domain {
            Domain::Inet | Domain::Inet6 => Async::new(socket.into()).map(OpenedStream::Tcp),
            Domain::Unix => Async::new(socket.into()).map(OpenedStream::Unix),
        };
        watched.map_err(|error| InheritedProblem::System { number, error }.into())
    }
}

fn local_address(socket: &OwnedFd, domain: Domain) -> io::Result<Address> {
    let copy = socket.try_clone()?;
    Ok(match domain {
        Domain::Inet | Domain::Inet6 => TcpStream::from(copy).local_addr()?.into(),
        Domain::Unix => unix::address_of(&UnixStream::from(copy).local_addr()?),
    })
}

/// The number of a descriptor, as an unsigned integer: it is never negative.
fn number(socket: &OwnedFd) -> u32 {
    socket.as_raw_fd().unsigned_abs()
}

fn unfit(socket: &OwnedFd, is: Found, expected: Expected) -> Problem {
    let found = vec![Finding::new(number(socket), None, is)];
    InheritedProblem::Unfit { found, expected }.into()
}

fn system(socket: &OwnedFd, error: io::Error) -> Problem {
    InheritedProblem::System { number: number(socket), error }.into()
}
