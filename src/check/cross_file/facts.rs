//! The resource that a description uses, and with which another one may conflict: a port, a path,
//! or a peer on this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use endpoint_runtime::plan::Host;
use strports_syntax::signature::{Parameter, Purpose};
use strports_syntax::{Parameters, Report, Role, Value};

use crate::types::{Catalogue, ListensOn};

/// The port, socket or peer that a description uses, and with which another one may conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Port(Port),
    /// The UNIX socket of a server. An abstract name never conflicts with a path.
    Socket {
        name: Vec<u8>,
        is_abstract: bool,
    },
    /// A client that connects to this machine.
    Peer {
        port: u16,
        /// The name that the client verifies in the certificate; `None` without TLS.
        tls: Option<Host>,
    },
}

/// A TCP port on which a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(super) number: u16,
    pub(super) interface: Interface,
    /// Whether the listener uses TLS; `None` if that is unknown.
    pub(super) tls: Option<bool>,
    /// Whether `reusePort` lets other sockets with it listen on the same port.
    shared: bool,
}

/// The local addresses on which a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    Ip {
        address: IpAddr,
        /// Whether an IPv6 socket accepts no IPv4 connections.
        v6only: bool,
    },
    /// A host name, which may resolve to any address.
    Name(Vec<u8>),
}

impl Claim {
    /// The resource that a description uses; `None` if it has errors, or uses none that another
    /// description could use.
    ///
    /// On Windows, an IPv6 socket does not accept IPv4 connections by default, and Twisted programs
    /// do not change that.
    pub(super) fn from_report(
        report: &Report<'_>,
        catalogue: &Catalogue,
        on_windows: bool,
    ) -> Option<Self> {
        let endpoint = report.endpoint()?;
        match report.role() {
            Role::Server => Listening { catalogue, on_windows }.claim(endpoint, false),
            Role::Client => peer(endpoint),
        }
    }
}

/// What determines the address of a server besides its description: types and the operating system.
struct Listening<'c> {
    catalogue: &'c Catalogue,
    on_windows: bool,
}

impl Listening<'_> {
    /// The port or socket on which `endpoint`, or the server nested in it, listens. `tls` is
    /// whether an outer server uses TLS. `None` without a known address, as for port 0 or an
    /// inherited socket.
    fn claim(&self, endpoint: &dyn Parameters, tls: bool) -> Option<Claim> {
        if endpoint.signature().plugin {
            return self.of_package(endpoint);
        }
        let tls = tls || speaks_tls(endpoint);
        if let Value::Server(inner) = endpoint.value("endpoint") {
            return self.claim(inner, tls);
        }
        if let Some(name) = text(endpoint, "address") {
            return Some(Claim::Socket { name, is_abstract: flag(endpoint, "abstract") });
        }
        Some(Claim::Port(Port {
            number: port(endpoint, "port")?,
            interface: interface(endpoint, "interface", self.on_windows)?,
            tls: Some(tls),
            shared: flag(endpoint, "reusePort"),
        }))
    }

    /// The port or socket of a server whose type is a package's: that of the server nested in it,
    /// or the port that the entry of the type names. Whether it uses TLS is unknown.
    fn of_package(&self, endpoint: &dyn Parameters) -> Option<Claim> {
        let signature = endpoint.signature();
        let names = signature.parameters.iter().map(|it| it.name).chain(["endpoint"]);
        for name in names {
            if let Value::Server(inner) = endpoint.value(name) {
                return match self.claim(inner, false)? {
                    Claim::Port(port) => Some(Claim::Port(Port { tls: None, ..port })),
                    other => Some(other),
                };
            }
        }
        let listens = self.catalogue.listens(signature)?;
        let interface = match listens.on {
            ListensOn::Address(address) => Interface::Ip { address, v6only: self.on_windows },
            ListensOn::Interface(name) => {
                interface(endpoint, name, self.on_windows).unwrap_or_else(Interface::everywhere)
            }
            ListensOn::Everywhere => Interface::everywhere(),
        };
        let number = port(endpoint, listens.port)?;
        Some(Claim::Port(Port { number, interface, tls: None, shared: false }))
    }
}

