//! Classifies descriptors: the family, type and state of a socket, or another kind.

use std::io;
use std::net::TcpStream;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::net::sockopt::socket_type;
use rustix::net::{AddressFamily, SocketType, getpeername, getsockname};
use strports_syntax::value::Domain;

use super::unix;
use crate::address::Address;
use crate::error::{Found, StreamState};
use crate::sys::socket::is_listening;

/// Returns the family of a listening stream socket, which must be `wanted` if that is set.
///
/// The error is what the descriptor is instead.
pub(super) fn is_listener(
    descriptor: BorrowedFd<'_>,
    wanted: Option<Domain>,
) -> Result<Domain, Found> {
    match look(descriptor) {
        Found::Stream(Some(domain), StreamState::Listening)
            if wanted.is_none_or(|wanted| wanted == domain) =>
        {
            Ok(domain)
        }
        other => Err(other),
    }
}

/// Accepts a connected stream socket or a device that can be read and written.
///
/// The error is what the descriptor is instead.
pub(super) fn is_connection(descriptor: BorrowedFd<'_>) -> Result<Found, Found> {
    match look(descriptor) {
        found @ (Found::Stream(_, StreamState::Connected) | Found::Device) => Ok(found),
        other => Err(other),
    }
}

/// Returns the family of a connected stream socket; the error is what the descriptor is instead.
pub(super) fn is_connected(descriptor: BorrowedFd<'_>) -> Result<Domain, Found> {
    match look(descriptor) {
        Found::Stream(Some(domain), StreamState::Connected) => Ok(domain),
        other => Err(other),
    }
}

/// Classifies an open descriptor.
fn look(descriptor: BorrowedFd<'_>) -> Found {
    // The descriptor is open, so `fstat` does not fail.
    let Ok(stat) = fstat(descriptor) else { return Found::Other };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Socket => look_at_socket(descriptor),
        FileType::Fifo => Found::Pipe,
        FileType::RegularFile => Found::File,
        FileType::Directory => Found::Directory,
        FileType::CharacterDevice => match fcntl_getfl(descriptor) {
            Ok(flags) if flags & OFlags::RWMODE == OFlags::RDWR => Found::Device,
            _ => Found::OneWayDevice,
        },
        _ => Found::Other,
    }
}

/// Classifies a socket by its type, family and state.
fn look_at_socket(descriptor: BorrowedFd<'_>) -> Found {
    let family = getsockname(descriptor).map(|address| address.address_family());
    let domain = match family {
        Ok(AddressFamily::INET) => Some(Domain::Inet),
        Ok(AddressFamily::INET6) => Some(Domain::Inet6),
        Ok(AddressFamily::UNIX) => Some(Domain::Unix),
        _ => None,
    };
    if socket_type(descriptor) != Ok(SocketType::STREAM) {
        return Found::Messages(domain);
    }
    let state = if is_listening(descriptor) {
        StreamState::Listening
    } else if matches!(getpeername(descriptor), Ok(Some(_))) {
        StreamState::Connected
    } else {
        StreamState::Idle
    };
    Found::Stream(domain, state)
}

/// The local address and the peer address of a connected socket.
pub(super) fn addresses(domain: Domain, connection: &OwnedFd) -> io::Result<(Address, Address)> {
    match domain {
        Domain::Inet | Domain::Inet6 => {
            let stream = TcpStream::from(connection.try_clone()?);
            Ok((stream.local_addr()?.into(), stream.peer_addr()?.into()))
        }
        Domain::Unix => {
            let stream = UnixStream::from(connection.try_clone()?);
            Ok((unix::address_of(&stream.local_addr()?), unix::address_of(&stream.peer_addr()?)))
        }
    }
}
