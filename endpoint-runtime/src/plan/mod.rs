//! What an endpoint asks of the machine, as plain data: one transport and the layers on top of it.
//!
//! A plan owns its text, borrows nothing, holds no descriptor and does nothing. It is made from a
//! typed endpoint (`lower`), its `Display` explains it in one sentence (`explain`), [`preflight`]
//! compares it with a machine, and `net` carries it out. It builds without the feature `net`.

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
pub use self::tcp::{TcpConnect, TcpListen};
pub use self::tls::{TlsAccept, TlsConnect, TlsVersions};
pub use self::tls_files::{TlsIdentity, TlsRoots, TlsShown};
#[cfg(feature = "__tls")]
pub use self::tls_given::{TlsAcceptWith, TlsConnectWith, TlsKeyPair};
pub use self::tunnel::{TunnelConnect, TunnelProtocol};
pub use self::unix::{UnixConnect, UnixListen};
use crate::address::Address;
pub use crate::address::{Family, MAX_UNIX_NAME, UnixName};

/// What a server endpoint asks for.
///
/// Its `Display` is one sentence in plain English.
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
    /// What is put on each of them, the layer next to the transport first.
    pub layers: Vec<ServerLayer>,
}

/// What a client endpoint asks for.
///
/// Its `Display` is one sentence in plain English.
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
    /// How the connection is made.
    pub transport: ClientTransport,
    /// What is put on it, the layer next to the transport first.
    pub layers: Vec<ClientLayer>,
}

/// What a server does first on each connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerLayer {
    /// Refuses senders outside these networks, before a byte is read.
    Senders(Vec<Network>),
    /// Reads a PROXY header.
    Proxy(ProxyRead),
    /// Speaks TLS.
    Tls(TlsAccept),
    /// Speaks TLS with a configuration of the program's own.
    #[cfg(feature = "__tls")]
    TlsWith(TlsAcceptWith),
}

/// What a client does first on its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientLayer {
    /// Sends a PROXY header.
    Proxy(ProxyWrite),
    /// Asks the proxy at the other side for a connection to somewhere else.
    Tunnel(TunnelConnect),
    /// Speaks TLS.
    Tls(TlsConnect),
    /// Speaks TLS with a configuration of the program's own.
    #[cfg(feature = "__tls")]
    TlsWith(TlsConnectWith),
}

/// Where the connections of a server come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerTransport {
    /// A TCP port.
    Tcp(TcpListen),
    /// A UNIX socket.
    Unix(UnixListen),
    /// Sockets that systemd passed.
    Systemd(SystemdListen),
    /// A listening socket that is open already.
    Fd(Descriptor),
    /// A listening socket that the program opened itself, bound to this address.
    Opened(Address),
    /// Standard input and output: one connection.
    Stdio,
    /// From a plugin.
    Plugin(PluginCall),
}

/// How the connection of a client is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientTransport {
    /// To a TCP port.
    Tcp(TcpConnect),
    /// To a UNIX socket.
    Unix(UnixConnect),
    /// A connection that is open already.
    Fd(Descriptor),
    /// A connected socket that the program opened itself, to this address.
    Opened(Address),
    /// Standard input and output.
    Stdio,
    /// By a plugin.
    Plugin(PluginCall),
    /// To a program, started for it.
    Process(ProcessSpawn),
}

impl ClientPlan {
    /// The time limit, what the layers do included: for everything, or for each of the addresses
    /// that a name has. `None` where nothing is waited for.
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

/// A plan without layers, of a transport or of what the transport consists of.
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
