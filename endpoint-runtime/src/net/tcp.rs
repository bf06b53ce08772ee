//! TCP: one listening socket for a server, a race between the addresses of the host for a client.

use std::io;
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, listen, socket_with, sockopt,
};
use smol::stream::StreamExt;

use super::connector::within;
use super::race::{Lost, Won, drive_race};
use super::resolver::{Names, no_answer};
use crate::error::{Attempt, DescriptionProblem, EnvironmentProblem, PeerProblem, Problem, Said};
use crate::plan::{Family, Host, TcpConnect, TcpListen};
use crate::proto::eyeballs::{Loss, Race};
use crate::reactor::{self, Async};

/// Listens as planned.
pub(super) async fn listen_as(
    plan: &TcpListen,
    names: &Names,
) -> Result<Async<TcpListener>, Problem> {
    let found = names.resolve(&plan.interface, plan.port).await?;
    let preferred = found.iter().find(|address| Family::of(address.ip()) == plan.prefer);
    let Some(&address) = preferred.or(found.first()) else {
        return Err(no_address(&plan.interface, plan.prefer));
    };
    listen_on(address, plan).map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse && is_of_other_family(address, plan) {
            EnvironmentProblem::PortOfOtherFamily { address, error }.into()
        } else {
            EnvironmentProblem::Listen { address: address.into(), error }.into()
        }
    })
}

/// Makes the listening socket by hand: std fixes the backlog and leaves out `SO_REUSEPORT` and `IPV6_V6ONLY`.
fn listen_on(address: SocketAddr, plan: &TcpListen) -> io::Result<Async<TcpListener>> {
    let socket = server_socket(address, plan.reuse_port, plan.v6only)?;
    listen(&socket, plan.backlog)?;
    Async::new_nonblocking(socket.into())
}

fn server_socket(address: SocketAddr, reuse_port: bool, v6only: bool) -> io::Result<OwnedFd> {
    let socket = stream_socket(address)?;
    // A restarted server must not wait for the connections of the last one to leave TIME_WAIT.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    if reuse_port {
        sockopt::set_socket_reuseport(&socket, true)?;
    }
    if address.is_ipv6() {
        // Said in both directions, because net.ipv6.bindv6only may turn the default around.
        sockopt::set_ipv6_v6only(&socket, v6only)?;
    }
    bind(&socket, &address)?;
    Ok(socket)
}

/// Whether `v6only=1`, here or there, would free the port that is in use.
fn is_of_other_family(address: SocketAddr, plan: &TcpListen) -> bool {
    let every_v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port()));
    let v6 = || server_socket(every_v6, plan.reuse_port, true).map(drop);
    match address {
        // IPv6 alone can be had, so IPv4 is what is not.
        SocketAddr::V6(v6_address) => {
            v6_address.ip().is_unspecified() && !plan.v6only && v6().is_ok()
        }
        // A socket for IPv6 is there, and none for IPv4.
        SocketAddr::V4(_) => {
            v6().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
                && has_ipv4_listener(address.port()) == Some(false)
        }
    }
}

/// Whether a socket for IPv4 alone listens on a port, if the system tells.
fn has_ipv4_listener(port: u16) -> Option<bool> {
    // proc_pid_net(5): "  sl  local_address rem_address   st …", in hexadecimal; state 0A is listening.
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let port = format!(":{port:04X}");
    Some(table.lines().any(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let local = fields.next().is_some_and(|local| local.ends_with(&port));
        local && fields.nth(1) == Some("0A")
    }))
}

/// A connection, and the address that it got here.
pub(super) struct Connected {
    pub(super) stream: Async<TcpStream>,
    pub(super) local: SocketAddr,
}

/// Connects to the first address that answers; the time limits count from `began`.
pub(super) async fn connect_as(
    plan: &TcpConnect,
    names: &Names,
    began: Instant,
) -> Result<Won<Connected>, Problem> {
    let race = Race::new(plan.timeout);
    let targets = names.answers(&plan.host, plan.port)?;
    let Some(sources) = within(plan.timeout, sources(plan, names)).await.transpose()? else {
        return Err(out_of_time(plan, Vec::new()));
    };
    let mut skipped = None;
    let usable = targets.map(|answer| {
        let mut found = answer?;
        found.retain(|&target| match unusable(target, plan, &sources) {
            None => true,
            Some(problem) => {
                skipped = Some(problem);
                false
            }
        });
        Ok(found)
    });
    let racing = drive_race(race, began, Box::pin(usable), |target| {
        attempt(target, source_for(target, &sources))
    });
    let Lost { loss, attempts, unresolved } = match racing.await {
        Ok(won) => return Ok(won),
        Err(lost) => lost,
    };
    Err(match loss {
        Loss::OutOfTime => out_of_time(plan, attempts),
        Loss::NoAddress => match skipped {
            Some(problem) => problem,
            None => no_answer(&plan.host, unresolved),
        },
        Loss::AllFailed | Loss::Cancelled => Problem::connect(attempts),
    })
}

