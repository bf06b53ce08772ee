//! Connections through proxies in a plan.

use core::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::time::Duration;

use super::{DEFAULT_TIMEOUT, Host};
use crate::quoted::Quoted;

/// A connection to another host that the client requests from a proxy.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, Host, TcpConnect, TunnelConnect, TunnelProtocol};
///
/// let mut plan = ClientPlan::from(TcpConnect::new(Host::parse("proxy"), 1080));
/// let host = Host::parse("example.com");
/// plan.layers.push(TunnelConnect::new(TunnelProtocol::Socks5, host, 443).into());
/// assert_eq!(
///     plan.to_string(),
///     "connect to `proxy`, TCP port 1080, within 30 seconds; \
///      have the SOCKS5 proxy there connect to `example.com`, TCP port 443"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TunnelConnect {
    /// The protocol that the proxy expects.
    pub protocol: TunnelProtocol,
    /// The host to connect to; the proxy resolves a name, so this machine needs no name server.
    pub host: Host,
    /// The TCP port to connect to.
    pub port: u16,
    /// The file of the credentials, in one line `USER:PASSWORD`; it is read for each connection.
    ///
    /// It must not be accessible to users other than its owner.
    pub credentials: Option<PathBuf>,
    /// The time limit for the proxy's answer; the limit of the transport also applies.
    pub timeout: Duration,
}

/// The protocol in which the client requests a connection from the proxy.
///
/// See [`TunnelConnect`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TunnelProtocol {
    /// SOCKS5 (RFC 1928).
    Socks5,
    /// The method CONNECT of HTTP (RFC 9110, section 9.3.6).
    HttpConnect,
}

impl TunnelConnect {
    /// Connects through a proxy without credentials.
    pub fn new(protocol: TunnelProtocol, host: Host, port: u16) -> Self {
        Self { protocol, host, port, credentials: None, timeout: DEFAULT_TIMEOUT }
    }
}

impl Display for TunnelConnect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (proxy, host, port) = (self.protocol, &self.host, self.port);
        write!(f, "have the {proxy} proxy there connect to {host}, TCP port {port}")?;
        match &self.credentials {
            Some(path) => write!(f, ", with the credentials in {}", Quoted::new(path)),
            None => Ok(()),
        }
    }
}

impl Display for TunnelProtocol {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Socks5 => "SOCKS5",
            Self::HttpConnect => "HTTP",
        })
    }
}
