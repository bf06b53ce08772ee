//! TCP: one listening socket for a server, one address after the other for a client.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};

use async_io::Async;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, listen, socket_with, sockopt,
};

use super::resolver::resolve;
use crate::error::{Attempt, DescriptionProblem, EnvironmentProblem, Problem};
use crate::plan::{Family, Host, TcpConnect, TcpListen};

/// Listens as planned.
pub(super) async fn listen_as(plan: &TcpListen) -> Result<Async<TcpListener>, Problem> {
    let found = resolve(&plan.interface, plan.port).await?;
    let preferred = found.iter().find(|address| Family::of(address.ip()) == plan.prefer);
    let Some(&address) = preferred.or(found.first()) else {
        return Err(no_address(&plan.interface, plan.prefer));
    };
    listen_on(address, plan)
        .map_err(|error| EnvironmentProblem::Listen { address: address.into(), error }.into())
}

/// Makes the listening socket by hand: std fixes the backlog and leaves out `SO_REUSEPORT` and `IPV6_V6ONLY`.
fn listen_on(address: SocketAddr, plan: &TcpListen) -> io::Result<Async<TcpListener>> {
    let socket = stream_socket(address)?;
    // A restarted server must not wait for the connections of the last one to leave TIME_WAIT.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    if plan.reuse_port {
        sockopt::set_socket_reuseport(&socket, true)?;
    }
    if address.is_ipv6() {
        // Said in both directions, because net.ipv6.bindv6only may turn the default around.
        sockopt::set_ipv6_v6only(&socket, plan.v6only)?;
    }
    bind(&socket, &address)?;
    listen(&socket, plan.backlog)?;
    Async::new_nonblocking(socket.into())
}

/// The addresses that a client has tried so far; it outlives the attempt that a time limit ends.
#[derive(Default)]
pub(super) struct Tries {
    failed: Vec<Attempt>,
    current: Option<SocketAddr>,
}

impl Tries {
    /// Every address tried, the one without an answer last.
    pub(super) fn into_attempts(mut self) -> Vec<Attempt> {
        if let Some(address) = self.current {
            let error = io::Error::new(io::ErrorKind::TimedOut, "no answer yet");
            self.failed.push(Attempt { address: address.into(), error });
        }
        self.failed
    }
}

/// Connects to the first address that answers.
pub(super) async fn connect_as(
    plan: &TcpConnect,
    tries: &mut Tries,
) -> Result<(Async<TcpStream>, SocketAddr), Problem> {
    let mut targets = resolve(&plan.host, plan.port).await?;
    if let Some(family) = plan.family {
        targets.retain(|target| Family::of(target.ip()) == family);
        if targets.is_empty() {
            return Err(no_address(&plan.host, family));
        }
    }
    let sources = match &plan.bind_address {
        Some(host) => resolve(host, 0).await?,
        None => Vec::new(),
    };
    for target in targets {
        let source = sources.iter().find(|source| source.is_ipv4() == target.is_ipv4());
        if source.is_none() && plan.bind_address.is_some() {
            continue;
        }
        tries.current = Some(target);
        match attempt(target, source).await {
            Ok(stream) => return Ok((stream, target)),
            Err(error) => tries.failed.push(Attempt { address: target.into(), error }),
        }
        tries.current = None;
    }
    match sources.first() {
        Some(source) if tries.failed.is_empty() => {
            Err(DescriptionProblem::BindAddressFamily { bind_address: Family::of(source.ip()) }
                .into())
        }
        _ => Err(Problem::connect(std::mem::take(&mut tries.failed))),
    }
}

/// Connects to one address, from a given one where there is one.
async fn attempt(target: SocketAddr, source: Option<&SocketAddr>) -> io::Result<Async<TcpStream>> {
    let socket = stream_socket(target)?;
    if let Some(source) = source {
        bind(&socket, source)?;
    }
    match connect(&socket, &target) {
        // An interrupted connect goes on in the background, too.
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let stream = Async::new_nonblocking(TcpStream::from(socket))?;
    stream.writable().await?;
    match stream.get_ref().take_error()? {
        Some(error) => Err(error),
        // On this machine the system may choose the very port that is connected to, if nobody listens there, and
        // join the socket to itself.
        None if stream.get_ref().local_addr()? == target => {
            Err(io::ErrorKind::ConnectionRefused.into())
        }
        None => Ok(stream),
    }
}

fn stream_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socket_with(family, SocketType::STREAM, flags, None)?)
}

fn no_address(host: &Host, family: Family) -> Problem {
    let name = match host {
        Host::Name(name) => name.clone(),
        Host::Address(address) => address.to_string(),
        Host::Scoped { address, zone } => format!("{address}%{zone}"),
    };
    EnvironmentProblem::NoAddress { name, family }.into()
}