/// The addresses to connect from; none where the system is to choose.
async fn sources(plan: &TcpConnect, names: &Names) -> Result<Vec<SocketAddr>, Problem> {
    match &plan.bind_address {
        Some(host) => names.resolve(host, plan.bind_port).await,
        None => Ok(Vec::new()),
    }
}

fn source_for(target: SocketAddr, sources: &[SocketAddr]) -> Option<SocketAddr> {
    sources.iter().copied().find(|source| source.is_ipv4() == target.is_ipv4())
}

/// Why an address of the host is not to be tried.
fn unusable(target: SocketAddr, plan: &TcpConnect, sources: &[SocketAddr]) -> Option<Problem> {
    if let Some(family) = plan.family.filter(|&family| family != Family::of(target.ip())) {
        return Some(no_address(&plan.host, family));
    }
    let bind_address = sources.first().map(|source| Family::of(source.ip()))?;
    let problem = DescriptionProblem::BindAddressFamily { bind_address };
    source_for(target, sources).is_none().then(|| problem.into())
}

fn out_of_time(plan: &TcpConnect, attempts: Vec<Attempt>) -> Problem {
    let target = format!("TCP port {} of {}", plan.port, plan.host);
    PeerProblem::TimedOut { target, timeout: plan.timeout, attempts }.into()
}

/// Connects to one address, from a given one where there is one.
async fn attempt(target: SocketAddr, source: Option<SocketAddr>) -> io::Result<Connected> {
    let socket = stream_socket(target)?;
    if let Some(source) = source {
        bind_to(&socket, source)?;
    }
    // An interrupted connect goes on in the background, too. Who listens on this machine has answered by the time that
    // the call returns, and the second one says so: that saves the wait, which costs several.
    let under_way = [Errno::INPROGRESS, Errno::ALREADY, Errno::INTR];
    let is_under_way = |result| matches!(result, Err(error) if under_way.contains(&error));
    let mut result = connect(&socket, &target);
    if is_under_way(result) {
        result = connect(&socket, &target);
    }
    let stream = reactor::sole(TcpStream::from(socket))?;
    match result {
        Ok(()) | Err(Errno::ISCONN) => {}
        result if is_under_way(result) => {
            stream.writable().await?;
            stream.get_ref().take_error()?.map_or(Ok(()), Err)?;
        }
        Err(error) => return Err(error.into()),
    }
    prepare(stream.get_ref())?;
    let local = stream.get_ref().local_addr()?;
    if local == target {
        // On this machine the system may choose the very port that is connected to, if nobody listens there, and join
        // the socket to itself.
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(Connected { stream, local })
}

/// Binds a client's socket; an error names the address, which is not the one connected to.
fn bind_to(socket: &OwnedFd, source: SocketAddr) -> io::Result<()> {
    if source.port() != 0 {
        // Attempts to several addresses share the port, and the last connection from it may be in TIME_WAIT.
        sockopt::set_socket_reuseaddr(socket, true)?;
    }
    bind(socket, &source).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("cannot bind to {source}: {}", Said(&error)))
    })
}

/// Has small writes sent at once, and has the system find out, within hours, whether a peer that says nothing is still
/// there.
pub(super) fn prepare(socket: impl AsFd) -> io::Result<()> {
    let socket = socket.as_fd();
    sockopt::set_tcp_nodelay(socket, true)?;
    // A connection without it works as well.
    let _ = sockopt::set_socket_keepalive(socket, true);
    Ok(())
}

/// Whether a socket has been prepared.
pub(super) fn is_prepared(socket: impl AsFd) -> io::Result<bool> {
    let socket = socket.as_fd();
    Ok(sockopt::tcp_nodelay(socket)? && sockopt::socket_keepalive(socket)?)
}

fn stream_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socket_with(family, SocketType::STREAM, flags, None)?)
}

fn no_address(host: &Host, family: Family) -> Problem {
    EnvironmentProblem::NoAddress { name: host.to_text(), family }.into()
}
