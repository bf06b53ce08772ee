//! `tcp` and `tcp6`: servers and clients on TCP ports.

use super::field::fields;
use crate::Text;
use crate::signature::{client, server};
use crate::value::{Backlog, Delay, Flag, KeepAlive, Port, Seconds};

/// Listens on a TCP port, over IPv4 by default.
///
/// ```
/// use strports_syntax::TcpServer;
/// let endpoint = TcpServer::new(8080).interface("::1");
/// assert_eq!(endpoint.to_string(), r"tcp:8080:interface=\:\:1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct TcpServer<'a> {
    /// The TCP port to listen on; 0 lets the system choose a free port.
    pub port: Port<'a>,
    /// The address to listen on; empty means every IPv4 address.
    pub interface: Text<'a>,
    /// How many connections may wait to be accepted; 50 by default.
    pub backlog: Backlog<'a>,
    /// Whether other sockets may listen on the same port and share its connections
    /// (`SO_REUSEPORT`); off by default. An extension to Twisted.
    pub reuse_port: Flag<'a>,
    /// When to probe a silent peer by TCP keep-alive; `None` means never. An extension to Twisted.
    pub keep_alive: Option<KeepAlive<'a>>,
    /// Seconds that sent bytes may stay unacknowledged until the connection fails
    /// (`TCP_USER_TIMEOUT`). `None` leaves it to the system. An extension to Twisted.
    pub user_timeout: Option<Seconds<'a>>,
    /// The network device that all packets must use, such as `eth0` (`SO_BINDTODEVICE`); `None`
    /// means any. An extension to Twisted.
    pub device: Option<Text<'a>>,
}

impl TcpServer<'_> {
    /// Listens on `port` of every IPv4 address, with the defaults of Twisted.
    pub const fn new(port: u16) -> Self {
        Self {
            port: Port::new(port),
            interface: Text::literal(""),
            backlog: Backlog::new(50),
            reuse_port: Flag::new(false),
            keep_alive: None,
            user_timeout: None,
            device: None,
        }
    }
}

fields!(
    TcpServer = server::TCP {
        port: "port",
        interface: "interface" as Text<'a>,
        backlog: "backlog" as Backlog<'a>,
        reuse_port: "reusePort" as Flag<'a>,
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);

/// Listens on a TCP port, over IPv6 and IPv4.
///
/// ```
/// use strports_syntax::Tcp6Server;
/// assert_eq!(Tcp6Server::new(80).to_string(), "tcp6:80");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Tcp6Server<'a> {
    /// The TCP port to listen on; 0 lets the system choose a free port.
    pub port: Port<'a>,
    /// How many connections may wait to be accepted; 50 by default.
    pub backlog: Backlog<'a>,
    /// The address to listen on; `::` means every address.
    pub interface: Text<'a>,
    /// Whether other sockets may listen on the same port and share its connections
    /// (`SO_REUSEPORT`); off by default. An extension to Twisted.
    pub reuse_port: Flag<'a>,
    /// Whether to accept IPv6 connections only; off by default. An extension to Twisted.
    pub v6only: Flag<'a>,
    /// When to probe a silent peer by TCP keep-alive; `None` means never. An extension to Twisted.
    pub keep_alive: Option<KeepAlive<'a>>,
    /// Seconds that sent bytes may stay unacknowledged until the connection fails
    /// (`TCP_USER_TIMEOUT`). `None` leaves it to the system. An extension to Twisted.
    pub user_timeout: Option<Seconds<'a>>,
    /// The network device that all packets must use, such as `eth0` (`SO_BINDTODEVICE`); `None`
    /// means any. An extension to Twisted.
    pub device: Option<Text<'a>>,
}

impl Tcp6Server<'_> {
    /// Listens on `port` of every IPv6 and IPv4 address, with the defaults of Twisted.
    pub const fn new(port: u16) -> Self {
        Self {
            port: Port::new(port),
            backlog: Backlog::new(50),
            interface: Text::literal("::"),
            reuse_port: Flag::new(false),
            v6only: Flag::new(false),
            keep_alive: None,
            user_timeout: None,
            device: None,
        }
    }
}

