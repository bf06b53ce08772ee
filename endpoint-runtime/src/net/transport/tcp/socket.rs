//! What every TCP socket of this crate has: its flags and its options.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;

use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketType, sockopt};

use crate::address::Family;
use crate::error::{EnvironmentProblem, Problem};
use crate::plan::Host;
use crate::sys::socket::new_socket;

/// A stream socket that does not block and is closed on exec.
pub(super) fn stream_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    Ok(new_socket(family, SocketType::STREAM)?)
}

/// Turns on `TCP_NODELAY` and `SO_KEEPALIVE`, which finds out within hours that a silent peer is
/// gone.
pub(super) fn prepare(socket: impl AsFd) -> io::Result<()> {
    let socket = socket.as_fd();
    sockopt::set_tcp_nodelay(socket, true)?;
    // A connection works without it, too.
    let _ = sockopt::set_socket_keepalive(socket, true);
    Ok(())
}

/// Whether a socket has the options that [`prepare`] sets.
pub(super) fn is_prepared(socket: impl AsFd) -> io::Result<bool> {
    let socket = socket.as_fd();
    Ok(sockopt::tcp_nodelay(socket)? && sockopt::socket_keepalive(socket)?)
}

/// A host without an address of this family.
pub(super) fn no_address(host: &Host, family: Family) -> Problem {
    EnvironmentProblem::NoAddress { name: host.to_text(), family }.into()
}
