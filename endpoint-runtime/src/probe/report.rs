//! The result of a probe, as plain data.

use core::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::address::Address;
#[cfg(feature = "__tls")]
use crate::tls::{CertificateDetails, TlsFacts};

/// The result of probing a client or a server: its steps, and the time they took.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Probe {
    /// The steps in order. If a step failed, it is the last one.
    pub steps: Vec<ProbeStep>,
    /// The duration of the whole probe.
    pub took: Duration,
}

impl Probe {
    /// Whether no step failed.
    pub fn is_ok(&self) -> bool {
        self.steps.iter().all(|step| step.is_ok)
    }

    /// The number of warnings in all steps.
    pub fn warnings(&self) -> usize {
        self.steps.iter().map(|step| step.warnings.len()).sum()
    }
}

/// One step of a probe, such as a TLS handshake, with its result.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeStep {
    /// What the step does.
    pub kind: StepKind,
    /// Whether the step succeeded.
    pub is_ok: bool,
    /// The start of the step, relative to the start of the probe.
    pub began: Duration,
    /// The duration of the step.
    pub took: Duration,
    /// The result in one line: what was found, or the error.
    pub message: String,
    /// Problems that do not fail the step, such as a certificate that expires soon.
    pub warnings: Vec<String>,
    /// Hints for the user: what else was found, and how to fix a failure.
    pub advice: Vec<String>,
    /// What the step found, as data for programs instead of text.
    pub facts: ProbeFacts,
}

impl ProbeStep {
    pub(super) fn new(kind: StepKind, began: Duration) -> Self {
        Self {
            kind,
            is_ok: false,
            began,
            took: Duration::ZERO,
            message: String::new(),
            warnings: Vec::new(),
            advice: Vec::new(),
            facts: ProbeFacts::None,
        }
    }

    /// Ends the step with success, `now` after the start of the probe.
    pub(super) fn succeed(&mut self, now: Duration, message: String) {
        self.is_ok = true;
        self.took = now.saturating_sub(self.began);
        self.message = message;
    }

    /// Ends the step with an error, `now` after the start of the probe.
    pub(super) fn fail(&mut self, now: Duration, message: String) {
        self.is_ok = false;
        self.took = now.saturating_sub(self.began);
        self.message = message;
    }
}

/// What a step of a probe does.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// Reads certificates, keys and trust roots, or searches for a program.
    Files,
    /// Resolves a host name.
    Resolve,
    /// Connects the transport: a TCP or UNIX socket, a descriptor or a program.
    Connect,
    /// Requests a connection to the target from a SOCKS5 or HTTP proxy.
    Tunnel,
    /// Sends a PROXY header to the server.
    Proxy,
    /// Performs a TLS handshake and verifies the server.
    Tls,
    /// Reads the first bytes of the server.
    Read,
    /// Checks the socket of a server: whether it could be bound, or fits if it was passed.
    Bind,
}

impl StepKind {
    /// The word for the step in JSON output, which stays the same in later versions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tunnel => "tunnel",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Read => "read",
            Self::Bind => "bind",
        }
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a step found, as data. The variant depends on the kind of step and its result.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProbeFacts {
    /// The step has no findings beyond its message.
    None,
    /// The host name that was looked up, and its addresses.
    Lookup {
        /// The host name, without its port.
        name: String,
        /// The addresses, in the order of the resolver.
        addresses: Vec<IpAddr>,
        /// The probable source of the answer, such as `/etc/hosts`; `None` if it is unknown.
        source: Option<String>,
    },
    /// What happened at each address that the client tried.
    Attempts {
        /// The attempts, in the order of their start.
        attempts: Vec<ProbeAttempt>,
        /// The local address; `None` unless an attempt succeeded.
        local: Option<Address>,
        /// The address of the peer; `None` unless an attempt succeeded.
        peer: Option<Address>,
    },
    /// The addresses in a PROXY header that was sent, or the two ends of a proxy's tunnel.
    Passage {
        /// The source address in the header, or the address of the proxy; `None` if there is none.
        from: Option<String>,
        /// The destination address in the header, or the target of the tunnel.
        to: Option<String>,
    },
    /// The parameters and certificates of a TLS handshake.
    #[cfg(feature = "__tls")]
    Tls(Box<ProbeTls>),
    /// The greeting of the server, or its end of the connection.
    Bytes {
        /// The first bytes, at most 512; empty if the server closed the connection without any.
        first: Vec<u8>,
        /// The protocol that these bytes belong to, if it is known.
        protocol: Option<&'static str>,
        /// Whether the server closed the connection without sending bytes.
        is_end: bool,
    },
    /// The certificates that a probed server would present to its clients.
    #[cfg(feature = "__tls")]
    Presented(Vec<ProbeIdentity>),
    /// The program of a `process` endpoint.
    Program {
        /// The file that would be executed.
        path: PathBuf,
    },
    /// The socket that the server would listen on.
    Socket(Box<ProbeSocket>),
}