/// The claim of a client that connects to a port of this machine; `None` for every other client.
fn peer(endpoint: &dyn Parameters) -> Option<Claim> {
    if matches!(endpoint.value("endpoint"), Value::Client(_)) || endpoint.signature().plugin {
        return None;
    }
    let host = text(endpoint, "host")?;
    let address = address(&host);
    let verified = || {
        let name = text(endpoint, "hostname").unwrap_or_else(|| host.clone());
        Host::parse(&String::from_utf8_lossy(&name))
    };
    let is_here = host.eq_ignore_ascii_case(b"localhost") || address.is_some_and(is_loopback);
    let port = port(endpoint, "port")?;
    is_here.then(|| Claim::Peer { port, tls: speaks_tls(endpoint).then(verified) })
}

/// Whether the endpoint uses TLS. Only types with TLS have a parameter for root certificates.
fn speaks_tls(endpoint: &dyn Parameters) -> bool {
    let trusts = |it: &Parameter| it.purpose == Some(Purpose::Authorities);
    endpoint.signature().parameters.iter().any(trusts)
}

/// The port in the parameter `name`; `None` for 0, with which the system chooses any free port.
fn port(endpoint: &dyn Parameters, name: &str) -> Option<u16> {
    match endpoint.value(name) {
        Value::Integer(port) => u16::try_from(port).ok().filter(|port| *port != 0),
        _ => None,
    }
}

/// The interface in the parameter `name`, or every IPv4 address if it is empty.
fn interface(endpoint: &dyn Parameters, name: &str, on_windows: bool) -> Option<Interface> {
    let text = text(endpoint, name)?;
    if text.is_empty() {
        return Some(Interface::everywhere());
    }
    let v6only = on_windows || flag(endpoint, "v6only");
    Some(match address(&text) {
        Some(address) => Interface::Ip { address, v6only },
        None => Interface::Name(text),
    })
}

fn address(text: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn text(endpoint: &dyn Parameters, name: &str) -> Option<Vec<u8>> {
    match endpoint.value(name) {
        Value::Text(text) => Some(text.to_bytes().into_owned()),
        _ => None,
    }
}

fn flag(endpoint: &dyn Parameters, name: &str) -> bool {
    matches!(endpoint.value(name), Value::Flag(true))
}

fn is_loopback(address: IpAddr) -> bool {
    address.is_loopback()
}

impl Port {
    /// Whether servers cannot listen on both ports at the same time.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.number == other.number
            && !(self.shared && other.shared)
            && self.interface.meets(&other.interface)
    }

    /// Whether the ports have different IP families. If they also [meet](Self::meets), the IPv6
    /// socket occupies the IPv4 port too.
    pub(super) fn is_dual(&self, other: &Self) -> bool {
        self.interface.is_v4() != other.interface.is_v4()
    }

    /// Whether a client that connects to a loopback address reaches the port.
    pub(super) fn is_reached_from_here(&self) -> bool {
        match &self.interface {
            Interface::Ip { address, .. } => address.is_unspecified() || address.is_loopback(),
            Interface::Name(name) => name.eq_ignore_ascii_case(b"localhost"),
        }
    }
}

impl Interface {
    /// Every IPv4 address, on which Twisted listens by default.
    fn everywhere() -> Self {
        Self::Ip { address: Ipv4Addr::UNSPECIFIED.into(), v6only: false }
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(other)) => one.eq_ignore_ascii_case(other),
            (
                Self::Ip { address: one, v6only: one_alone },
                Self::Ip { address: other, v6only: other_alone },
            ) => match (one, other) {
                (IpAddr::V4(_), IpAddr::V6(six)) => takes_both(*six, *other_alone),
                (IpAddr::V6(six), IpAddr::V4(_)) => takes_both(*six, *one_alone),
                _ => one == other || one.is_unspecified() || other.is_unspecified(),
            },
            // A name may resolve to any address, so a conflict is not certain.
            _ => false,
        }
    }

    fn is_v4(&self) -> bool {
        matches!(self, Self::Ip { address: IpAddr::V4(_), .. })
    }
}