fields!(
    Tcp6Server = server::TCP6 {
        port: "port",
        backlog: "backlog" as Backlog<'a>,
        interface: "interface" as Text<'a>,
        reuse_port: "reusePort" as Flag<'a>,
        v6only: "v6only" as Flag<'a>,
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);

/// Connects to a TCP port of a host.
///
/// ```
/// use strports_syntax::TcpClient;
/// assert_eq!(TcpClient::new("::1", 80).to_string(), r"tcp:\:\:1:80");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct TcpClient<'a> {
    /// The host to connect to: a name or an IP address.
    pub host: Text<'a>,
    /// The TCP port to connect to.
    pub port: Port<'a>,
    /// The timeout of a connection attempt, in seconds; 30 by default.
    pub timeout: Seconds<'a>,
    /// The local address to connect from; `None` lets the system choose.
    pub bind_address: Option<Text<'a>>,
    /// The delay between connection attempts to the addresses of a host name; 0.25 seconds by
    /// default. An extension to Twisted.
    pub attempt_delay: Delay<'a>,
    /// When to probe a silent peer by TCP keep-alive; `None` means never. An extension to Twisted.
    pub keep_alive: Option<KeepAlive<'a>>,
    /// Seconds that sent bytes may stay unacknowledged until the connection fails
    /// (`TCP_USER_TIMEOUT`). `None` leaves it to the system. An extension to Twisted.
    pub user_timeout: Option<Seconds<'a>>,
    /// The network device that all packets must use, such as `eth0` (`SO_BINDTODEVICE`); `None`
    /// means any. An extension to Twisted.
    pub device: Option<Text<'a>>,
}

impl<'a> TcpClient<'a> {
    /// Creates an endpoint that connects to `port` of `host`.
    pub fn new(host: impl Into<Text<'a>>, port: u16) -> Self {
        let (host, port) = (host.into(), Port::new(port));
        Self {
            host,
            port,
            timeout: Seconds::new(30),
            bind_address: None,
            attempt_delay: Delay::RECOMMENDED,
            keep_alive: None,
            user_timeout: None,
            device: None,
        }
    }
}

fields!(
    TcpClient = client::TCP {
        host: "host",
        port: "port",
        timeout: "timeout" as Seconds<'a>,
        bind_address: "bindAddress" as Text<'a>,
        attempt_delay: "attemptDelay" as Delay<'a>,
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);

/// Connects to a TCP port over IPv6 only; an extension to Twisted.
///
/// ```
/// use strports_syntax::Tcp6Client;
/// assert_eq!(Tcp6Client::new("example.com", 80).to_string(), "tcp6:example.com:80");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Tcp6Client<'a> {
    /// The host to connect to: a name or an IP address.
    pub host: Text<'a>,
    /// The TCP port to connect to.
    pub port: Port<'a>,
    /// The timeout of a connection attempt, in seconds; 30 by default.
    pub timeout: Seconds<'a>,
    /// The local address to connect from; `None` lets the system choose.
    pub bind_address: Option<Text<'a>>,
    /// The delay between connection attempts to the addresses of a host name; 0.25 seconds by
    /// default. An extension to Twisted.
    pub attempt_delay: Delay<'a>,
    /// When to probe a silent peer by TCP keep-alive; `None` means never. An extension to Twisted.
    pub keep_alive: Option<KeepAlive<'a>>,
    /// Seconds that sent bytes may stay unacknowledged until the connection fails
    /// (`TCP_USER_TIMEOUT`). `None` leaves it to the system. An extension to Twisted.
    pub user_timeout: Option<Seconds<'a>>,
    /// The network device that all packets must use, such as `eth0` (`SO_BINDTODEVICE`); `None`
    /// means any. An extension to Twisted.
    pub device: Option<Text<'a>>,
}

impl<'a> Tcp6Client<'a> {
    /// Creates an endpoint that connects to `port` of `host`.
    pub fn new(host: impl Into<Text<'a>>, port: u16) -> Self {
        let (host, port) = (host.into(), Port::new(port));
        Self {
            host,
            port,
            timeout: Seconds::new(30),
            bind_address: None,
            attempt_delay: Delay::RECOMMENDED,
            keep_alive: None,
            user_timeout: None,
            device: None,
        }
    }
}

fields!(
    Tcp6Client = client::TCP6 {
        host: "host",
        port: "port",
        timeout: "timeout" as Seconds<'a>,
        bind_address: "bindAddress" as Text<'a>,
        attempt_delay: "attemptDelay" as Delay<'a>,
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);
