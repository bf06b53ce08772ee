//! Plans: what an endpoint does, as plain data. A plan is one transport with layers on top.
//!
//! A plan owns its text, holds no descriptor and has no side effects. `lower` creates it from a
//! typed endpoint, `explain` displays it as one sentence, [`preflight`] compares it with a machine,
//! and `net` executes it. Plans do not need the feature `net`.
//!
//! # Examples
//!
//! ```
//! use endpoint_runtime::plan::{ClientLayer, ClientPlan, ClientTransport};
//! use strports_syntax::ClientEndpoint;
//!
//! let plan = ClientPlan::try_from(&ClientEndpoint::parse("tls:example.com:443")?)?;
//! assert!(matches!(plan.transport, ClientTransport::Tcp(_)));
//! assert!(matches!(&plan.layers[..], [ClientLayer::Tls(_)]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod defaults;
mod explain;
mod host;
mod inherited;
mod lower;
mod name_pattern;
pub(crate) mod plugin;
pub mod preflight;
mod process;
mod proxy;
mod tcp;
mod tls;
mod tls_files;
#[cfg(feature = "__tls")]
mod tls_given;
mod tunnel;
mod unix;

use std::time::Duration;

use strports_syntax::value::Network;

pub use self::defaults::{DEFAULT_ATTEMPT_DELAY, DEFAULT_BACKLOG, DEFAULT_MODE, DEFAULT_TIMEOUT};
pub use self::host::Host;
pub use self::inherited::{Descriptor, SystemdListen, SystemdSocket};
pub use self::name_pattern::{CertificateName, NamePattern, NamePatternError};
pub use self::plugin::PluginCall;
pub use self::process::{DEFAULT_GRACE, EnvRule, ProcessSpawn, StandardErrorBehavior};
pub use self::proxy::{ProxyRead, ProxyWrite};
pub use self::tcp::{KeepAlive, SocketOptions, TcpConnect, TcpListen};
pub use self::tls::{TlsAccept, TlsConnect, TlsVersions};
pub use self::tls_files::{TlsIdentity, TlsIdentitySource, TlsRoots};
#[cfg(feature = "__tls")]
pub use self::tls_given::{TlsAcceptWith, TlsConnectWith, TlsKeyPair};
pub use self::tunnel::{TunnelConnect, TunnelProtocol};
pub use self::unix::{UnixConnect, UnixListen};
use crate::address::Address;
pub use crate::address::{Family, MAX_UNIX_NAME, UnixName};

/// The plan of a server endpoint: where it listens, and which layers its connections get.
///
/// Displays as one English sentence.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{Host, ServerPlan, TcpListen};
///
/// let plan = ServerPlan::from(TcpListen::new(Host::parse(""), 8080));
/// assert_eq!(
///     plan.to_string(),
///     "listen on every IPv4 address, TCP port 8080, with a backlog of 50"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerPlan {
    /// Where connections come from.
    pub transport: ServerTransport,
    /// The layers of each connection, the one next to the transport first.
    pub layers: Vec<ServerLayer>,
}

/// The plan of a client endpoint: how it connects, and which layers the connection gets.
///
/// Displays as one English sentence.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, Host, TcpConnect};
///
/// let plan = ClientPlan::from(TcpConnect::new(Host::parse("example.com"), 443));
/// assert_eq!(plan.to_string(), "connect to `example.com`, TCP port 443, within 30 seconds");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientPlan {
    /// How the client connects.
    pub transport: ClientTransport,
    /// The layers of the connection, the one next to the transport first.
    pub layers: Vec<ClientLayer>,
}

/// A step that a server takes on each connection before the program receives it.
///
/// See [`ServerPlan`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerLayer {
    /// Rejects senders outside these networks, before reading from them.
    Senders(Vec<Network>),
    /// Reads a PROXY header, which names the original client of a proxy.
    Proxy(ProxyRead),
    /// Performs a TLS handshake as the server.
    Tls(TlsAccept),
    /// The same, with a rustls configuration that the program built.
    #[cfg(feature = "__tls")]
    TlsWith(TlsAcceptWith),
}

