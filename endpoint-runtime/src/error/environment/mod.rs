//! Problems of this machine, which its administrator can fix.

mod credentials;
mod handover;
mod inherited;
mod process;
mod tls_file;

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error as ThisError;

pub use self::credentials::CredentialsProblem;
pub use self::handover::HandoverProblem;
pub use self::inherited::{Expected, Finding, Found, InheritedProblem, StreamState};
pub use self::process::ProcessProblem;
pub use self::tls_file::{PemDamage, TlsFileProblem, TlsFileProblemKind};
use super::io_error::{ConnectFailure, IoMessage, OtherFamily};
use super::operation::Operation;
use crate::address::{Address, Family};
use crate::quoted::Quoted;

/// Which owner of a socket file an error is about: its user or its group.
///
/// See [`Error`](crate::Error) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerKind {
    /// The user that owns the file.
    User,
    /// The group of the file.
    Group,
}

impl fmt::Display for OwnerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Group => "group",
        })
    }
}

/// A problem of this machine, which its administrator can fix.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "net")] {
/// use endpoint_runtime::{EnvironmentProblem, InheritedProblem, Problem, server_from_string};
///
/// let server = server_from_string("fd:1000000").unwrap();
/// let error = smol::block_on(server.listen()).unwrap_err();
/// let Problem::Environment(EnvironmentProblem::Inherited(problem)) = error.problem() else {
///     panic!("{error}");
/// };
/// assert!(matches!(problem, InheritedProblem::NotOpen { number: 1_000_000 }));
/// assert_eq!(error.to_string(), "`fd:1000000`: descriptor 1000000 is not open");
/// # }
/// ```
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum EnvironmentProblem {
    /// A handover of listening sockets failed.
    #[error(transparent)]
    Handover(#[from] HandoverProblem),
    /// A server could not listen on an address, for example because it is in use.
    #[error("cannot listen on {address}: {}{}", IoMessage(.error), privileged(.address, .error))]
    Listen {
        /// The address from the description, with its port.
        address: Address,
        /// Why the operating system refused to bind or listen.
        error: io::Error,
    },
    /// The port is in use by a socket of the other IP family.
    ///
    /// An IPv6 socket without `v6only=1` takes the IPv4 port of the same number too.
    #[error("cannot listen on {address}: {} ({})", IoMessage(.error), OtherFamily(*.address))]
    PortOfOtherFamily {
        /// The address to listen on. Its port is taken in the other IP family.
        address: SocketAddr,
        /// The error of binding the address, which is "address in use".
        error: io::Error,
    },
    /// The function of a plugin that opens its listener returned an error.
    #[error("the plugin {} cannot listen: {}", Quoted::new(.name), IoMessage(.error))]
    PluginListen {
        /// The type of the endpoint, such as `onion`.
        name: String,
        /// The error that the plugin returned.
        error: io::Error,
    },
    /// Accepting failed permanently, so the listener ends.
    #[error("cannot accept connections on {address}: {}", IoMessage(.error))]
    Accept {
        /// The local address of the listening socket.
        address: Address,
        /// Why the operating system refused to accept.
        error: io::Error,
    },
    /// A host name could not be resolved.
    #[error("cannot look up {}: {}", Quoted::new(.name), IoMessage(.error))]
    Resolve {
        /// The host name, without its port.
        name: String,
        /// Why the resolver found no address.
        error: io::Error,
    },
    /// A host name has no address of the requested family.
    #[error("{} has no {family} address", Quoted::new(.name))]
    NoAddress {
        /// The host name, without its port.
        name: String,
        /// The family that the endpoint requires, as `tcp6` does.
        family: Family,
    },
    /// The zone of an IPv6 address is not a network interface.
    #[error("there is no network interface {}", Quoted::new(.zone))]
    UnknownInterface {
        /// The text after `%` in the address.
        zone: String,
    },
    /// A network interface is named where a local address is expected.
    #[error(
        "{quoted} is a network interface, not an address (write its address, or `device={name}`)",
        quoted = Quoted::new(.name)
    )]
    InterfaceName {
        /// The name of the interface, such as `eth0`.
        name: String,
    },
    /// The system has no user or group of this name.
    #[error("there is no {kind} {}", Quoted::new(.name))]
    UnknownOwner {
        /// Whether a user or a group was looked up.
        kind: OwnerKind,
        /// The name from `user=` or `group=`.
        name: String,
    },
    /// The name service of the system failed to look up a user or a group.
    #[error("cannot look up the {kind} {}: {}", Quoted::new(.name), IoMessage(.error))]
    OwnerLookUp {
        /// Whether a user or a group was looked up.
        kind: OwnerKind,
        /// The name from `user=` or `group=`.
        name: String,
        /// Why the name service could not be queried.
        error: io::Error,
    },
    /// Each attempt to connect failed before anything was sent to a peer.
    #[error("{0}")]
    Connect(ConnectFailure),
    /// The path exists and is not a socket. It is not removed.
    #[error("{} exists and is not a socket", Quoted::new(.path))]
    NotASocket {
        /// The path of the UNIX socket in the description, where another file is.
        path: PathBuf,
    },
    /// Another program listens on the path of the UNIX socket.
    #[error("{} is in use by another program", Quoted::new(.path))]
    PathInUse {
        /// The path of the UNIX socket in the description.
        path: PathBuf,
    },
    /// A stale socket exists at the path, and no lock file protects its removal.
    #[error(
        "{} is left over from another program (it is removed only with `lockfile=1`)",
        Quoted::new(.path)
    )]
    StaleSocket {
        /// The path of the UNIX socket in the description.
        path: PathBuf,
    },
    /// A running process holds the lock file of the UNIX socket.
    #[error("{} is held by process {pid}", Quoted::new(.lock))]
    Locked {
        /// The path of the lock file: that of the socket with `.lock` appended.
        lock: PathBuf,
        /// The process id in the lock file, which is alive.
        pid: i32,
    },
    /// The lock file is not a symlink to a process id. It is not removed.
    #[error(
        "{} exists and is not a lock (expected a symlink to a process number)",
        Quoted::new(.lock)
    )]
    NotALock {
        /// The path of the lock file: that of the socket with `.lock` appended.
        lock: PathBuf,
    },
    /// Other processes kept replacing the lock file while this one tried to get it.
    #[error("{} is replaced by other processes again and again", Quoted::new(.lock))]
    LockContended {
        /// The path of the lock file: that of the socket with `.lock` appended.
        lock: PathBuf,
    },
    /// The file of a UNIX socket, or its lock file, could not be created, changed or removed.
    #[error("cannot {operation} {}: {}", Quoted::new(.path), IoMessage(.error))]
    File {
        /// The operation that failed, such as setting permissions.
        operation: Operation,
        /// The path of the socket or of its lock file.
        path: PathBuf,
        /// Why the operation failed.
        error: io::Error,
    },
    /// Standard input or output cannot be opened.
    #[error("cannot open standard input and output: {}", IoMessage(.error))]
    Stdio {
        /// Why the operating system could not duplicate or open the descriptors.
        error: io::Error,
    },
    /// An inherited descriptor is missing or of the wrong kind.
    #[error("{0}")]
    Inherited(#[from] InheritedProblem),
    /// The program of a `process` endpoint cannot be started.
    #[error("{0}")]
    Process(#[from] ProcessProblem),
    /// A file with certificates or keys for TLS cannot be used.
    #[error("{0}")]
    TlsFile(#[from] TlsFileProblem),
    /// The file with the credentials for a proxy cannot be used.
    #[error("cannot use the credentials in {}: {problem}", Quoted::new(.path))]
    Credentials {
        /// The path of the file, from `credentials=`.
        path: PathBuf,
        /// Why the file cannot be used.
        problem: CredentialsProblem,
    },
    /// This platform has no root certificates for TLS, or they cannot be read.
    #[error(
        "this platform has no authorities to trust (name a file or directory of authorities instead)"
    )]
    NoPlatformRoots,
    /// The TLS library rejected the configuration that was made from the description.
    #[error("TLS cannot be set up: {reason}")]
    TlsSetup {
        /// The message of the TLS library.
        reason: String,
    },
    /// Reading, writing or setting up a connection failed, for a reason that no peer causes.
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

/// The hint for a port below 1024 that the process may not listen on; otherwise empty.
fn privileged(address: &Address, error: &io::Error) -> &'static str {
    let is_low = matches!(address, Address::Tcp(address) if (1..1024).contains(&address.port()));
    if is_low && error.kind() == io::ErrorKind::PermissionDenied {
        " (ports below 1024 need the capability CAP_NET_BIND_SERVICE: choose a higher one, give the \
         program `AmbientCapabilities=CAP_NET_BIND_SERVICE` in its unit or `setcap \
         cap_net_bind_service=+ep`, or let systemd open the socket, for a description `systemd:…`)"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_port_has_advice() {
        let error = |port: u16, kind: io::ErrorKind| {
            let address = Address::Tcp(SocketAddr::from(([127, 0, 0, 1], port)));
            EnvironmentProblem::Listen { address, error: kind.into() }.to_string()
        };
        let denied = io::ErrorKind::PermissionDenied;
        assert!(error(80, denied).contains("CAP_NET_BIND_SERVICE"));
        assert_eq!(error(8080, denied), "cannot listen on 127.0.0.1:8080: permission denied");
        assert!(!error(80, io::ErrorKind::AddrInUse).contains("CAP"));
    }
}
