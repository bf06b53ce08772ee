//! TLS failures that the peer causes.

use core::fmt;
use std::time::SystemTime;

use thiserror::Error as ThisError;

use crate::quoted::Quoted;
use crate::utc_date::UtcDate;

/// A failure of TLS with the peer. Certificates are named by their subjects.
///
/// Part of [`PeerProblem`](crate::PeerProblem).
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum TlsProblem {
    /// The server's certificate is not valid for the host name or address to verify.
    #[error(
        "its certificate {} is not for {} ({})",
        Quoted::new(.certificate),
        Quoted::new(.expected),
        ValidFor(.valid_for)
    )]
    WrongName {
        /// The subject of the peer's certificate, such as `CN=example.org`.
        certificate: String,
        /// The host name or address that was to be verified.
        expected: String,
        /// The DNS names and addresses in the certificate.
        valid_for: Vec<String>,
    },
    /// No name in the client's certificate matches the names that the server permits.
    #[error(
        "its certificate {} is not allowed here ({})",
        Quoted::new(.certificate),
        ValidFor(.names)
    )]
    NotAdmitted {
        /// The subject of the client's certificate.
        certificate: String,
        /// The DNS names, addresses and URIs in the certificate, or its common name.
        names: Vec<String>,
    },
    /// A certificate of the peer's chain has expired.
    #[error("its certificate {} expired on {}", Quoted::new(.certificate), UtcDate(*.not_after))]
    Expired {
        /// The subject of the certificate, which may be any of the chain.
        certificate: String,
        /// The last second in which the certificate is valid.
        not_after: SystemTime,
    },
    /// A certificate of the peer's chain is not valid yet.
    #[error(
        "its certificate {} is not valid before {}",
        Quoted::new(.certificate),
        UtcDate(*.not_before)
    )]
    NotYetValid {
        /// The subject of the certificate, which may be any of the chain.
        certificate: String,
        /// The first second in which the certificate is valid.
        not_before: SystemTime,
    },
    /// No chain leads from the peer's certificate to a trusted root.
    #[error(
        "its certificate {} was issued by {}, and no chain leads from there to a trusted authority",
        Quoted::new(.certificate),
        Quoted::new(.issuer)
    )]
    UnknownIssuer {
        /// The subject of the peer's certificate, such as `CN=example.org`.
        certificate: String,
        /// The issuer of the last certificate of the chain.
        issuer: String,
    },
    /// The certificate is self-signed, and is not a trust anchor.
    #[error(
        "its certificate {} is self-signed, and is not trusted here",
        Quoted::new(.certificate)
    )]
    SelfSigned {
        /// The subject of the peer's certificate, such as `CN=example.org`.
        certificate: String,
    },
    /// The certificate is for another purpose: its extended key usage lacks the required one.
    #[error("its certificate {} is not meant for {role}", Quoted::new(.certificate))]
    WrongPurpose {
        /// The subject of the peer's certificate, such as `CN=example.org`.
        certificate: String,
        /// The purpose that the certificate must allow.
        role: CertificateRole,
    },
    /// The certificate cannot be verified for another reason.
    #[error("its certificate {} cannot be verified: {reason}", Quoted::new(.certificate))]
    Unverified {
        /// The subject of the peer's certificate, such as `CN=example.org`.
        certificate: String,
        /// The reason, in words.
        reason: String,
    },
    /// The certificate of the peer cannot be parsed.
    #[error("the certificate that it presented cannot be read")]
    UnreadableCertificate,
    /// The peer presented no certificate.
    #[error("it presented no certificate")]
    NoCertificate,
    /// The peer ended the handshake or the connection with a TLS alert.
    #[error("it says {}{}", Quoted::new(.alert), Hint(.alert))]
    Alert {
        /// The name of the alert in RFC 8446, such as `unknown ca`.
        alert: String,
    },
    /// The two sides have no application protocol in common (ALPN).
    #[error("it offers none of the protocols of `alpn`")]
    NoProtocol,
    /// The peer sent bytes that are not TLS, such as plain HTTP.
    #[error("it does not speak TLS, but sent {}{}", Quoted::bytes(.found), HeaderHint(.found))]
    NotTls {
        /// The first bytes that the peer sent.
        found: Vec<u8>,
    },
    /// The peer closed the connection during the handshake.
    #[error("{}", if *.silent {
        "it ended the connection without an answer (does it speak TLS there?)"
    } else {
        "it ended the connection in the middle of the handshake"
    })]
    Ended {
        /// Whether the peer had sent no byte before, as a server without TLS may do.
        silent: bool,
    },
    /// The connection ended without `close_notify`, so data may have been truncated.
    #[error("the connection was cut off (it ended without `close_notify` of TLS)")]
    Truncated,
    /// Any other violation of TLS, or an unsupported feature.
    #[error("{reason}")]
    Other {
        /// The reason, in words; "it" is the peer.
        reason: String,
    },
}

/// What a certificate may be used for: its extended key usage.
///
/// Part of [`TlsProblem`](crate::TlsProblem); see [`PeerProblem`](crate::PeerProblem) for an
/// example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateRole {
    /// Authentication of a server (`serverAuth`).
    Server,
    /// Authentication of a client (`clientAuth`).
    Client,
}

impl fmt::Display for CertificateRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "servers",
            Self::Client => "clients",
        })
    }
}

/// Prints the names in a certificate, or the first few of many.
struct ValidFor<'a>(&'a [String]);

impl fmt::Display for ValidFor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        if self.0.is_empty() {
            return f.write_str("it is for no name at all; a name in its subject does not count");
        }
        f.write_str("it is for ")?;
        for (index, name) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ", " }, Quoted::new(name))?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Prints the meaning of an alert whose name does not explain it.
struct Hint<'a>(&'a str);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            "certificate required" => " (it requires a certificate from this side)",
            "unknown ca" => " (it does not trust the issuer of the certificate of this side)",
            "bad certificate"
            | "certificate expired"
            | "certificate unknown"
            | "unsupported certificate" => " (of the certificate of this side)",
            "no application protocol" => " (it supports none of the protocols of `alpn`)",
            "unrecognized name" => " (it has no certificate for the requested name)",
            "protocol version" => " (it supports neither of the TLS versions of this side)",
            _ => "",
        })
    }
}

/// Prints a hint if a PROXY header was found instead of TLS.
struct HeaderHint<'a>(&'a [u8]);

impl fmt::Display for HeaderHint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with(b"PROXY ") || self.0.starts_with(b"\r\n\r\n\0\r\nQUIT") {
            f.write_str(r" (to read a PROXY header before TLS, add `endpoint=haproxy\:…`)")?;
        }
        Ok(())
    }
}

/// Wraps the problem, because the errors of TLS streams are `io::Error`s.
///
/// An early end has the kind `UnexpectedEof`, and all others `InvalidData`.
impl From<TlsProblem> for std::io::Error {
    fn from(problem: TlsProblem) -> Self {
        let kind = match problem {
            TlsProblem::Truncated | TlsProblem::Ended { .. } => std::io::ErrorKind::UnexpectedEof,
            _ => std::io::ErrorKind::InvalidData,
        };
        Self::new(kind, problem)
    }
}
