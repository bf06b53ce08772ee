//! `tls`: TLS with verified names, over TCP or any other endpoint.

use super::field::fields;
#[cfg(feature = "alloc")]
use super::{ClientEndpoint, ServerEndpoint};
use super::{InnerClient, InnerServer};
use crate::Text;
use crate::signature::{client, server};
use crate::value::{Backlog, Delay, Flag, Host, KeepAlive, Port, Seconds};

/// Listens for TLS connections, and selects the certificate by the requested name (SNI).
///
/// ```
/// use strports_syntax::{TlsServer, UnixServer};
/// let endpoint = TlsServer::over("/etc/certs", UnixServer::new("/run/tls.sock"));
/// assert_eq!(endpoint.to_string(), r"tls:/etc/certs:endpoint=unix\:/run/tls.sock");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct TlsServer<'a> {
    /// A PEM file, or a directory of PEM files, with certificates and keys. The requested name
    /// selects one of them.
    pub path: Text<'a>,
    /// The TCP port to listen on; 443 by default. It has no effect if `endpoint` is given.
    pub port: Port<'a>,
    /// How many connections may wait to be accepted; 50 by default.
    pub backlog: Backlog<'a>,
    /// The address to listen on; `::` means every address.
    pub interface: Text<'a>,
    /// The PEM file or directory of the certificate authorities that clients' certificates must be
    /// signed by. `None` requests no client certificate. An extension to Twisted.
    pub client_cas: Option<Text<'a>>,
    /// The application protocols to negotiate (ALPN), separated by commas, such as `h2,http/1.1`;
    /// `None` negotiates none. An extension to Twisted.
    pub alpn: Option<Text<'a>>,
    /// Whether other sockets may listen on the same port and share its connections
    /// (`SO_REUSEPORT`); off by default. An extension to Twisted.
    pub reuse_port: Flag<'a>,
    /// Whether to accept IPv6 connections only; off by default. An extension to Twisted.
    pub v6only: Flag<'a>,
    /// The endpoint that carries the TLS connections, instead of a TCP port; `None` means TCP. An
    /// extension to Twisted.
    pub endpoint: InnerServer<'a>,
    /// When to probe a silent peer by TCP keep-alive; `None` means never. An extension to Twisted.
    pub keep_alive: Option<KeepAlive<'a>>,
    /// Seconds that sent bytes may stay unacknowledged until the connection fails
    /// (`TCP_USER_TIMEOUT`). `None` leaves it to the system. An extension to Twisted.
    pub user_timeout: Option<Seconds<'a>>,
    /// The network device that all packets must use, such as `eth0` (`SO_BINDTODEVICE`); `None`
    /// means any. An extension to Twisted.
    pub device: Option<Text<'a>>,
}

impl<'a> TlsServer<'a> {
    /// Listens on port 443 of every address, with the certificates at `path`.
    pub fn new(path: impl Into<Text<'a>>) -> Self {
        Self {
            path: path.into(),
            port: Port::new(443),
            backlog: Backlog::new(50),
            interface: Text::literal("::"),
            client_cas: None,
            alpn: None,
            reuse_port: Flag::new(false),
            v6only: Flag::new(false),
            endpoint: None,
            keep_alive: None,
            user_timeout: None,
            device: None,
        }
    }

    /// Accepts TLS over another endpoint instead of a TCP port.
    ///
    /// ```
    /// use strports_syntax::{TlsServer, UnixServer};
    /// let endpoint = TlsServer::over("/etc/keys", UnixServer::new("/run/a"));
    /// assert_eq!(endpoint.to_string(), r"tls:/etc/keys:endpoint=unix\:/run/a");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn over(path: impl Into<Text<'a>>, endpoint: impl Into<ServerEndpoint<'a>>) -> Self {
        let endpoint = Some(alloc::boxed::Box::new(endpoint.into()));
        Self { endpoint, ..Self::new(path) }
    }
}

fields!(
    TlsServer = server::TLS {
        path: "path",
        port: "port" as Port<'a>,
        backlog: "backlog" as Backlog<'a>,
        interface: "interface" as Text<'a>,
        client_cas: "clientCAs" as Text<'a>,
        alpn: "alpn" as Text<'a>,
        reuse_port: "reusePort" as Flag<'a>,
        v6only: "v6only" as Flag<'a>,
        endpoint: "endpoint",
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);

/// Connects with TLS, and verifies that the server's certificate is valid for the host.
///
/// ```
/// use strports_syntax::{TlsClient, UnixClient, value::Host};
/// let host = Host::new("example.com").unwrap();
/// let endpoint = TlsClient::over(host, 443, UnixClient::new("/run/tls.sock"));
/// assert_eq!(endpoint.to_string(), r"tls:example.com:443:endpoint=unix\:/run/tls.sock");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct TlsClient<'a> {
    /// The host to connect to; the server's certificate must be valid for it.
    pub host: Host<'a>,
    /// The TCP port to connect to; it has no effect if `endpoint` is given.
    pub port: Port<'a>,
    /// The timeout of a connection attempt, in seconds; 30 by default.
    pub timeout: Seconds<'a>,
    /// The local address to connect from; `None` lets the system choose.
    pub bind_address: Option<Text<'a>>,
    /// The PEM file of the client's certificate; `None` presents no certificate.
    pub certificate: Option<Text<'a>>,
    /// The PEM file of the client's private key; `None` means the file of the certificate.
    pub private_key: Option<Text<'a>>,
    /// The PEM file or directory of the certificate authorities to trust; `None` means those of the
    /// platform.
    pub trust_roots: Option<Text<'a>>,
    /// The endpoint that carries the TLS connection, instead of TCP; `None` means TCP.
    pub endpoint: InnerClient<'a>,
    /// The application protocols to negotiate (ALPN), separated by commas, such as `h2,http/1.1`;
    /// `None` negotiates none. An extension to Twisted.
    pub alpn: Option<Text<'a>>,
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

impl<'a> TlsClient<'a> {
    /// Creates an endpoint that connects to `port` of `host`.
    pub const fn new(host: Host<'a>, port: u16) -> Self {
        Self {
            host,
            port: Port::new(port),
            timeout: Seconds::new(30),
            bind_address: None,
            certificate: None,
            private_key: None,
            trust_roots: None,
            endpoint: None,
            alpn: None,
            attempt_delay: Delay::RECOMMENDED,
            keep_alive: None,
            user_timeout: None,
            device: None,
        }
    }

    /// Connects with TLS over another endpoint. `host` is then only the name to verify, and `port`
    /// has no effect.
    ///
    /// ```
    /// use strports_syntax::{TlsClient, UnixClient, value::Host};
    /// let host = Host::new("example.com").unwrap();
    /// let endpoint = TlsClient::over(host, 443, UnixClient::new("/run/a"));
    /// assert_eq!(endpoint.to_string(), r"tls:example.com:443:endpoint=unix\:/run/a");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn over(host: Host<'a>, port: u16, endpoint: impl Into<ClientEndpoint<'a>>) -> Self {
        let endpoint = Some(alloc::boxed::Box::new(endpoint.into()));
        Self { endpoint, ..Self::new(host, port) }
    }
}

fields!(
    TlsClient = client::TLS {
        host: "host",
        port: "port",
        timeout: "timeout" as Seconds<'a>,
        bind_address: "bindAddress" as Text<'a>,
        certificate: "certificate" as Text<'a>,
        private_key: "privateKey" as Text<'a>,
        trust_roots: "trustRoots" as Text<'a>,
        endpoint: "endpoint",
        alpn: "alpn" as Text<'a>,
        attempt_delay: "attemptDelay" as Delay<'a>,
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);