/// One attempt to connect to one address.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeAttempt {
    /// The address to which the client tried to connect.
    pub address: Address,
    /// The start of the attempt, relative to the start of the probe.
    pub began: Duration,
    /// The duration of the attempt.
    pub took: Duration,
    /// How the attempt ended.
    pub end: AttemptEnd,
}

/// How an attempt to connect ended.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEnd {
    /// The address answered first, and is used.
    Connected,
    /// The attempt failed with this message.
    Failed(String),
    /// Another address answered first, so this attempt was cancelled.
    Cancelled,
    /// The address did not answer within the time limit.
    Silent,
}

impl AttemptEnd {
    /// The word for the result in JSON output, which stays the same in later versions.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Failed(_) => "failed",
            Self::Cancelled => "given-up",
            Self::Silent => "silent",
        }
    }
}

impl fmt::Display for AttemptEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("connected"),
            Self::Failed(error) => f.write_str(error),
            Self::Cancelled => f.write_str("given up, because another address answered first"),
            Self::Silent => f.write_str("no answer in time"),
        }
    }
}

/// What a TLS handshake with a server showed.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProbeTls {
    /// The host name or address that the server's certificate had to cover.
    pub name: String,
    /// The negotiated version, cipher suite and others; `None` if the handshake failed.
    pub facts: Option<TlsFacts>,
    /// The certificates of the server, its own first.
    pub certificates: Vec<CertificateDetails>,
    /// The distinguished name of the root certificate that verifies the server's chain.
    ///
    /// `None` if the chain was not verified.
    pub root: Option<String>,
    /// The server's request for a client certificate; `None` if it made none.
    pub request: Option<ProbeRequest>,
}

/// A server's request for a certificate of the client.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeRequest {
    /// The distinguished names of the authorities that the server accepts; empty if it named none.
    pub authorities: Vec<String>,
    /// Whether the client presented a certificate.
    pub presented: bool,
}

/// A certificate that a server would present.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeIdentity {
    /// The file of the certificate.
    pub path: PathBuf,
    /// Whether clients that request no name, or an unknown one, get this certificate.
    pub is_default: bool,
    /// The certificate and the intermediate certificates that are sent with it.
    pub certificates: Vec<CertificateDetails>,
    /// The root certificate of this platform that verifies the chain.
    ///
    /// `None` if there is none, as for a certificate of a private authority.
    pub root: Option<String>,
}

/// The socket that a probed server would listen on.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProbeSocket {
    /// The address to listen on; `None` if the socket has none.
    pub address: Option<Address>,
    /// Whether an IPv6 socket also accepts IPv4 connections; `None` for other sockets.
    pub takes_ipv4: Option<bool>,
    /// The processes that hold the port, the path or the lock file, as far as they are visible.
    pub holders: Vec<Holder>,
}

/// A process that prevents a server from listening: it holds the port, the path or the lock.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The process id of the holder.
    pub pid: u32,
    /// The name of the program, if it can be read.
    pub program: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.program {
            Some(program) => write!(f, "process {} (`{program}`)", self.pid),
            None => write!(f, "process {}", self.pid),
        }
    }
}
