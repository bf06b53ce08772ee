//! Problems that the peer or the network causes.

mod tls;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error as ThisError;

pub use self::tls::{CertificateRole, TlsProblem};
use super::io_error::{Attempt, ConnectFailure, IoMessage, Tried};
use super::operation::Operation;
use crate::address::Address;
use crate::duration::HumanDuration;
use crate::proto::proxy::HeaderError;
use crate::proto::tunnel::{Target, TunnelError};
use crate::quoted::Quoted;

/// A problem that the peer or the network causes.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "net")] {
/// use endpoint_runtime::{PeerProblem, Problem, client_from_string};
///
/// let client = client_from_string("unix:absent.sock").unwrap();
/// let error = smol::block_on(client.connect()).unwrap_err();
/// let Problem::Peer(PeerProblem::Connect(failure)) = error.problem() else { panic!("{error}") };
/// assert_eq!(failure.attempts[0].error.kind(), std::io::ErrorKind::NotFound);
/// # }
/// ```
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum PeerProblem {
    /// Connecting failed at every address of the host or path.
    #[error("{0}")]
    Connect(ConnectFailure),
    /// The function of a plugin that connects returned an error.
    #[error("the plugin {} cannot connect: {}", Quoted::new(.name), IoMessage(.error))]
    PluginConnect {
        /// The type of the endpoint, such as `onion`.
        name: String,
        /// The error that the plugin returned.
        error: io::Error,
    },
    /// No connection was established within the time limit.
    #[error("no connection to {target} within {}{}", HumanDuration(*.timeout), Tried(.attempts))]
    TimedOut {
        /// The host and port, or the path, in words.
        target: String,
        /// The limit for one attempt, from `timeout=`.
        timeout: Duration,
        /// The addresses that were tried, including the one that has not answered yet.
        attempts: Vec<Attempt>,
    },
    /// The connection and its handshakes were not complete within the caller's time limit.
    #[error("no connection within {}", HumanDuration(*.limit))]
    NotInTime {
        /// The limit that the caller set for the whole connection.
        limit: Duration,
    },
    /// The peer connected, but did not complete the handshakes in time.
    #[error("no handshake with {side} within {}", HumanDuration(*.limit))]
    HandshakeTimedOut {
        /// The address of the peer that did not complete the handshakes.
        side: Address,
        /// The time limit for all handshakes of a connection together.
        limit: Duration,
    },
    /// The oldest pending handshake was dropped in favor of newer connections.
    #[error(
        "no handshake with {side}: \
         it was closed as the oldest of {at_once} unfinished handshakes"
    )]
    HandshakeEvicted {
        /// The address of the peer whose handshake was dropped.
        side: Address,
        /// The maximum number of handshakes that may be pending at once.
        at_once: usize,
    },
    /// A SOCKS5 or HTTP proxy did not open a connection to the target.
    #[error("no connection to {target} by the proxy at {side}: {error}")]
    Tunnel {
        /// The address of the proxy.
        side: Address,
        /// The host and port that the proxy was to connect to.
        target: Target,
        /// Why the proxy did not open the connection, or what it answered instead.
        error: TunnelError,
    },
    /// The sender is not in a network that may send PROXY headers.
    #[error("{side} is not trusted to send PROXY headers (it is in no network of `proxyTrusted`)")]
    Untrusted {
        /// The address of the peer that connected.
        side: Address,
    },
    /// The first bytes of a connection are not a PROXY header, which the server requires.
    #[error("no PROXY header from {side}: {error}")]
    ProxyHeader {
        /// The address of the peer that sent the bytes.
        side: Address,
        /// What a PROXY header would have at the first wrong byte, and what was found.
        error: HeaderError,
    },
    /// The connection ended before the end of the PROXY header.
    #[error("no PROXY header from {side}: it ended the connection after {seen} bytes")]
    ProxyEnded {
        /// The address of the peer that closed the connection.
        side: Address,
        /// The number of bytes that arrived before the end.
        seen: usize,
    },
    /// The PROXY header did not arrive within the time limit.
    #[error("no PROXY header from {side} within {}", HumanDuration(*.limit))]
    ProxyTimedOut {
        /// The address of the peer that did not send the header in time.
        side: Address,
        /// The time limit for the whole header, five seconds by default.
        limit: Duration,
    },
    /// The TLS handshake failed, or TLS data after it was invalid.
    #[error("no TLS with {side}: {problem}")]
    Tls {
        /// The address of the peer of the handshake.
        side: Address,
        /// Why TLS with the peer failed.
        problem: TlsProblem,
    },
    /// No running server holds the lock file, which a client with `lockfile=1` requires.
    #[error("no running server holds {}", Quoted::new(.lock))]
    NotLocked {
        /// The path of the lock file: that of the socket with `.lock` appended.
        lock: PathBuf,
    },
    /// Reading, writing or setting up a connection failed, for a reason that a peer can cause.
    #[error("cannot {operation} {side}: {}", IoMessage(.error))]
    Stream {
        /// The address of the peer of the connection.
        side: Address,
        /// The operation that failed, such as writing.
        operation: Operation,
        /// The I/O error of the operation.
        error: io::Error,
    },
}
