//! Opens the listening socket of a TCP server.

use std::io;
use std::net::{Ipv6Addr, SocketAddr, TcpListener};

use rustix::fd::OwnedFd;
use rustix::net::{bind, listen, sockopt};

use super::socket::{no_address, or_interface, set_device, set_options, stream_socket};
use crate::address::Family;
use crate::error::{EnvironmentProblem, Problem};
use crate::net::resolver::Names;
use crate::plan::TcpListen;
use crate::reactor::Async;

/// Resolves the interface of a plan, and opens the listening socket.
pub(crate) async fn listen_as(
    plan: &TcpListen,
    names: &Names,
) -> Result<Async<TcpListener>, Problem> {
    let address = address_of(plan, names).await?;
    listen_on(address, plan).map_err(|error| refused(address, plan, error))
}

/// The address to listen on: the first one of the preferred family, or else the first one.
pub(crate) async fn address_of(plan: &TcpListen, names: &Names) -> Result<SocketAddr, Problem> {
    let found = names.resolve(&plan.interface, plan.port).await;
    let found = found.map_err(|problem| or_interface(problem, &plan.interface))?;
    let preferred = found.iter().find(|address| Family::from_ip(address.ip()) == plan.prefer);
    preferred.or(found.first()).copied().ok_or_else(|| no_address(&plan.interface, plan.prefer))
}

/// Checks whether a server could listen on an address, by binding it briefly without listening. A
/// bound socket accepts no connections.
pub(crate) fn try_bind(address: SocketAddr, plan: &TcpListen) -> Result<(), Problem> {
    let bound = server_socket(address, plan, plan.v6only);
    bound.map(drop).map_err(|error| refused(address, plan, error))
}

/// The problem of a failed bind; says if an IPv6 socket that also takes IPv4 has the port.
fn refused(address: SocketAddr, plan: &TcpListen, error: io::Error) -> Problem {
    if error.kind() == io::ErrorKind::AddrInUse && is_of_other_family(address, plan) {
        EnvironmentProblem::PortOfOtherFamily { address, error }.into()
    } else {
        EnvironmentProblem::Listen { address: address.into(), error }.into()
    }
}

/// Creates the listening socket without std, which has a fixed backlog, and sets neither
/// `SO_REUSEPORT` nor `IPV6_V6ONLY`.
fn listen_on(address: SocketAddr, plan: &TcpListen) -> io::Result<Async<TcpListener>> {
    let socket = server_socket(address, plan, plan.v6only)?;
    set_options(&socket, &plan.options)?;
    listen(&socket, plan.backlog)?;
    Async::new_nonblocking(socket.into())
}

/// Creates a bound socket that does not listen yet.
fn server_socket(address: SocketAddr, plan: &TcpListen, v6only: bool) -> io::Result<OwnedFd> {
    let socket = stream_socket(address)?;
    set_device(&socket, &plan.options)?;
    // A restarted server must not wait until connections of its predecessor leave TIME_WAIT.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    if plan.reuse_port {
        sockopt::set_socket_reuseport(&socket, true)?;
    }
    if address.is_ipv6() {
        // Set to both values, because net.ipv6.bindv6only may change the default.
        sockopt::set_ipv6_v6only(&socket, v6only)?;
    }
    bind(&socket, &address)?;
    Ok(socket)
}

/// Whether `v6only=1`, on this socket or the other one, would resolve the conflict of the port.
fn is_of_other_family(address: SocketAddr, plan: &TcpListen) -> bool {
    let every_v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port()));
    let v6 = || server_socket(every_v6, plan, true).map(drop);
    match address {
        // IPv6 alone can be bound, so IPv4 is in use.
        SocketAddr::V6(v6_address) => {
            v6_address.ip().is_unspecified() && !plan.v6only && v6().is_ok()
        }
        // IPv6 is in use and no IPv4 socket listens, so an IPv6 socket also accepts IPv4.
        SocketAddr::V4(_) => {
            v6().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
                && has_ipv4_listener(address.port()) == Some(false)
        }
    }
}

/// Whether an IPv4 socket listens on a port; `None` if the system does not report it.
fn has_ipv4_listener(port: u16) -> Option<bool> {
    // proc_pid_net(5): "  sl  local_address rem_address   st …", in hexadecimal; state 0A is
    // listening.
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let port = format!(":{port:04X}");
    Some(table.lines().any(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let local = fields.next().is_some_and(|local| local.ends_with(&port));
        local && fields.nth(1) == Some("0A")
    }))
}
