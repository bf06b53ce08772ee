//! Endpoint descriptions as listeners and connections: one string says where to listen or connect.
//!
//! Below this crate, `strports-syntax` reads a description into a typed endpoint, without I/O.
//! [`plan`] turns the endpoint into plain data, and [`proto`] holds the state machines. Neither
//! uses a socket, a clock, the environment or a thread. Without the feature `net`, only these two
//! are built. With it, this crate drives them on smol: it opens sockets, starts programs, adds TLS
//! and PROXY headers to connections, waits for readiness and timers, and joins two connections.
//!
//! The command `strports` is built on this crate.
//!
#![cfg_attr(feature = "net", doc = include_str!("../docs/overview.md"))]
//!
//! # Supported types
//!
//! Every type of `strports-syntax` runs. `tcp`, `tcp6`, `unix`, `fd`, `stdio`, `ssl`, `tls` and
//! `haproxy` have servers and clients. `systemd` has servers only; `process`, `socks5` and
//! `http-connect` have clients only. If a feature is off, its types return an error that says so.
//!
//! # Executors
//!
//! The futures run on any executor. Sockets opened inside `block_on` use the reactor of this
//! crate, which that thread drives. All other sockets, for example under `smol::block_on` or tokio,
//! use async-io. Pipes, terminals, inherited connections, signals and child processes always use
//! async-io. Code that blocks inside `block_on` delays its sockets by at most 100 ms: then a
//! thread named `endpoint-runtime` serves them.
//!
//! # Features
//!
//! - `net`: sockets, on smol; without it only plans and state machines are built.
//! - `process`: programs as connections.
//! - `tls`: TLS with aws-lc-rs, which offers post-quantum key exchange first.
//! - `ring`: TLS with ring, which builds faster and is smaller. If both are enabled, aws-lc-rs is
//!   used.
//! - `tokio`: connections implement `AsyncRead` and `AsyncWrite` of tokio.
//!
//! All features except `ring` and `tokio` are enabled by default.
//!
//! # Cancellation
//!
//! Dropping the future of `Server::listen`, `Listener::accept` or `Client::connect` loses no
//! connection and leaves nothing behind, so they may be branches of `select!` or `race`.
//!
//! # What this crate does not do
//!
//! It does not parse descriptions itself, does not choose an executor, implements no protocol above
//! the transport, and does not pool connections.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
#[cfg(feature = "net")]
mod children;
#[cfg(feature = "net")]
mod copy;
mod duration;
mod error;
#[cfg(feature = "net")]
mod lock;
#[cfg(feature = "net")]
mod name;
#[cfg(feature = "net")]
mod net;
pub mod plan;
#[cfg(feature = "net")]
pub mod probe;
#[cfg(feature = "process")]
mod process;
pub mod proto;
#[cfg(feature = "net")]
mod proxy_credentials;
mod quoted;
#[cfg(feature = "net")]
mod reactor;
#[cfg(feature = "net")]
mod registry;
#[cfg(feature = "net")]
mod regular_file;
#[cfg(feature = "net")]
mod reserve;
#[cfg(feature = "net")]
mod step;
#[cfg(feature = "net")]
mod sys;
#[cfg(feature = "__tls")]
mod tls;
mod utc_date;
#[cfg(feature = "__tls")]
mod wrap_tls;

