//! The result of a probe, as plain data.

use core::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::address::Address;
#[cfg(feature = "__tls")]
use crate::tls::{CertificateDetails, TlsFacts};

/// The result of a probe.
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

    /// The number of warnings.
    pub fn warnings(&self) -> usize {
        self.steps.iter().map(|step| step.warnings.len()).sum()
    }
}

/// One step of a probe.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeStep {
    /// The kind of step.
    pub kind: StepKind,
    /// Whether the step succeeded.
    pub is_ok: bool,
    /// The start of the step, relative to the start of the probe.
    pub began: Duration,
    /// The duration of the step.
    pub took: Duration,
    /// The result, in one line.
    pub message: String,
    /// Problems that do not fail the step.
    pub warnings: Vec<String>,
    /// Further findings, and advice.
    pub advice: Vec<String>,
    /// The findings as data, for programs.
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

/// The kinds of steps.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// Reads certificates, keys and trust roots, or searches for a program.
    Files,
    /// Resolves a name.
    Resolve,
    /// Connects the transport.
    Connect,
    /// Requests a connection from a proxy.
    Tunnel,
    /// Sends a PROXY header.
    Proxy,
    /// Performs the TLS handshake.
    Tls,
    /// Reads the first bytes of the server.
    Read,
    /// Binds a socket, or checks one that was passed.
    Bind,
}

impl StepKind {
    /// The stable word for the step.
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

/// The details of a step.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProbeFacts {
    /// The step has no findings beyond its message.
    None,
    /// What the resolver answered.
    Lookup {
        /// The host name, without its port.
        name: String,
        /// The addresses, in the order of the resolver.
        addresses: Vec<IpAddr>,
        /// The source of the answer, if it is known.
        source: Option<String>,
    },
    /// The attempts to connect the transport.
    Attempts {
        /// The attempts, in the order of their start.
        attempts: Vec<ProbeAttempt>,
        /// The local address, once connected.
        local: Option<Address>,
        /// The address of the peer, once connected.
        peer: Option<Address>,
    },
    /// A PROXY header, from one address to another; or a tunnel, from a proxy to its target.
    Passage {
        /// The source, or the proxy.
        from: Option<String>,
        /// The destination, or the target.
        to: Option<String>,
    },
    /// The parameters and certificates of a TLS handshake.
    #[cfg(feature = "__tls")]
    Tls(Box<ProbeTls>),
    /// The first bytes that the server sent.
    Bytes {
        /// The bytes; empty if the server is silent.
        first: Vec<u8>,
        /// The protocol that these bytes belong to, if it is known.
        protocol: Option<&'static str>,
        /// Whether the server closed the connection after them.
        is_end: bool,
    },
    /// The certificates that a server would present.
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

/// One attempt to connect.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeAttempt {
    /// The address that was tried.
    pub address: Address,
    /// The start of the attempt, relative to the start of the probe.
    pub began: Duration,
    /// The duration of the attempt.
    pub took: Duration,
    /// The result of the attempt.
    pub end: AttemptEnd,
}

/// The results of an attempt to connect.
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
    /// The stable word for the result.
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

/// The details of a TLS handshake.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProbeTls {
    /// The name or address that was verified.
    pub name: String,
    /// The negotiated parameters, after a complete handshake.
    pub facts: Option<TlsFacts>,
    /// The certificates of the server, its own first.
    pub certificates: Vec<CertificateDetails>,
    /// The distinguished name of the root that verifies the chain.
    pub root: Option<String>,
    /// The server's request for a certificate.
    pub request: Option<ProbeRequest>,
}

/// A server's request for a certificate of the client.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeRequest {
    /// The distinguished names of the accepted certificate authorities, if the server sent any.
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
    /// Whether the certificate is that for clients that request no name, or an unknown one.
    pub is_default: bool,
    /// The certificate and the intermediate certificates that are sent with it.
    pub certificates: Vec<CertificateDetails>,
    /// The root of the platform that verifies it, if there is one.
    pub root: Option<String>,
}

/// A socket to listen on.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProbeSocket {
    /// The address, if it is known.
    pub address: Option<Address>,
    /// Whether an IPv6 socket also accepts IPv4 connections.
    pub takes_ipv4: Option<bool>,
    /// The processes that hold the port, the path or the lock file.
    pub holders: Vec<Holder>,
}

/// A process that holds a port, a path or a lock file.
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
