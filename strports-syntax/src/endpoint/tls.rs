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
    /// A PEM file, or a directory of PEM files, of which the requested name selects one.
    pub path: Text<'a>,
    /// The port to listen on; 443 by default. Without effect if `endpoint` is given.
    pub port: Port<'a>,
    /// How many connections may wait to be accepted; 50 by default.
    pub backlog: Backlog<'a>,
    /// The address to listen on; `::` means every address.
    pub interface: Text<'a>,
    /// The PEM file or directory of the authorities that must have signed the certificates of
    /// clients. `None` requests no certificate. An extension.
    pub client_cas: Option<Text<'a>>,
    /// The protocols to offer by ALPN, separated by commas, such as `h2,http/1.1`. An extension.
    pub alpn: Option<Text<'a>>,
    /// Whether other sockets may listen on the same port (`SO_REUSEPORT`); off by default. An
    /// extension.
    pub reuse_port: Flag<'a>,
    /// Whether to accept IPv6 connections only; off by default. An extension.
    pub v6only: Flag<'a>,
    /// The endpoint that carries the TLS connections, instead of a TCP port; an extension.
    pub endpoint: InnerServer<'a>,
    /// When to probe a silent peer by TCP keep-alive; `None` means never. An extension.
    pub keep_alive: Option<KeepAlive<'a>>,
    /// How many seconds sent bytes may stay unacknowledged (`TCP_USER_TIMEOUT`); `None` leaves it
    /// to the system. An extension.
    pub user_timeout: Option<Seconds<'a>>,
    /// The network interface of all packets (`SO_BINDTODEVICE`); `None` means any. An extension.
    pub device: Option<Text<'a>>,
}

impl<'a> TlsServer<'a> {
    /// Listens on port 443 of every address.
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

    /// Listens on another endpoint.
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

/// Connects with TLS, and verifies the server's name.
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
    /// The host to connect to, and the name to verify.
    pub host: Host<'a>,
    /// The port to connect to; without effect if `endpoint` is given.
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
    /// The endpoint that carries the TLS connection, instead of TCP.
    pub endpoint: InnerClient<'a>,
    /// The protocols to offer by ALPN, separated by commas, such as `h2,http/1.1`. An extension.
    pub alpn: Option<Text<'a>>,
    /// The delay between connection attempts to the addresses of a host name; 0.25 seconds by
    /// default. An extension.
    pub attempt_delay: Delay<'a>,
    /// When to probe a silent peer by TCP keep-alive; `None` means never. An extension.
    pub keep_alive: Option<KeepAlive<'a>>,
    /// How many seconds sent bytes may stay unacknowledged (`TCP_USER_TIMEOUT`); `None` leaves it
    /// to the system. An extension.
    pub user_timeout: Option<Seconds<'a>>,
    /// The network interface of all packets (`SO_BINDTODEVICE`); `None` means any. An extension.
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

    /// Connects over another endpoint. The host is only verified, and the port has no effect.
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
