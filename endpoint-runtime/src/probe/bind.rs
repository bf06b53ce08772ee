//! The last step of a server's probe: checks whether it could open its listening socket.

use std::io;
use std::net::SocketAddr;

use rustix::process::geteuid;
use strports_syntax::value::Domain;

use super::clock::Clock;
use super::holder;
use super::report::{Holder, ProbeFacts, ProbeSocket, ProbeStep, StepKind};
use crate::address::Address;
use crate::error::{EnvironmentProblem, Problem};
use crate::net::{ReadyServerLayers, Server, look_listener, look_passed, look_unix, try_bind};
use crate::plan::{Host, ServerTransport, SystemdListen, SystemdSocket, TcpListen, UnixListen};
use crate::quoted::Quoted;

/// The server to check, and the list to which the result is added.
pub(super) struct Binding<'a> {
    pub(super) server: &'a Server,
    pub(super) clock: &'a Clock,
    pub(super) steps: &'a mut Vec<ProbeStep>,
}

impl Binding<'_> {
    /// Checks whether the listening socket could be opened, and adds the result as a step.
    ///
    /// `layers` decide what the advice says on how a client would connect.
    pub(super) async fn look(self, layers: &ReadyServerLayers) {
        match &self.server.plan().transport {
            ServerTransport::Tcp(plan) => self.tcp(plan, layers).await,
            ServerTransport::Unix(plan) => self.unix(plan, layers).await,
            ServerTransport::Systemd(plan) => self.systemd(plan),
            ServerTransport::Fd(plan) => {
                let looked = look_listener(*plan).map(|address| vec![address]);
                self.passed(looked, Vec::new());
            }
            ServerTransport::Opened(address) => self.passed(Ok(vec![address.clone()]), Vec::new()),
            ServerTransport::Stdio => {
                let mut step = ProbeStep::new(StepKind::Bind, self.clock.now());
                let message = "standard input and output are its one connection".to_owned();
                step.succeed(self.clock.now(), message);
                self.steps.push(step);
            }
            ServerTransport::Plugin(call) => {
                let mut step = ProbeStep::new(StepKind::Bind, self.clock.now());
                let name = Quoted::new(&call.name);
                step.succeed(self.clock.now(), format!("the plugin {name} listens by itself"));
                step.advice.push("its sockets were not checked".to_owned());
                self.steps.push(step);
            }
        }
    }

    /// Binds the port and releases it. If it is in use, names the processes that hold it.
    async fn tcp(self, plan: &TcpListen, layers: &ReadyServerLayers) {
        let kind = match plan.interface {
            Host::Name(_) => StepKind::Resolve,
            _ => StepKind::Bind,
        };
        let mut step = ProbeStep::new(kind, self.clock.now());
        let address = self.clock.within(self.server.tcp_address(plan)).await;
        let address = match address {
            Ok(address) => address,
            Err(message) => {
                step.fail(self.clock.now(), message);
                self.steps.push(step);
                return;
            }
        };
        if let Host::Name(name) = &plan.interface {
            let message = format!("{} has {}", Quoted::new(name), address.ip());
            step.succeed(self.clock.now(), message);
            let (name, source) = (name.clone(), None);
            step.facts = ProbeFacts::Lookup { name, addresses: vec![address.ip()], source };
            let bind = ProbeStep::new(StepKind::Bind, self.clock.now());
            self.steps.push(std::mem::replace(&mut step, bind));
        }
        let mut socket = ProbeSocket { address: Some(address.into()), ..ProbeSocket::default() };
        socket.takes_ipv4 =
            address.is_ipv6().then(|| address.ip().is_unspecified() && !plan.v6only);
        match try_bind(address, plan) {
            Ok(()) => {
                step.succeed(self.clock.now(), free_port(address, socket.takes_ipv4));
                recommend(&address.into(), socket.takes_ipv4, layers, &mut step);
            }
            Err(problem) => {
                let kind = listen_error(&problem).map(io::Error::kind);
                if kind == Some(io::ErrorKind::AddrInUse) {
                    socket.holders = smol::unblock(move || holder::of_port(address)).await;
                }
                step.fail(self.clock.now(), with_holders(&problem, &socket.holders));
                step.advice.extend(advice_for(kind, address.port(), &socket.holders));
            }
        }
        step.facts = ProbeFacts::Socket(Box::new(socket));
        self.steps.push(step);
    }

    /// Checks the path, its directory and its lock file, and changes none of them.
    async fn unix(self, plan: &UnixListen, layers: &ReadyServerLayers) {
        let mut step = ProbeStep::new(StepKind::Bind, self.clock.now());
        let address = Address::Unix(plan.name.clone());
        let mut socket = ProbeSocket { address: Some(address.clone()), ..ProbeSocket::default() };
        let theirs = plan.clone();
        let looked = smol::unblock(move || {
            let looked = look_unix(&theirs);
            let holders = looked.as_ref().err().map(holders_of).unwrap_or_default();
            (looked, holders)
        });
        let (looked, holders) = looked.await;
        socket.holders = holders;
        match looked {
            Ok(standing) => {
                let mode = match plan.name.as_path() {
                    Some(_) => format!(", with mode {:o}", plan.mode),
                    None => String::new(),
                };
                let message = format!("the UNIX socket {} can be made{mode}", plan.name);
                step.succeed(self.clock.now(), message);
                if let Some(pid) = standing.stale_lock {
                    let message =
                        format!("a lock of process {pid}, which has ended, will be removed");
                    step.advice.push(message);
                }
                if standing.stale_socket {
                    let message = "an unused socket is there, and will be removed";
                    step.advice.push(message.to_owned());
                }
                recommend(&address, None, layers, &mut step);
            }
            Err(problem) => {
                step.fail(self.clock.now(), with_holders(&problem, &socket.holders));
            }
        }
        step.facts = ProbeFacts::Socket(Box::new(socket));
        self.steps.push(step);
    }

    fn systemd(self, plan: &SystemdListen) {
        let looked = look_passed(plan);
        let advice = if looked.is_err() { needed_of_systemd(plan) } else { Vec::new() };
        self.passed(looked, advice);
    }

    /// Adds the step for sockets that are already open: their addresses, or why they do not fit.
    fn passed(self, looked: Result<Vec<Address>, Problem>, advice: Vec<String>) {
        let mut step = ProbeStep::new(StepKind::Bind, self.clock.now());
        match looked {
            Ok(addresses) => {
                let all: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                step.succeed(self.clock.now(), format!("a socket listens on {}", all.join(", ")));
                let address = addresses.into_iter().next();
                let socket = ProbeSocket { address, ..ProbeSocket::default() };
                step.facts = ProbeFacts::Socket(Box::new(socket));
            }
            Err(problem) => step.fail(self.clock.now(), problem.to_string()),
        }
        step.advice.extend(advice);
        self.steps.push(step);
    }
}

