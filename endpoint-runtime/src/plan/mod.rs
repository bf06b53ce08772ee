//! What an endpoint asks of the machine, as plain data: one transport and the layers on top of it.
//!
//! A plan owns its text, borrows nothing and does nothing. It is made from a typed endpoint (`lower`), read
//! aloud by its `Display` (`explain`), held against a machine ([`preflight`]), and carried out by `net`; it builds without
//! the feature `net`.

mod explain;
mod host;
mod inherited;
mod lower;
pub(crate) mod plugin;
pub mod preflight;
mod process;
mod proxy;
mod tls;

use std::time::Duration;

use strports_syntax::value::Network;

pub use self::host::Host;
pub use self::inherited::{Descriptor, SystemdListen, SystemdSocket};
pub use self::plugin::PluginCall;
#[cfg(unix)]
pub use self::process::ChildFds;
pub use self::process::{DEFAULT_GRACE, EnvRule, ProcessSpawn, StandardErrorBehavior};
pub use self::proxy::{ProxyRead, ProxyWrite};
pub use self::tls::{TlsAccept, TlsConnect, TlsIdentity, TlsShown, TlsVersions};
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
/// assert_eq!(plan.to_string(), "listen on every IPv4 address, TCP port 8080, with a backlog of 50");
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
}

/// What a client does first on its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientLayer {
    /// Sends a PROXY header.
    Proxy(ProxyWrite),
    /// Speaks TLS.
    Tls(TlsConnect),
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
    /// Standard input and output.
    Stdio,
    /// By a plugin.
    Plugin(PluginCall),
    /// To a program, started for it.
    Process(ProcessSpawn),
}

/// Twisted's default length of the queue of connections not accepted yet.
pub const DEFAULT_BACKLOG: i32 = 50;

/// Twisted's default time limit for connecting.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Twisted's default permissions of a UNIX socket.
pub const DEFAULT_MODE: u32 = 0o666;

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
    /// The local address; `0.0.0.0` and `::` are every address.
    pub interface: Host,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// How many connections may wait to be accepted.
    pub backlog: i32,
    /// The family to take where `interface` is a name with addresses of both.
    pub prefer: Family,
    /// Whether several sockets may share the port (`SO_REUSEPORT`).
    pub reuse_port: bool,
    /// Whether `::` leaves out IPv4.
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

/// A UNIX socket to listen on.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{DEFAULT_MODE, UnixListen, UnixName};
///
/// let listen = UnixListen::new(UnixName::path("/run/app.sock")?);
/// assert_eq!(listen.mode, DEFAULT_MODE);
/// assert!(listen.lockfile);
/// # Ok::<(), endpoint_runtime::DescriptionProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnixListen {
    /// The name of the socket.
    pub name: UnixName,
    /// Its permissions, exactly these whatever the umask; abstract names have none.
    pub mode: u32,
    /// How many connections may wait to be accepted.
    pub backlog: i32,
    /// Whether a symlink `PATH.lock` to the process number guards the path; abstract names need none.
    pub lockfile: bool,
}

impl UnixListen {
    /// Listens on a UNIX socket, with the defaults of `unix`.
    pub fn new(name: UnixName) -> Self {
        Self { name, mode: DEFAULT_MODE, backlog: DEFAULT_BACKLOG, lockfile: true }
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
    /// Its port.
    pub port: u16,
    /// The time limit for each address, what looking up the name took included.
    pub timeout: Duration,
    /// The local address to connect from.
    pub bind_address: Option<Host>,
    /// The port to connect from, where there is a local address; 0 lets the system choose.
    pub bind_port: u16,
    /// The only family to try, where it matters.
    pub family: Option<Family>,
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
        }
    }
}

/// A UNIX socket to connect to.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, UnixConnect, UnixName};
///
/// let plan = ClientPlan::from(UnixConnect::new(UnixName::path("/run/app.sock")?));
/// assert_eq!(plan.to_string(), "connect to the UNIX socket `/run/app.sock`, within 30 seconds");
/// # Ok::<(), endpoint_runtime::DescriptionProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnixConnect {
    /// The name of the socket.
    pub name: UnixName,
    /// The time limit for everything.
    pub timeout: Duration,
    /// Whether to connect only while a running server holds `PATH.lock`.
    pub lockfile: bool,
}

impl UnixConnect {
    /// Connects to a UNIX socket, with the defaults of `unix`.
    pub fn new(name: UnixName) -> Self {
        Self { name, timeout: DEFAULT_TIMEOUT, lockfile: false }
    }
}

impl ClientPlan {
    /// The time limit, what the layers do included: for everything, or for each of the addresses that a name has. `None`
    /// where nothing is waited for.
    pub fn timeout(&self) -> Option<Duration> {
        match &self.transport {
            ClientTransport::Tcp(plan) => Some(plan.timeout),
            ClientTransport::Unix(plan) => Some(plan.timeout),
            ClientTransport::Plugin(plan) => plan.timeout,
            ClientTransport::Fd(_) | ClientTransport::Stdio | ClientTransport::Process(_) => None,
        }
    }
}

impl From<ServerTransport> for ServerPlan {
    fn from(transport: ServerTransport) -> Self {
        Self { transport, layers: Vec::new() }
    }
}

impl From<TcpListen> for ServerPlan {
    fn from(listen: TcpListen) -> Self {
        ServerTransport::Tcp(listen).into()
    }
}

impl From<UnixListen> for ServerPlan {
    fn from(listen: UnixListen) -> Self {
        ServerTransport::Unix(listen).into()
    }
}

impl From<SystemdListen> for ServerPlan {
    fn from(listen: SystemdListen) -> Self {
        ServerTransport::Systemd(listen).into()
    }
}

impl From<ClientTransport> for ClientPlan {
    fn from(transport: ClientTransport) -> Self {
        Self { transport, layers: Vec::new() }
    }
}

impl From<TcpConnect> for ClientPlan {
    fn from(connect: TcpConnect) -> Self {
        ClientTransport::Tcp(connect).into()
    }
}

impl From<UnixConnect> for ClientPlan {
    fn from(connect: UnixConnect) -> Self {
        ClientTransport::Unix(connect).into()
    }
}

impl From<ProcessSpawn> for ClientPlan {
    fn from(spawn: ProcessSpawn) -> Self {
        ClientTransport::Process(spawn).into()
    }
}
