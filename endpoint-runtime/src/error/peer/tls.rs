//! What the other side did that keeps TLS from coming about, or breaks it.

use core::fmt;
use std::time::SystemTime;

use thiserror::Error as ThisError;

use crate::quoted::Quoted;
use crate::utc_date::UtcDate;

/// Why there is no TLS with the other side; certificates are named by whom they are for.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum TlsProblem {
    /// The certificate is for others.
    #[error(
        "its certificate {} is not for {} ({})",
        Quoted::new(.certificate),
        Quoted::new(.expected),
        ValidFor(.valid_for)
    )]
    WrongName {
        /// The certificate.
        certificate: String,
        /// Whom it was to be for.
        expected: String,
        /// Whom it is for.
        valid_for: Vec<String>,
    },
    /// A certificate is not valid any more.
    #[error("its certificate {} expired on {}", Quoted::new(.certificate), UtcDate(*.not_after))]
    Expired {
        /// The certificate, which may be one that stands above that of the other side.
        certificate: String,
        /// When it expired.
        not_after: SystemTime,
    },
    /// A certificate is not valid yet.
    #[error(
        "its certificate {} is not valid before {}",
        Quoted::new(.certificate),
        UtcDate(*.not_before)
    )]
    NotYetValid {
        /// The certificate, which may be one that stands above that of the other side.
        certificate: String,
        /// When it will be valid.
        not_before: SystemTime,
    },
    /// Nobody who is trusted stands for the certificate.
    #[error(
        "its certificate {} comes from {}, and no authority that is trusted here stands for that",
        Quoted::new(.certificate),
        Quoted::new(.issuer)
    )]
    UnknownIssuer {
        /// The certificate.
        certificate: String,
        /// Who issued the last one of its chain.
        issuer: String,
    },
    /// The certificate stands for itself alone, and is not trusted by itself.
    #[error(
        "its certificate {} is self-signed, and is not trusted here",
        Quoted::new(.certificate)
    )]
    SelfSigned {
        /// The certificate.
        certificate: String,
    },
    /// The certificate is for something else.
    #[error("its certificate {} is not meant for {role}", Quoted::new(.certificate))]
    WrongPurpose {
        /// The certificate.
        certificate: String,
        /// What it was to be for.
        role: CertificateRole,
    },
    /// Something else is wrong with the certificate.
    #[error("its certificate {} cannot be verified: {said}", Quoted::new(.certificate))]
    Unverified {
        /// The certificate.
        certificate: String,
        /// What is wrong.
        said: String,
    },
    /// What the other side has shown as its certificate is none.
    #[error("what it has shown cannot be read as a certificate")]
    UnreadableCertificate,
    /// There is no certificate.
    #[error("it has shown no certificate")]
    NoCertificate,
    /// The other side refused, or broke off.
    #[error("it says {}{}", Quoted::new(.alert), Hint(.alert))]
    Alert {
        /// Its word for why, as RFC 8446 calls it.
        alert: String,
    },
    /// Both sides have a list of protocols, and nothing is on both.
    #[error("it offers none of the protocols of `alpn`")]
    NoProtocol,
    /// The other side speaks something else.
    #[error("it does not speak TLS, but sent {}{}", Quoted::bytes(.found), HeaderHint(.found))]
    NotTls {
        /// How that begins.
        found: Vec<u8>,
    },
    /// The other side ended the connection during the handshake.
    #[error("{}", if *.silent {
        "it ended the connection without an answer (does it speak TLS there?)"
    } else {
        "it ended the connection in the middle of the handshake"
    })]
    Ended {
        /// Whether it had said nothing at all.
        silent: bool,
    },
    /// The connection ended, but TLS did not: somebody in between can have cut it.
    #[error("the connection was cut off (it ended without the end that TLS has)")]
    Truncated,
    /// Anything else that is against the rules, or beyond what is spoken here.
    #[error("{said}")]
    Other {
        /// What it is.
        said: String,
    },
}

/// What a certificate is to be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateRole {
    /// A server's.
    Server,
    /// A client's.
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

/// The names of a certificate; the first few of many.
struct ValidFor<'a>(&'a [String]);

impl fmt::Display for ValidFor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        if self.0.is_empty() {
            return f.write_str("it is for no name at all");
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

/// What those alerts mean that do not speak for themselves.
struct Hint<'a>(&'a str);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            "certificate required" => " (it wants a certificate from this side)",
            "unknown ca" => " (it does not trust who issued the certificate of this side)",
            "bad certificate"
            | "certificate expired"
            | "certificate unknown"
            | "unsupported certificate" => " (of the certificate of this side)",
            "no application protocol" => " (it speaks none of the protocols of `alpn`)",
            "unrecognised name" => " (it has no certificate for the name asked for)",
            "protocol version" => " (it speaks neither of the versions spoken here)",
            _ => "",
        })
    }
}

/// What comes first where a PROXY header is expected inside of TLS.
struct HeaderHint<'a>(&'a [u8]);

impl fmt::Display for HeaderHint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with(b"PROXY ") || self.0.starts_with(b"\r\n\r\n\0\r\nQUIT") {
            f.write_str(r" (a PROXY header comes before TLS where `endpoint=haproxy\:…` says so)")?;
        }
        Ok(())
    }
}

/// For streams, whose errors are those of the system.
impl From<TlsProblem> for std::io::Error {
    fn from(problem: TlsProblem) -> Self {
        let kind = match problem {
            TlsProblem::Truncated | TlsProblem::Ended { .. } => std::io::ErrorKind::UnexpectedEof,
            _ => std::io::ErrorKind::InvalidData,
        };
        Self::new(kind, problem)
    }
}