/// Adds advice on how a client on this machine would connect to the server.
fn recommend(
    address: &Address,
    takes_ipv4: Option<bool>,
    layers: &ReadyServerLayers,
    step: &mut ProbeStep,
) {
    // With port 0, the system chooses a port only when the server listens.
    if address.port() == Some(0) {
        return;
    }
    let reach = layers.reach(address, takes_ipv4.unwrap_or(false));
    if let Some(client) = &reach.client {
        let mut message = format!("clients on this machine connect with {client}");
        let needs = reach.needs.iter().map(|need| format!(", and need {need}"));
        message.extend(needs);
        step.advice.push(message);
    }
}

fn free_port(address: SocketAddr, takes_ipv4: Option<bool>) -> String {
    let place = match takes_ipv4 {
        Some(true) => "every IPv6 and IPv4 address".to_owned(),
        Some(false) if address.ip().is_unspecified() => "every IPv6 address".to_owned(),
        _ if address.ip().is_unspecified() => "every IPv4 address".to_owned(),
        _ => address.ip().to_string(),
    };
    match address.port() {
        0 => format!("a free TCP port on {place} is chosen when it listens"),
        port => format!("TCP port {port} on {place} is free"),
    }
}

/// The error from the operating system if listening failed; `None` for another problem.
fn listen_error(problem: &Problem) -> Option<&io::Error> {
    match problem {
        Problem::Environment(
            EnvironmentProblem::Listen { error, .. }
            | EnvironmentProblem::PortOfOtherFamily { error, .. },
        ) => Some(error),
        _ => None,
    }
}

