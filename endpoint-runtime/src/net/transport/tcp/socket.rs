//! The flags and options of every TCP socket.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;

use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketType, sockopt};

use crate::address::Family;
use crate::error::{EnvironmentProblem, Problem};
use crate::plan::Host;
use crate::sys::socket::new_socket;

/// Creates a stream socket that is non-blocking and close-on-exec.
pub(super) fn stream_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    Ok(new_socket(family, SocketType::STREAM)?)
}

/// Sets `TCP_NODELAY` and `SO_KEEPALIVE`. Keepalive detects within hours that a silent peer has
/// gone.
pub(super) fn prepare(socket: impl AsFd) -> io::Result<()> {
    let socket = socket.as_fd();
    sockopt::set_tcp_nodelay(socket, true)?;
    // A connection also works without keepalive.
    let _ = sockopt::set_socket_keepalive(socket, true);
    Ok(())
}

/// Whether a socket has the options that [`prepare`] sets.
pub(super) fn is_prepared(socket: impl AsFd) -> io::Result<bool> {
    let socket = socket.as_fd();
    Ok(sockopt::tcp_nodelay(socket)? && sockopt::socket_keepalive(socket)?)
}

/// The error for a host without an address of this family.
pub(super) fn no_address(host: &Host, family: Family) -> Problem {
    EnvironmentProblem::NoAddress { name: host.to_text(), family }.into()
}