pub use crate::address::Address;
#[cfg(feature = "net")]
pub use crate::children::{Orphan, reap_orphans};
#[cfg(feature = "net")]
pub use crate::copy::{Relay, Traffic, Transferred, relay, relay_watched};
pub use crate::duration::HumanDuration;
pub use crate::error::{
    Attempt, Blame, CertificateRole, ConnectFailure, CredentialsProblem, DescriptionProblem,
    EnvironmentProblem, Error, Expected, Finding, Found, HandoverProblem, InheritedProblem, Misuse,
    Operation, OwnerKind, PeerProblem, PemDamage, Problem, ProcessProblem, StreamState,
    TlsFileProblem, TlsFileProblemKind, TlsProblem,
};
#[cfg(feature = "net")]
pub use crate::name::without_secrets;
#[cfg(feature = "__tls")]
pub use crate::net::Reloader;
#[cfg(feature = "net")]
pub use crate::net::{
    Answers, Boxed, Client, ClientNeed, ClientService, Connect, Connection, HandshakeLimits,
    Incoming, Listen, Listener, NotConnected, OpenCountReceiver, OpenCountSender,
    OriginalConnection, PeerState, Predecessor, Reach, Resolver, Resolving, RetryingClient, Server,
    Share, Succession, Successor, SystemResolver, Wrapper, connect_protocol,
};
#[cfg(feature = "process")]
pub use crate::process::{
    ChildFd, ChildReader, ChildWriter, ProcessHandle, WindowSize, end_grace_period,
    wait_for_children,
};
pub use crate::proto::proxy::Header as ProxyHeader;
pub use crate::quoted::Quoted;
#[cfg(feature = "net")]
pub use crate::reactor::{Timer, block_on, next_turn, open_async_io};
#[cfg(feature = "net")]
pub use crate::registry::Registry;
#[cfg(feature = "net")]
pub use crate::step::Step;
#[cfg(feature = "__tls")]
pub use crate::tls::{
    CertificateDetails, KeyLog, PresentedCertificate, Reloaded, Reloads, ThisMachine, TlsFacts,
    TlsHandshake, TlsProtocol,
};
#[cfg(feature = "__tls")]
pub use crate::wrap_tls::{wrap_client_tls, wrap_server_tls};
#[cfg(feature = "__tls")]
pub use rustls;
pub use strports_syntax::quote_string_argument;

/// Private parsers that the fuzz targets in `fuzz/` call.
#[cfg(feature = "__fuzz")]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::tls::{Pem, read_pem};
}

/// Exists only so that the examples of the README are compiled as tests.
#[cfg(all(doctest, feature = "net"))]
#[doc = include_str!("../README.md")]
struct ReadMe;

/// Parses the description of a server, text or bytes. No socket is opened yet.
///
/// # Errors
///
/// Returns an error if:
///
/// - the text is not a server description (`tcp`, `tcp:http`);
/// - this build does not support the type (`tls` without the feature `tls`);
/// - the path of a UNIX socket is empty or longer than 107 bytes.
///
/// # Examples
///
/// ```
/// let server = endpoint_runtime::server_from_string("tcp:8080:interface=127.0.0.1")?;
/// assert_eq!(
///     server.plan().to_string(),
///     "listen on `127.0.0.1`, TCP port 8080, with a backlog of 50"
/// );
/// # Ok::<(), endpoint_runtime::Error>(())
/// ```
#[cfg(feature = "net")]
pub fn server_from_string<T>(description: &T) -> Result<Server, Error>
where
    T: AsRef<[u8]> + ?Sized,
{
    Registry::new().server_from_string(description)
}

/// Parses the description of a client, text or bytes. No socket is opened yet.
///
/// # Errors
///
/// Returns an error if:
///
/// - the text is not a client description (`tcp:example.com`);
/// - this build does not support the type (`tls` without the feature `tls`);
/// - the path of a UNIX socket is empty or longer than 107 bytes;
/// - a program has no name.
///
/// # Examples
///
/// ```
/// let client = endpoint_runtime::client_from_string("tcp:example.com:80:timeout=5")?;
/// assert_eq!(
///     client.plan().to_string(),
///     "connect to `example.com`, TCP port 80, within 5 seconds"
/// );
/// # Ok::<(), endpoint_runtime::Error>(())
/// ```
#[cfg(feature = "net")]
pub fn client_from_string<T>(description: &T) -> Result<Client, Error>
where
    T: AsRef<[u8]> + ?Sized,
{
    Registry::new().client_from_string(description)
}
