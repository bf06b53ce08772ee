//! Creates TCP sockets, and sets the options of this crate and those of a description on them.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketType, sockopt};

use crate::address::Family;
#[cfg(target_os = "linux")]
use crate::error::IoMessage;
use crate::error::{EnvironmentProblem, Problem};
use crate::net::resolver::is_interface;
use crate::plan::{Host, SocketOptions};
#[cfg(target_os = "linux")]
use crate::quoted::Quoted;
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
    // A failure is ignored, because a connection also works without keepalive.
    let _ = sockopt::set_socket_keepalive(socket, true);
    Ok(())
}

/// Sets the options that a description gives, after [`prepare`].
pub(super) fn set_options(socket: impl AsFd, options: &SocketOptions) -> io::Result<()> {
    let socket = socket.as_fd();
    if let Some(probes) = &options.keep_alive {
        sockopt::set_socket_keepalive(socket, !probes.idle.is_zero())?;
        if !probes.idle.is_zero() {
            sockopt::set_tcp_keepidle(socket, probes.idle)?;
        }
        if let Some(interval) = probes.interval {
            sockopt::set_tcp_keepintvl(socket, interval)?;
        }
        if let Some(count) = probes.count {
            sockopt::set_tcp_keepcnt(socket, count)?;
        }
    }
    options.user_timeout.map_or(Ok(()), |limit| set_user_timeout(socket, limit))
}

#[cfg(target_os = "linux")]
fn set_user_timeout(socket: BorrowedFd<'_>, limit: Duration) -> io::Result<()> {
    // Linux reads the milliseconds as a signed number, so larger values would be negative.
    let millis = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX).unsigned_abs();
    Ok(sockopt::set_tcp_user_timeout(socket, millis)?)
}

#[cfg(not(target_os = "linux"))]
fn set_user_timeout(_: BorrowedFd<'_>, _: Duration) -> io::Result<()> {
    Err(linux_only("userTimeout"))
}

/// The error for an option that only Linux has.
#[cfg(not(target_os = "linux"))]
fn linux_only(parameter: &str) -> io::Error {
    let why = format!("`{parameter}` works on Linux only (leave it out here)");
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// Binds a socket to the network interface that a description names, before it has an address.
pub(super) fn set_device(socket: &OwnedFd, options: &SocketOptions) -> io::Result<()> {
    options.device.as_deref().map_or(Ok(()), |device| bind_to_device(socket, device))
}

#[cfg(target_os = "linux")]
fn bind_to_device(socket: &OwnedFd, device: &str) -> io::Result<()> {
    // The system reads an empty name as "every interface".
    if device.is_empty() {
        let why = "expected the name of a network interface for `device`, but found ``";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    crate::sys::socket_option::bind_to_device(socket, device).map_err(|error| {
        let device = Quoted::new(device);
        let why = format!("cannot use the network interface {device}: {}", IoMessage(&error));
        io::Error::new(error.kind(), why)
    })
}

#[cfg(not(target_os = "linux"))]
fn bind_to_device(_: &OwnedFd, _: &str) -> io::Result<()> {
    Err(linux_only("device"))
}

/// Whether a socket has the options that [`prepare`] sets.
pub(super) fn is_prepared(socket: impl AsFd) -> io::Result<bool> {
    let socket = socket.as_fd();
    Ok(sockopt::tcp_nodelay(socket)? && sockopt::socket_keepalive(socket)?)
}

/// The problem for a host that has addresses, but none of this family.
pub(super) fn no_address(host: &Host, family: Family) -> Problem {
    EnvironmentProblem::NoAddress { name: host.to_text(), family }.into()
}

/// Replaces the problem by a suggestion if the unknown local address is the name of a network
/// interface.
pub(super) fn or_interface(problem: Problem, host: &Host) -> Problem {
    match host {
        Host::Name(name) if is_interface(name) => {
            EnvironmentProblem::InterfaceName { name: name.clone() }.into()
        }
        _ => problem,
    }
}
