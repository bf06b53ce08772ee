//! Connects to a TCP port by a race between the addresses of the host.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{bind, connect, sockopt};
use smol::stream::StreamExt;

use super::race::{Lost, Won, drive_race};
use super::socket::{no_address, or_interface, prepare, set_device, set_options, stream_socket};
use crate::address::Family;
use crate::error::{Attempt, DescriptionProblem, IoMessage, PeerProblem, Problem};
use crate::net::resolver::{Names, no_answer};
use crate::plan::{Host, SocketOptions, TcpConnect};
use crate::proto::eyeballs::{Loss, Race};
use crate::reactor::{Async, within};
use crate::reserve::with_reserve;
use crate::step::{Step, Steps};
#[cfg(target_os = "linux")]
use crate::sys::socket_option::bind_without_port;

/// A connection and its local address.
pub(crate) struct Connected {
    pub(crate) stream: Async<TcpStream>,
    pub(crate) local: SocketAddr,
}

/// Connects to the first address that answers. Time limits start at `began`.
pub(crate) async fn connect_as(
    plan: &TcpConnect,
    names: &Names,
    began: Instant,
    steps: &Steps<'_>,
) -> Result<Won<Connected>, Problem> {
    let race = Race::new(plan.timeout).with_attempt_delay(plan.attempt_delay);
    let name = match &plan.host {
        Host::Name(name) => Some(name),
        _ => None,
    };
    if let Some(name) = name {
        steps.report(&Step::LookUp { name });
    }
    let targets = names.answers(&plan.host, plan.port)?;
    let Some(sources) = within(plan.timeout, sources(plan, names)).await.transpose()? else {
        return Err(out_of_time(plan, Vec::new()));
    };
    let mut skipped = None;
    let usable = targets.map(|answer| {
        if let Some(name) = name {
            steps.report(&Step::Answer { name, answer: answer.as_deref() });
        }
        let mut found = answer?;
        found.retain(|&target| match unusable(target, plan, &sources) {
            None => true,
            Some(problem) => {
                steps.report(&Step::Skipped { address: target, problem: &problem });
                skipped = Some(problem);
                false
            }
        });
        Ok(found)
    });
    let racing = drive_race(race, began, Box::pin(usable), steps, |target| {
        attempt(target, source_for(target, &sources), &plan.options)
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

/// The addresses to bind the client's sockets to; empty if the system chooses one.
async fn sources(plan: &TcpConnect, names: &Names) -> Result<Vec<SocketAddr>, Problem> {
    match &plan.bind_address {
        Some(host) => {
            let found = names.resolve(host, plan.bind_port).await;
            found.map_err(|problem| or_interface(problem, host))
        }
        None => Ok(Vec::new()),
    }
}

/// The first source of the same family as the target; `None` if there is none.
fn source_for(target: SocketAddr, sources: &[SocketAddr]) -> Option<SocketAddr> {
    sources.iter().copied().find(|source| source.is_ipv4() == target.is_ipv4())
}

/// Why an address of the host must not be tried; `None` if it may be tried.
fn unusable(target: SocketAddr, plan: &TcpConnect, sources: &[SocketAddr]) -> Option<Problem> {
    if let Some(family) = plan.family.filter(|&family| family != Family::from_ip(target.ip())) {
        return Some(no_address(&plan.host, family));
    }
    let bind_address = sources.first().map(|source| Family::from_ip(source.ip()))?;
    let problem = DescriptionProblem::BindAddressFamily { bind_address };
    source_for(target, sources).is_none().then(|| problem.into())
}

/// Describes the host and the port to connect to, for messages.
pub(crate) fn target(plan: &TcpConnect) -> String {
    format!("TCP port {} of {}", plan.port, plan.host)
}

fn out_of_time(plan: &TcpConnect, attempts: Vec<Attempt>) -> Problem {
    PeerProblem::TimedOut { target: target(plan), timeout: plan.timeout, attempts }.into()
}

/// Connects to one address, optionally from a given one.
async fn attempt(
    target: SocketAddr,
    source: Option<SocketAddr>,
    options: &SocketOptions,
) -> io::Result<Connected> {
    let socket = with_reserve(|| stream_socket(target))?;
    set_device(&socket, options)?;
    if let Some(source) = source {
        bind_to(&socket, source)?;
    }
    // An interrupted connect also continues in the background. A listener on this machine has
    // answered when the first call returns. A second call then succeeds, which is cheaper than
    // waiting for an event.
    let under_way = [Errno::INPROGRESS, Errno::ALREADY, Errno::INTR];
    let is_under_way = |result| matches!(result, Err(error) if under_way.contains(&error));
    let mut result = connect(&socket, &target);
    if is_under_way(result) {
        result = connect(&socket, &target);
    }
    let stream = Async::new_nonblocking(TcpStream::from(socket))?;
    match result {
        Ok(()) | Err(Errno::ISCONN) => {}
        result if is_under_way(result) => {
            stream.writable().await?;
            stream.get_ref().take_error()?.map_or(Ok(()), Err)?;
        }
        Err(error) => return Err(error.into()),
    }
    prepare(stream.get_ref())?;
    set_options(stream.get_ref(), options)?;
    let local = stream.get_ref().local_addr()?;
    if local == target {
        // If no server listens on a local port, the system may choose that same port for the socket
        // and connect it to itself.
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(Connected { stream, local })
}

/// Binds the socket of a client. An error names this address, not the address of the server.
fn bind_to(socket: &OwnedFd, source: SocketAddr) -> io::Result<()> {
    if source.port() != 0 {
        // Attempts to several addresses share the port, and an earlier connection from it may be in
        // TIME_WAIT.
        sockopt::set_socket_reuseaddr(socket, true)?;
    }
    #[cfg(target_os = "linux")]
    if source.port() == 0 {
        // The option is missing on old kernels and in some sandboxes; then fewer ports are
        // available.
        let _ = bind_without_port(socket);
    }
    bind(socket, &source).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("cannot bind to {source}: {}", IoMessage(&error)))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::plan::KeepAlive;

    #[test]
    fn a_connection_has_the_options_of_its_description() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        let mut probes = KeepAlive::new(Duration::from_secs(60));
        (probes.interval, probes.count) = (Some(Duration::from_secs(10)), Some(5));
        let mut options = SocketOptions {
            keep_alive: Some(probes),
            user_timeout: Some(Duration::from_secs(20)),
            device: None,
        };
        let connect = |options: &SocketOptions| smol::block_on(attempt(target, None, options));
        let connected = connect(&options).unwrap();
        let socket = connected.stream.get_ref();
        assert!(sockopt::socket_keepalive(socket).unwrap());
        assert_eq!(sockopt::tcp_keepidle(socket).unwrap(), Duration::from_secs(60));
        assert_eq!(sockopt::tcp_keepintvl(socket).unwrap(), Duration::from_secs(10));
        assert_eq!(sockopt::tcp_keepcnt(socket).unwrap(), 5);
        assert_eq!(sockopt::tcp_user_timeout(socket).unwrap(), 20_000);

        options.keep_alive = Some(KeepAlive::new(Duration::ZERO));
        let connected = connect(&options).unwrap();
        assert!(!sockopt::socket_keepalive(connected.stream.get_ref()).unwrap());

        options.device = Some("no-such-device".to_owned());
        let error = connect(&options).err().unwrap().to_string();
        assert!(
            error.starts_with("cannot use the network interface `no-such-device`: "),
            "{error}"
        );
    }
}
