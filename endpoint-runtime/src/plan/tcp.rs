//! TCP in a plan: a port to listen on or to connect to.

use std::time::Duration;

use super::defaults::{DEFAULT_ATTEMPT_DELAY, DEFAULT_BACKLOG, DEFAULT_TIMEOUT};
use super::host::Host;
use crate::address::Family;

/// Options of a TCP socket that descriptions can set; by default, all are those of the system.
///
/// See [`KeepAlive`] for an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketOptions {
    /// The TCP keep-alive probes; `None` leaves their times to the system.
    pub keep_alive: Option<KeepAlive>,
    /// How long sent bytes may stay unacknowledged (`TCP_USER_TIMEOUT`, Linux only).
    ///
    /// Without it, Linux gives up after about 15 minutes (`net.ipv4.tcp_retries2`).
    pub user_timeout: Option<Duration>,
    /// The only network interface to use, such as `eth0` (`SO_BINDTODEVICE`, Linux only).
    ///
    /// `None` allows every interface.
    pub device: Option<String>,
}

/// TCP keep-alive: the probes of a peer that sends nothing.
///
/// They detect a peer that has disappeared, for example by a power failure, while this side has
/// nothing to send.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, ClientTransport};
/// use strports_syntax::ClientEndpoint;
///
/// let endpoint = ClientEndpoint::parse("tcp:localhost:80:keepAlive=60,10")?;
/// let ClientTransport::Tcp(tcp) = ClientPlan::try_from(&endpoint)?.transport else { panic!() };
/// let probes = tcp.options.keep_alive.unwrap();
/// assert_eq!((probes.idle.as_secs(), probes.count), (60, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeepAlive {
    /// The time without data before the first probe; zero turns probes off.
    pub idle: Duration,
    /// The time between two probes; `None` leaves it to the system.
    pub interval: Option<Duration>,
    /// How many probes may stay unanswered; `None` leaves it to the system.
    pub count: Option<u32>,
}

impl KeepAlive {
    /// Probes a peer after this time of silence.
    pub const fn new(idle: Duration) -> Self {
        Self { idle, interval: None, count: None }
    }
}

/// Listens on a TCP port, on one address or on every one.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{DEFAULT_BACKLOG, Host, ServerPlan, TcpListen};
///
/// let mut listen = TcpListen::new(Host::parse("::1"), 80);
/// assert_eq!(listen.backlog, DEFAULT_BACKLOG);
/// listen.backlog = 5;
/// let plan = ServerPlan::from(listen);
/// assert_eq!(plan.to_string(), "listen on `::1`, TCP port 80, with a backlog of 5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpListen {
    /// The local address; `0.0.0.0` and `::` mean every address.
    pub interface: Host,
    /// The port; 0 lets the system choose a free port.
    pub port: u16,
    /// How many connections may wait to be accepted. On Linux, `net.core.somaxconn` limits the
    /// value.
    pub backlog: i32,
    /// The preferred family if `interface` is a name with addresses of both.
    pub prefer: Family,
    /// Whether several sockets may share the port (`SO_REUSEPORT`).
    ///
    /// The system distributes connections among them. Those in the queue of a socket that is closed
    /// are lost.
    pub reuse_port: bool,
    /// Whether a socket on `::` accepts IPv6 connections only, instead of IPv4 ones too.
    pub v6only: bool,
    /// Options of the listening socket, which accepted connections inherit.
    pub options: SocketOptions,
}

impl TcpListen {
    /// Listens on a port, with the defaults of `tcp`.
    pub fn new(interface: Host, port: u16) -> Self {
        Self {
            interface,
            port,
            backlog: DEFAULT_BACKLOG,
            prefer: Family::V4,
            reuse_port: false,
            v6only: false,
            options: SocketOptions::default(),
        }
    }
}

/// Connects to a TCP port of a host; tries all addresses of a name.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, DEFAULT_TIMEOUT, Host, TcpConnect};
///
/// let plan = ClientPlan::from(TcpConnect::new(Host::parse("example.com"), 80));
/// assert_eq!(plan.timeout(), Some(DEFAULT_TIMEOUT));
/// assert_eq!(plan.to_string(), "connect to `example.com`, TCP port 80, within 30 seconds");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpConnect {
    /// The host to connect to; a name may have several addresses to try.
    pub host: Host,
    /// The port to connect to.
    pub port: u16,
    /// How long each address of the host is tried. The lookup of the name counts too.
    pub timeout: Duration,
    /// The local address to connect from; `None` lets the system choose.
    pub bind_address: Option<Host>,
    /// The port to connect from, with `bind_address`; 0 lets the system choose.
    pub bind_port: u16,
    /// The only family to try; `None` allows both.
    pub family: Option<Family>,
    /// The delay between attempts at the addresses of a host name, from 0.1 to 2 seconds.
    ///
    /// A shorter delay reaches a working address sooner, but opens more connections.
    pub attempt_delay: Duration,
    /// Options of the connection's socket, such as keep-alive.
    pub options: SocketOptions,
}

impl TcpConnect {
    /// Connects to a port, with the defaults of `tcp`.
    pub fn new(host: Host, port: u16) -> Self {
        Self {
            host,
            port,
            timeout: DEFAULT_TIMEOUT,
            bind_address: None,
            bind_port: 0,
            family: None,
            attempt_delay: DEFAULT_ATTEMPT_DELAY,
            options: SocketOptions::default(),
        }
    }
}
