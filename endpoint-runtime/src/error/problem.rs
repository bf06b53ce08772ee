//! What can go wrong, a type for each of those who can mend it; the text is made here and nowhere else.

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error as ThisError;

use super::handover::HandoverProblem;
use super::inherited::InheritedProblem;
use super::process::ProcessProblem;
use super::said::{Attempt, ConnectFailure, OtherFamily, Said, Tried};
use super::tls::{TlsFileProblem, TlsProblem};
use crate::address::Address;
use crate::plan::{Family, MAX_UNIX_NAME};
use crate::proto::proxy::HeaderError;
use crate::quoted::Quoted;
use crate::seconds::Seconds;

/// A mistake in the description.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum DescriptionProblem {
    /// The text is no description of an endpoint; the parser says what it found, and where.
    #[error("{0}")]
    Syntax(strports_syntax::Error),
    /// The type is known, but this version cannot run it.
    #[error(
        "{} endpoints are described but not run by this version \
         (expected `tcp`, `tcp6`, `unix`, `systemd`, `fd`, `stdio`, `process`, `ssl`, `tls` or `haproxy`)",
        Quoted::new(.name)
    )]
    Unsupported {
        /// The type.
        name: String,
    },
    /// The type belongs to a plugin, and the endpoint was built without the registry that knows it.
    #[error("there is no plugin for {} here", Quoted::new(.name))]
    NoPlugin {
        /// The type.
        name: String,
    },
    /// What a plugin says against the description.
    #[error("{message}")]
    Plugin {
        /// Its words.
        message: String,
    },
    /// A host, interface or bind address holds bytes that are not UTF-8.
    #[error("{} is {}, which is not UTF-8", Quoted::new(.argument), Quoted::bytes(.value))]
    NotUtf8 {
        /// The argument.
        argument: &'static str,
        /// What it holds.
        value: Vec<u8>,
    },
    /// The name of a UNIX socket is empty, which would make the kernel choose one.
    #[error("the name of the socket is empty")]
    EmptySocketPath,
    /// The name of a passed socket holds a colon, which stands between two names where systemd lists them.
    #[error("{} holds a colon, which no name of a passed socket can", Quoted::bytes(.name))]
    ColonInSocketName {
        /// The name.
        name: Vec<u8>,
    },
    /// The path of a UNIX socket holds a NUL byte.
    #[error("{} holds a NUL byte, which no path can", Quoted::new(.path))]
    NulInSocketPath {
        /// The path.
        path: PathBuf,
    },
    /// The name of a UNIX socket does not fit in a socket address.
    #[error(
        "{} is {} bytes long, but a socket name has at most {MAX_UNIX_NAME}",
        Quoted::bytes(.name),
        .name.len()
    )]
    SocketPathTooLong {
        /// The path, or the abstract name.
        name: Vec<u8>,
    },
    /// What stands behind the colon of a local address is no port.
    #[error("expected a port from 0 to 65535 in `bindAddress`, but found {}", Quoted::new(.port))]
    BindAddressPort {
        /// What stands there.
        port: String,
    },
    /// The name of the program is empty.
    #[error("the name of the program is empty")]
    EmptyExecutable,
    /// A change of a program's environment names no variable.
    ///
    /// What it says instead may be secret.
    #[error("expected `NAME=VALUE` or `NAME` for `env`, but found no name")]
    NoVariable,
    /// What a program is to get holds a NUL byte, which ends a text there.
    #[error("`{argument}` holds a NUL byte, which no program can be given")]
    NulForProgram {
        /// The argument.
        argument: &'static str,
    },
    /// The local address and the addresses of the host are of different families.
    #[error("`bindAddress` is {bind_address}, but the host has no such address")]
    BindAddressFamily {
        /// The family of the local address.
        bind_address: Family,
    },
    /// A name in a list of protocols is empty or too long.
    #[error("expected names of 1 to 255 bytes in `alpn`, but found {}", Quoted::bytes(.name))]
    BadProtocol {
        /// The name.
        name: Vec<u8>,
    },
    /// No certificate can be for this host.
    #[error("{} is no name that a certificate can be for", Quoted::new(.name))]
    NoServerName {
        /// The host.
        name: String,
    },
    /// Networks of trusted senders where senders have no IP address.
    #[error("`proxyTrusted` expects senders with IP addresses, but those on {transport} have none")]
    TrustedWithoutAddress {
        /// Where the connections come from.
        transport: &'static str,
    },
}

