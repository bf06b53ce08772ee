//! Problems of the peer.

mod tls;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error as ThisError;

pub use self::tls::{CertificateRole, TlsProblem};
use super::doing::Doing;
use super::io_error::{Attempt, ConnectFailure, IoMessage, Tried};
use crate::address::Address;
use crate::proto::proxy::HeaderError;
use crate::quoted::Quoted;
use crate::seconds::Seconds;

/// Something that the other side refuses or does not do.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum PeerProblem {
    /// No address could be reached.
    #[error("{0}")]
    Connect(ConnectFailure),
    /// A plugin cannot connect.
    #[error("the plugin {} cannot connect: {}", Quoted::new(.name), IoMessage(.error))]
    PluginConnect {
        /// The type.
        name: String,
        /// What it said.
        error: io::Error,
    },
    /// There was no connection in time.
    #[error("no connection to {target} within {}{}", Seconds(*.timeout), Tried(.attempts))]
    TimedOut {
        /// What was connected to.
        target: String,
        /// The time limit.
        timeout: Duration,
        /// The addresses tried so far, the one that had not answered yet included.
        attempts: Vec<Attempt>,
    },
    /// There was no connection within the time limit of whoever wanted one, handshakes included.
    #[error("no connection within {}", Seconds(*.limit))]
    NotInTime {
        /// The time limit.
        limit: Duration,
    },
    /// The other side connected, and then did not do its part of what comes first.
    #[error("no handshake with {side} within {}", Seconds(*.limit))]
    HandshakeTimedOut {
        /// The other side.
        side: Address,
        /// The time limit.
        limit: Duration,
    },
    /// The other side connected, and others came while it had not done its part of what comes first.
    #[error(
        "no handshake with {side}: of {at_once} that were under way it was the oldest, and made room"
    )]
    HandshakeGivenUp {
        /// The other side.
        side: Address,
        /// How many may be under way.
        at_once: usize,
    },
    /// A sender outside the networks whose PROXY headers are believed.
    #[error("{side} is not trusted to send PROXY headers (it is in no network of `proxyTrusted`)")]
    Untrusted {
        /// The sender.
        side: Address,
    },
    /// What came first is no PROXY header.
    #[error("no PROXY header from {side}: {error}")]
    ProxyHeader {
        /// The sender.
        side: Address,
        /// What was expected where, and what was found.
        error: HeaderError,
    },
    /// The connection ended inside of the PROXY header, or before it.
    #[error("no PROXY header from {side}: it ended the connection after {seen} bytes")]
    ProxyEnded {
        /// The sender.
        side: Address,
        /// How many bytes it had sent.
        seen: usize,
    },
    /// The PROXY header did not come in time.
    #[error("no PROXY header from {side} within {}", Seconds(*.limit))]
    ProxyTimedOut {
        /// The sender.
        side: Address,
        /// The time limit.
        limit: Duration,
    },
    /// TLS did not come about.
    #[error("no TLS with {side}: {problem}")]
    Tls {
        /// The other side.
        side: Address,
        /// What it did, or did not do.
        problem: TlsProblem,
    },
    /// The lock that a running server would hold is not held.
    #[error("no running server holds {}", Quoted::new(.lock))]
    NotLocked {
        /// The lock file.
        lock: PathBuf,
    },
    /// The connection broke.
    #[error("cannot {doing} {side}: {}", IoMessage(.error))]
    Stream {
        /// The other end of the connection.
        side: Address,
        /// What was tried.
        doing: Doing,
        /// What the system said.
        error: io::Error,
    },
}
