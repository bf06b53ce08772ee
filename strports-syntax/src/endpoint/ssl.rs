//! `ssl`: TLS over TCP, with key and certificate files named in the description.

use super::InnerServer;
#[cfg(feature = "alloc")]
use super::ServerEndpoint;
use super::field::fields;
use crate::Text;
use crate::signature::{client, server};
use crate::value::{Backlog, Delay, Flag, Host, KeepAlive, Port, Seconds, TlsMethod};

/// Listens for TLS connections on a TCP port, with one certificate.
///
/// ```
/// use strports_syntax::SslServer;
/// let endpoint = SslServer::new(443).private_key("key.pem");
/// assert_eq!(endpoint.to_string(), "ssl:443:privateKey=key.pem");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct SslServer<'a> {
    /// The TCP port to listen on, 0 for a free one; `None` only if `endpoint` is given.
    pub port: Option<Port<'a>>,
    /// The PEM file of the private key; `server.pem` by default.
    pub private_key: Text<'a>,
    /// The PEM file of the certificate; `None` means the file of the private key.
    pub cert_key: Option<Text<'a>>,
    /// The TLS versions to accept; `None` means 1.2 and 1.3.
    pub ssl_method: Option<TlsMethod>,
    /// The address to listen on; empty means every IPv4 address.
    pub interface: Text<'a>,
    /// How many connections may wait to be accepted; 50 by default.
    pub backlog: Backlog<'a>,
    /// The PEM file of the intermediate certificates; `None` sends none.
    pub extra_cert_chain: Option<Text<'a>>,
    /// A file of Diffie-Hellman parameters. It has no effect, because ECDHE needs none.
    pub dh_parameters: Option<Text<'a>>,
    /// The PEM file or directory of the certificate authorities that clients' certificates must be
    /// signed by. `None` requests no client certificate. An extension to Twisted.
    pub client_cas: Option<Text<'a>>,
    /// The application protocols to negotiate (ALPN), separated by commas, such as `h2,http/1.1`;
    /// `None` negotiates none. An extension to Twisted.
    pub alpn: Option<Text<'a>>,
    /// Whether other sockets may listen on the same port and share its connections
    /// (`SO_REUSEPORT`); off by default. An extension to Twisted.
    pub reuse_port: Flag<'a>,
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

impl<'a> SslServer<'a> {
    const DEFAULT: Self = Self {
        port: None,
        private_key: Text::literal("server.pem"),
        cert_key: None,
        ssl_method: None,
        interface: Text::literal(""),
        backlog: Backlog::new(50),
        extra_cert_chain: None,
        dh_parameters: None,
        client_cas: None,
        alpn: None,
        reuse_port: Flag::new(false),
        endpoint: None,
        keep_alive: None,
        user_timeout: None,
        device: None,
    };

    /// Listens on `port` of every IPv4 address, with key and certificate in `server.pem`.
    pub fn new(port: u16) -> Self {
        Self { port: Some(Port::new(port)), ..Self::DEFAULT }
    }

    /// Accepts TLS over another endpoint instead of a TCP port, with key and certificate in
    /// `server.pem`.
    ///
    /// ```
    /// use strports_syntax::{SslServer, UnixServer};
    /// let endpoint = SslServer::over(UnixServer::new("/run/a"));
    /// assert_eq!(endpoint.to_string(), r"ssl:endpoint=unix\:/run/a");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn over(endpoint: impl Into<ServerEndpoint<'a>>) -> Self {
        Self { endpoint: Some(alloc::boxed::Box::new(endpoint.into())), ..Self::DEFAULT }
    }

    /// The file of the certificate: `cert_key`, or that of the private key if it is `None`.
    ///
    /// ```
    /// use strports_syntax::SslServer;
    /// let mut endpoint = SslServer::new(443);
    /// assert_eq!(*endpoint.certificate_file(), "server.pem");
    /// endpoint.cert_key = Some("chain.pem".into());
    /// assert_eq!(*endpoint.certificate_file(), "chain.pem");
    /// ```
    pub const fn certificate_file(&self) -> &Text<'a> {
        match &self.cert_key {
            Some(file) => file,
            None => &self.private_key,
        }
    }
}

fields!(
    SslServer = server::SSL {
        port: "port",
        private_key: "privateKey" as Text<'a>,
        cert_key: "certKey" as Text<'a>,
        ssl_method: "sslmethod" as TlsMethod,
        interface: "interface" as Text<'a>,
        backlog: "backlog" as Backlog<'a>,
        extra_cert_chain: "extraCertChain" as Text<'a>,
        dh_parameters: "dhParameters" as Text<'a>,
        client_cas: "clientCAs" as Text<'a>,
        alpn: "alpn" as Text<'a>,
        reuse_port: "reusePort" as Flag<'a>,
        endpoint: "endpoint",
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);

/// Connects to a TCP port of a host with TLS.
///
/// ```
/// use strports_syntax::SslClient;
/// assert_eq!(SslClient::new("example.com", 443).to_string(), "ssl:example.com:443");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct SslClient<'a> {
    /// The host to connect to: a name or an IP address.
    pub host: Text<'a>,
    /// The TCP port to connect to.
    pub port: Port<'a>,
    /// The timeout of a connection attempt, in seconds; 30 by default.
    pub timeout: Seconds<'a>,
    /// The local address to connect from; `None` lets the system choose.
    pub bind_address: Option<Text<'a>>,
    /// The PEM file of the client's certificate; `None` presents no certificate.
    pub cert_key: Option<Text<'a>>,
    /// The PEM file of the client's private key; `None` means the file of the certificate.
    pub private_key: Option<Text<'a>>,
    /// The PEM file or directory of the certificate authorities to trust; `None` means those of the
    /// platform.
    pub ca_certs_dir: Option<Text<'a>>,
    /// The name that the server's certificate must be valid for; `None` means the host.
    pub hostname: Option<Host<'a>>,
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

impl<'a> SslClient<'a> {
    /// Creates an endpoint that connects to `port` of `host`.
    pub fn new(host: impl Into<Text<'a>>, port: u16) -> Self {
        Self {
            host: host.into(),
            port: Port::new(port),
            timeout: Seconds::new(30),
            bind_address: None,
            cert_key: None,
            private_key: None,
            ca_certs_dir: None,
            hostname: None,
            alpn: None,
            attempt_delay: Delay::RECOMMENDED,
            keep_alive: None,
            user_timeout: None,
            device: None,
        }
    }
}

fields!(
    SslClient = client::SSL {
        host: "host",
        port: "port",
        timeout: "timeout" as Seconds<'a>,
        bind_address: "bindAddress" as Text<'a>,
        cert_key: "certKey" as Text<'a>,
        private_key: "privateKey" as Text<'a>,
        ca_certs_dir: "caCertsDir" as Text<'a>,
        hostname: "hostname" as Host<'a>,
        alpn: "alpn" as Text<'a>,
        attempt_delay: "attemptDelay" as Delay<'a>,
        keep_alive: "keepAlive" as KeepAlive<'a>,
        user_timeout: "userTimeout" as Seconds<'a>,
        device: "device" as Text<'a>,
    }
);
