//! Problems of this machine, for its administrator to fix.

mod handover;
mod inherited;
mod process;
mod tls_file;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error as ThisError;

pub use self::handover::HandoverProblem;
pub use self::inherited::{Expected, Finding, Found, InheritedProblem, StreamState};
pub use self::process::ProcessProblem;
pub use self::tls_file::{PemDamage, TlsFileProblem, TlsFileProblemKind};
use super::doing::Doing;
use super::io_error::{ConnectFailure, IoMessage, OtherFamily};
use crate::address::{Address, Family};
use crate::quoted::Quoted;

/// Something that this machine refuses.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum EnvironmentProblem {
    /// Listening sockets did not pass to another process.
    #[error(transparent)]
    Handover(#[from] HandoverProblem),
    /// The system does not let us listen on an address.
    #[error("cannot listen on {address}: {}", IoMessage(.error))]
    Listen {
        /// The address.
        address: Address,
        /// What the system said.
        error: io::Error,
    },
    /// The port that we want is taken by a socket of the other IP family.
    #[error("cannot listen on {address}: {} ({})", IoMessage(.error), OtherFamily(*.address))]
    PortOfOtherFamily {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// A plugin cannot listen.
    #[error("the plugin {} cannot listen: {}", Quoted::new(.name), IoMessage(.error))]
    PluginListen {
        /// The type.
        name: String,
        /// What it said.
        error: io::Error,
    },
    /// Listening came to an end.
    #[error("cannot accept connections on {address}: {}", IoMessage(.error))]
    Accept {
        /// The address listened on.
        address: Address,
        /// What the system said.
        error: io::Error,
    },
    /// A name could not be looked up.
    #[error("cannot look up {}: {}", Quoted::new(.name), IoMessage(.error))]
    Resolve {
        /// The name.
        name: String,
        /// What the resolver said.
        error: io::Error,
    },
    /// A name has no address of the family asked for.
    #[error("{} has no {family} address", Quoted::new(.name))]
    NoAddress {
        /// The name.
        name: String,
        /// The family.
        family: Family,
    },
    /// The zone of an IPv6 address names no network interface.
    #[error("there is no network interface {}", Quoted::new(.zone))]
    UnknownInterface {
        /// The zone.
        zone: String,
    },
    /// No attempt to connect left this machine.
    #[error("{0}")]
    Connect(ConnectFailure),
    /// What stands at the path of the socket is something else, and is left alone.
    #[error("{} exists and is not a socket", Quoted::new(.path))]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// Another program listens at the path.
    #[error("{} is in use by another program", Quoted::new(.path))]
    PathInUse {
        /// The path.
        path: PathBuf,
    },
    /// A socket that nobody serves stands at the path, and no lock protects its removal.
    #[error("{} is left over from another program (it is removed only with `lockfile=1`)", Quoted::new(.path))]
    StaleSocket {
        /// The path.
        path: PathBuf,
    },
    /// A running process holds the lock.
    #[error("{} is held by process {pid}", Quoted::new(.lock))]
    Locked {
        /// The lock file.
        lock: PathBuf,
        /// The number in it.
        pid: i32,
    },
    /// The lock file is not a symlink to a process number, and is left alone.
    #[error("{} exists and is not a lock (expected a symlink to a process number)", Quoted::new(.lock))]
    NotALock {
        /// The lock file.
        lock: PathBuf,
    },
    /// The lock file keeps changing hands.
    #[error("{} is being fought over by other processes", Quoted::new(.lock))]
    LockContended {
        /// The lock file.
        lock: PathBuf,
    },
    /// A file could not be made, changed or removed.
    #[error("cannot {doing} {}: {}", Quoted::new(.path), IoMessage(.error))]
    File {
        /// What was tried.
        doing: Doing,
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Standard input or output cannot be had.
    #[error("cannot open standard input and output: {}", IoMessage(.error))]
    Stdio {
        /// What the system said.
        error: io::Error,
    },
    /// A descriptor that was to be inherited is not there, or is something else.
    #[error("{0}")]
    Inherited(#[from] InheritedProblem),
    /// A program cannot be run.
    #[error("{0}")]
    Process(#[from] ProcessProblem),
    /// A file of certificates or keys cannot be used.
    #[error("{0}")]
    TlsFile(#[from] TlsFileProblem),
    /// This platform has no root certificates, or they cannot be read.
    #[error(
        "this platform has no authorities to trust (a file or directory of one's own can be named)"
    )]
    NoPlatformRoots,
    /// The TLS library refuses the configuration.
    #[error("TLS cannot be set up: {said}")]
    TlsSetup {
        /// Its message.
        said: String,
    },
    /// A connection failed for a reason that lies on this machine.
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