/// Whether a socket on this IPv6 address also accepts connections to every IPv4 address.
fn takes_both(address: Ipv6Addr, v6only: bool) -> bool {
    address.is_unspecified() && !v6only
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn claim(text: &str, role: Role, on_windows: bool) -> Option<Claim> {
        let catalogue = Catalogue::new(&[]).map_err(|mistake| mistake.message).unwrap();
        Claim::from_report(&catalogue.types().check(text, role), &catalogue, on_windows)
    }

    #[track_caller]
    fn port(text: &str) -> Port {
        port_on(text, false)
    }

    #[track_caller]
    fn port_on(text: &str, on_windows: bool) -> Port {
        match claim(text, Role::Server, on_windows) {
            Some(Claim::Port(port)) => port,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn two_listeners_conflict_on_one_address() {
        let meet = |one: &str, other: &str| {
            let (one, other) = (port(one), port(other));
            assert_eq!(one.meets(&other), other.meets(&one));
            one.meets(&other)
        };
        assert!(meet("tcp:80", "tcp:80:interface=0.0.0.0"));
        assert!(meet("tcp:80", "tcp:80:interface=127.0.0.1"));
        assert!(meet("tcp:80", "ssl:80"));
        assert!(meet("tcp:80", "tcp6:80"));
        assert!(meet("haproxy:tcp:80", "tls:certs:80"));
        assert!(meet("tcp:80:interface=127.0.0.1", r"tcp:80:interface=\:\:"));
        assert!(!meet("tcp:80", "tcp:81"));
        assert!(!meet("tcp:80", "tcp6:80:v6only=1"));
        assert!(!meet("tcp:80", r"tcp6:80:interface=\:\:1"));
        assert!(!meet("tcp:80:interface=127.0.0.1", "tcp:80:interface=127.0.0.2"));
        assert!(!meet("tcp:80:reusePort=1", "tcp:80:reusePort=1"));
        assert!(meet("tcp:80:reusePort=1", "tcp:80"));
    }

    #[test]
    fn address_families_are_separate_on_windows() {
        let (four, six) = (port_on("tcp:80", true), port_on("tcp6:80", true));
        assert!(!four.meets(&six) && !six.meets(&four));
        assert!(six.meets(&port_on(r"tcp6:80:interface=\:\:1", true)));
    }

    #[test]
    fn some_types_claim_no_port() {
        for text in ["tcp:0", "stdio:", "systemd:INET:name=x", "fd:3", "tcp:x"] {
            assert_eq!(claim(text, Role::Server, false), None, "{text}");
        }
        for text in ["tcp:example.com:80", "unix:/x", "tcp:10.0.0.1:80", "process:x", "fd:3"] {
            assert_eq!(claim(text, Role::Client, false), None, "{text}");
        }
        let over_unix = r"tls:localhost:443:endpoint=unix\:/x";
        assert_eq!(claim(over_unix, Role::Client, false), None);
    }

    #[test]
    fn package_types_claim_the_declared_ports() {
        let meet = |one: &str, other: &str| port(one).meets(&port(other));
        assert!(meet("onion:80:localPort=8080", "tcp:8080:interface=127.0.0.1"));
        assert!(!meet("onion:80:localPort=8080", "tcp:80"));
        assert!(meet("txsni:/certs:tcp:443", "tcp:443"));
        assert!(meet(r"autobahn:tcp\:9000:url=ws\://h", "tcp:9000"));
        assert_eq!(port("txsni:/certs:tcp:443").tls, None);
        assert_eq!(
            claim("onion:80", Role::Server, false),
            None,
            "a free port is another each time"
        );
        let socket = claim("txsni:/certs:unix:/run/s", Role::Server, false);
        assert!(matches!(socket, Some(Claim::Socket { .. })));
    }

    #[test]
    fn tls_is_found_in_nested_descriptions() {
        for (text, tls) in [
            ("tcp:80", false),
            ("tcp6:80", false),
            ("haproxy:tcp:80", false),
            ("ssl:80", true),
            ("haproxy:tls:certs:80", true),
            (r"ssl:endpoint=haproxy\:tcp\:80", true),
        ] {
            assert_eq!(port(text).tls, Some(tls), "{text}");
        }
        let peer = claim("tls:127.0.0.1:443", Role::Client, false);
        assert_eq!(peer, Some(Claim::Peer { port: 443, tls: Some(Host::parse("127.0.0.1")) }));
    }
}