/// Something that this machine refuses.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum EnvironmentProblem {
    /// Listening sockets did not pass to another process.
    #[error(transparent)]
    Handover(#[from] HandoverProblem),
    /// The system does not let us listen on an address.
    #[error("cannot listen on {address}: {}", Said(.error))]
    Listen {
        /// The address.
        address: Address,
        /// What the system said.
        error: io::Error,
    },
    /// The port that we want is taken by a socket of the other IP family.
    #[error("cannot listen on {address}: {} ({})", Said(.error), OtherFamily(*.address))]
    PortOfOtherFamily {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// A plugin cannot listen.
    #[error("the plugin {} cannot listen: {}", Quoted::new(.name), Said(.error))]
    PluginListen {
        /// The type.
        name: String,
        /// What it said.
        error: io::Error,
    },
    /// Listening came to an end.
    #[error("cannot accept connections on {address}: {}", Said(.error))]
    Accept {
        /// The address listened on.
        address: Address,
        /// What the system said.
        error: io::Error,
    },
    /// A name could not be looked up.
    #[error("cannot look up {}: {}", Quoted::new(.name), Said(.error))]
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
    #[error("cannot {doing} {}: {}", Quoted::new(.path), Said(.error))]
    File {
        /// What was tried.
        doing: Doing,
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Standard input or output cannot be had.
    #[error("cannot open standard input and output: {}", Said(.error))]
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
    /// A connection failed for a reason that lies on this machine.
    #[error("cannot {doing} {side}: {}", Said(.error))]
    Stream {
        /// The other end of the connection.
        side: Address,
        /// What was tried.
        doing: Doing,
        /// What the system said.
        error: io::Error,
    },
}

/// Something that the other side refuses or does not do.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum PeerProblem {
    /// No address could be reached.
    #[error("{0}")]
    Connect(ConnectFailure),
    /// A plugin cannot connect.
    #[error("the plugin {} cannot connect: {}", Quoted::new(.name), Said(.error))]
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
    #[error("cannot {doing} {side}: {}", Said(.error))]
    Stream {
        /// The other end of the connection.
        side: Address,
        /// What was tried.
        doing: Doing,
        /// What the system said.
        error: io::Error,
    },
}

/// A mistake of the calling program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Misuse {
    /// The plan asks for a plugin, and plans cannot bring one: the registry that knows it builds the endpoint.
    #[error("a plan alone cannot run the endpoint of a plugin")]
    NoPlugin,
    /// Standard input and output are one connection, and it is in use.
    #[error("standard input and output are in use by another connection")]
    StdioTaken,
    /// An earlier connection has closed standard output, and nothing can be written any more.
    #[error("standard output was closed by an earlier connection")]
    StdioEnded,
    /// The numbers below 3 are a program's standard descriptors.
    #[error("descriptor {number} of a program is not free (expected 3 or more)")]
    StandardDescriptor {
        /// The number.
        number: i32,
    },
    /// The listener has ended: it was made of one connection, or failed before.
    #[error("the listener has no more connections")]
    NoMoreConnections,
    /// A relay service was made without a target.
    #[error("the relay has no target")]
    NoTarget,
}

/// What was tried when something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doing {
    /// Making a file.
    Create,
    /// Reading a file or a symlink.
    Inspect,
    /// Setting permissions.
    SetMode,
    /// Removing a file.
    Remove,
    /// Reading from a connection.
    Read,
    /// Writing to a connection.
    Write,
    /// Putting a layer on a connection.
    SetUp,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Inspect => "inspect",
            Self::SetMode => "set the mode of",
            Self::Remove => "remove",
            Self::Read => "read from",
            Self::Write => "write to",
            Self::SetUp => "set up the connection with",
        })
    }
}