/// The processes that prevent a UNIX socket from being created. Blocks to read `/proc`.
fn holders_of(problem: &Problem) -> Vec<Holder> {
    match problem {
        Problem::Environment(EnvironmentProblem::Locked { pid, .. }) => {
            u32::try_from(*pid).ok().map(holder::of_pid).into_iter().collect()
        }
        Problem::Environment(EnvironmentProblem::PathInUse { path }) => holder::of_path(path),
        _ => Vec::new(),
    }
}

/// The message of the problem, followed by the processes that hold the port or the path.
fn with_holders(problem: &Problem, holders: &[Holder]) -> String {
    let names: Vec<_> = holders.iter().map(ToString::to_string).collect();
    match (names.is_empty(), problem) {
        (true, _) => problem.to_string(),
        (false, Problem::Environment(EnvironmentProblem::Locked { .. })) => {
            let program = holders.iter().find_map(|it| it.program.as_deref());
            let program = program.map(|it| format!(" ({})", Quoted::new(it)));
            format!("{problem}{}", program.unwrap_or_default())
        }
        (false, _) => format!("{problem}; held by {}", names.join(", ")),
    }
}

/// Advice on an error of binding a TCP port; `None` if the error explains itself.
fn advice_for(kind: Option<io::ErrorKind>, port: u16, holders: &[Holder]) -> Option<String> {
    match kind? {
        io::ErrorKind::AddrInUse if holders.is_empty() && !geteuid().is_root() => Some(
            "the process that holds it belongs to another user (root can see which one)".to_owned(),
        ),
        io::ErrorKind::PermissionDenied => {
            let first = first_unprivileged().unwrap_or(1024);
            Some(format!(
                "ports below {first} need `CAP_NET_BIND_SERVICE` (root has it; \
                 `AmbientCapabilities=` of systemd gives it), or a lower \
                 `net.ipv4.ip_unprivileged_port_start`, or a socket of systemd with \
                 `ListenStream={port}`"
            ))
        }
        io::ErrorKind::AddrNotAvailable => Some(
            "no interface of this machine has this address (`ip address` lists them)".to_owned(),
        ),
        _ => None,
    }
}

/// The first port that processes may bind without privileges; `None` if Linux does not say.
fn first_unprivileged() -> Option<u16> {
    let path = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Advice on the unit file with which systemd would pass the sockets of the plan.
fn needed_of_systemd(plan: &SystemdListen) -> Vec<String> {
    let stream = match plan.domain {
        Domain::Inet => "`ListenStream=0.0.0.0:PORT`",
        Domain::Inet6 => "`ListenStream=[::]:PORT`",
        Domain::Unix => "`ListenStream=/run/NAME.sock`",
    };
    let which = match &plan.socket {
        SystemdSocket::Index(index) => {
            format!("as socket number {} of its `.socket` units", index.saturating_add(1))
        }
        SystemdSocket::Name(name) => {
            let name = String::from_utf8_lossy(name);
            format!("and `FileDescriptorName={}`", name.escape_debug())
        }
    };
    vec![
        format!("systemd has to pass a listening socket: a `.socket` unit with {stream} {which}"),
        "to try it, run this command by `systemd-socket-activate`, or as the unit does".to_owned(),
    ]
}
