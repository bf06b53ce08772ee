//! What a probe has found, step by step, as plain data.

use core::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::address::Address;
#[cfg(feature = "__tls")]
use crate::tls::{CertificateDetails, TlsFacts};

/// What a probe has found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Probe {
    /// The steps in their order; the last one is the one that failed, if any did.
    pub steps: Vec<ProbeStep>,
    /// How long all of them took.
    pub took: Duration,
}

impl Probe {
    /// Whether no step failed.
    pub fn is_ok(&self) -> bool {
        self.steps.iter().all(|step| step.is_ok)
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.steps.iter().map(|step| step.warnings.len()).sum()
    }
}

/// One step of a probe.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeStep {
    /// Which step it is.
    pub kind: StepKind,
    /// Whether it succeeded.
    pub is_ok: bool,
    /// How long after the beginning of the probe it began.
    pub began: Duration,
    /// How long it took.
    pub took: Duration,
    /// What came of it, in one line.
    pub message: String,
    /// What works and soon may not.
    pub warnings: Vec<String>,
    /// What else was found, and what would help.
    pub advice: Vec<String>,
    /// The details.
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

    /// Ends the step well, `now` after the beginning of the probe.
    pub(super) fn succeed(&mut self, now: Duration, message: String) {
        self.is_ok = true;
        self.took = now.saturating_sub(self.began);
        self.message = message;
    }

    /// Ends the step with an error, `now` after the beginning of the probe.
    pub(super) fn fail(&mut self, now: Duration, message: String) {
        self.is_ok = false;
        self.took = now.saturating_sub(self.began);
        self.message = message;
    }
}

/// A step of a probe, by what is done in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// Certificates, keys and trust roots are read, or a program is looked up.
    Files,
    /// A name is looked up.
    Resolve,
    /// The transport is connected.
    Connect,
    /// A proxy is asked for a connection.
    Tunnel,
    /// A PROXY header is sent.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The first bytes of the server are read.
    Read,
    /// A socket is bound, or looked for where it was passed.
    Bind,
}

impl StepKind {
    /// Its word, which is stable.
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProbeFacts {
    /// There are none.
    None,
    /// A lookup.
    Lookup {
        /// The name.
        name: String,
        /// Its addresses, in the order of the resolver.
        addresses: Vec<IpAddr>,
        /// What answered, as far as that is known.
        source: Option<String>,
    },
    /// Attempts to connect.
    Attempts {
        /// Each of them, in the order in which they began.
        attempts: Vec<ProbeAttempt>,
        /// The address of this side, once connected.
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
    /// A TLS handshake.
    #[cfg(feature = "__tls")]
    Tls(Box<ProbeTls>),
    /// The first bytes of a server.
    Bytes {
        /// The bytes.
        first: Vec<u8>,
        /// The protocol that begins so.
        protocol: Option<&'static str>,
        /// Whether the server ended the connection after them.
        is_end: bool,
    },
    /// The certificates that a server would present.
    #[cfg(feature = "__tls")]
    Presented(Vec<ProbeIdentity>),
    /// A program.
    Program {
        /// The file that would be executed.
        path: PathBuf,
    },
    /// A socket to listen on.
    Socket(Box<ProbeSocket>),
}

/// One attempt to connect.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeAttempt {
    /// The address.
    pub address: Address,
    /// How long after the beginning of the probe it began.
    pub began: Duration,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub end: AttemptEnd,
}

/// How an attempt to connect ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEnd {
    /// The address answered first.
    Connected,
    /// The attempt failed.
    Failed(String),
    /// Another address answered first.
    GivenUp,
    /// There was no answer when the time was up.
    Silent,
}

impl AttemptEnd {
    /// Its word, which is stable.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Failed(_) => "failed",
            Self::GivenUp => "given-up",
            Self::Silent => "silent",
        }
    }
}

impl fmt::Display for AttemptEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("connected"),
            Self::Failed(error) => f.write_str(error),
            Self::GivenUp => f.write_str("given up, as another address answered first"),
            Self::Silent => f.write_str("no answer in time"),
        }
    }
}

/// What a TLS handshake has shown.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProbeTls {
    /// The name or the address that the server had to prove.
    pub name: String,
    /// What was negotiated, once the handshake was complete.
    pub facts: Option<TlsFacts>,
    /// What the server has presented, its own certificate first.
    pub certificates: Vec<CertificateDetails>,
    /// The distinguished name of the root that verifies them.
    pub root: Option<String>,
    /// The server's request for a certificate.
    pub request: Option<ProbeRequest>,
}

/// A server's request for a certificate of the client.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeRequest {
    /// The distinguished names of the authorities that it accepts, if it names any.
    pub authorities: Vec<String>,
    /// Whether the client presented one.
    pub presented: bool,
}

/// A certificate that a server would present.
#[cfg(feature = "__tls")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeIdentity {
    /// The file of the certificate.
    pub path: PathBuf,
    /// Whether clients get it that request no name, or an unknown one.
    pub is_default: bool,
    /// The certificate and those above it that are sent with it.
    pub certificates: Vec<CertificateDetails>,
    /// The root of this platform that verifies it, if one does.
    pub root: Option<String>,
}

/// A socket to listen on.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProbeSocket {
    /// The address, once it is known.
    pub address: Option<Address>,
    /// Whether a socket for IPv6 takes IPv4 connections, too.
    pub takes_ipv4: Option<bool>,
    /// The processes that hold the port, the path or the lock.
    pub holders: Vec<Holder>,
}

/// A process that holds something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// The name of its program, if that can be read.
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