/// A step that a client takes on its connection before the program receives it.
///
/// See [`ClientPlan`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientLayer {
    /// Sends a PROXY header, which names the client that the connection is for.
    Proxy(ProxyWrite),
    /// Requests a connection to the target host from a SOCKS5 or HTTP proxy.
    Tunnel(TunnelConnect),
    /// Performs a TLS handshake as the client.
    Tls(TlsConnect),
    /// The same, with a rustls configuration that the program built.
    #[cfg(feature = "__tls")]
    TlsWith(TlsConnectWith),
}

/// Where the connections of a server come from.
///
/// See [`ServerPlan`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerTransport {
    /// A TCP port to listen on.
    Tcp(TcpListen),
    /// A UNIX socket to listen on.
    Unix(UnixListen),
    /// Listening sockets that systemd opened and passed.
    Systemd(SystemdListen),
    /// A listening socket that this process inherited, by its descriptor.
    Fd(Descriptor),
    /// A listening socket that the program opened, bound to this address.
    Opened(Address),
    /// Standard input and output: one connection.
    Stdio,
    /// The listener of a plugin.
    Plugin(PluginCall),
}

/// How a client gets its connection, before any layer.
///
/// See [`ClientPlan`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientTransport {
    /// Connects to a TCP port.
    Tcp(TcpConnect),
    /// Connects to a UNIX socket.
    Unix(UnixConnect),
    /// Uses a connection that this process inherited, by its descriptor.
    Fd(Descriptor),
    /// Uses a connected socket that the program opened, to this address.
    Opened(Address),
    /// Uses standard input and output as the connection.
    Stdio,
    /// Connects with a plugin.
    Plugin(PluginCall),
    /// Starts a program, and exchanges data with its standard input and output.
    Process(ProcessSpawn),
}

impl ClientPlan {
    /// The time limit for connecting, including the layers; `None` if connecting never waits.
    ///
    /// For a host name, the limit applies to each of its addresses.
    pub fn timeout(&self) -> Option<Duration> {
        match &self.transport {
            ClientTransport::Tcp(plan) => Some(plan.timeout),
            ClientTransport::Unix(plan) => Some(plan.timeout),
            ClientTransport::Plugin(plan) => plan.timeout,
            ClientTransport::Fd(_)
            | ClientTransport::Opened(_)
            | ClientTransport::Stdio
            | ClientTransport::Process(_) => None,
        }
    }
}

macro_rules! layers {
    ($($layer:ident::$variant:ident($part:ident)),+ $(,)?) => {
        $(impl From<$part> for $layer {
            fn from(part: $part) -> Self {
                Self::$variant(part)
            }
        })+
    };
}

layers!(
    ServerLayer::Tls(TlsAccept),
    ClientLayer::Tls(TlsConnect),
    ClientLayer::Tunnel(TunnelConnect),
);
#[cfg(feature = "__tls")]
layers!(ServerLayer::TlsWith(TlsAcceptWith), ClientLayer::TlsWith(TlsConnectWith));

/// Creates a plan without layers from a transport or from a part of one.
macro_rules! without_layers {
    ($plan:ident, $transport:ident: $($variant:ident($part:ident)),+) => {
        impl From<$transport> for $plan {
            fn from(transport: $transport) -> Self {
                Self { transport, layers: Vec::new() }
            }
        }

        $(impl From<$part> for $plan {
            fn from(part: $part) -> Self {
                $transport::$variant(part).into()
            }
        })+
    };
}

without_layers!(
    ServerPlan, ServerTransport: Tcp(TcpListen), Unix(UnixListen), Systemd(SystemdListen)
);
without_layers!(
    ClientPlan, ClientTransport: Tcp(TcpConnect), Unix(UnixConnect), Process(ProcessSpawn)
);
