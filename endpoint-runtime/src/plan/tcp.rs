//! TCP in a plan: a port to listen on or to connect to.

use std::time::Duration;

use super::defaults::{DEFAULT_ATTEMPT_DELAY, DEFAULT_BACKLOG, DEFAULT_TIMEOUT};
use super::host::Host;
use crate::address::Family;

/// A TCP port to listen on.
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
    /// How many connections may wait to be accepted.
    pub backlog: i32,
    /// The preferred family if `interface` is a name with addresses of both.
    pub prefer: Family,
    /// Whether several sockets may share the port (`SO_REUSEPORT`).
    pub reuse_port: bool,
    /// Whether `::` accepts IPv6 connections only.
    pub v6only: bool,
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
        }
    }
}

/// A TCP port to connect to.
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
    /// The host to connect to.
    pub host: Host,
    /// The port to connect to.
    pub port: u16,
    /// The time limit for each address, including the lookup of the name.
    pub timeout: Duration,
    /// The local address to connect from.
    pub bind_address: Option<Host>,
    /// The port to connect from, with `bind_address`; 0 lets the system choose.
    pub bind_port: u16,
    /// The only family to try; `None` allows both.
    pub family: Option<Family>,
    /// The delay between attempts at the addresses of a host name, from 0.1 to 2 seconds.
    pub attempt_delay: Duration,
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
        }
    }
}
