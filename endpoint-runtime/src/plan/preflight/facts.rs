//! What preflight reads from a machine, as plain data, so that tests need no real files.

use core::net::IpAddr;
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strports_syntax::signature::Purpose;

use super::super::ProcessSpawn;

/// Answers the preflight's questions about a machine: its clock, files and programs.
///
/// Methods return at once and change nothing.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
pub trait Machine {
    /// The current time, since 1970-01-01 in UTC, to compare with certificates.
    fn now(&self) -> Duration;

    /// What exists at a path, in as much detail as the purpose of the path requires.
    ///
    /// For [`Purpose::NewSocket`], the result is [`What::There`] if the directory of the path
    /// exists, and the path itself is free or a socket.
    fn look(&self, path: &Path, purpose: Purpose) -> Arc<Seen>;

    /// Whether a program would be found: [`What::There`], [`What::Missing`] or [`What::Unusable`].
    fn program(&self, spawn: &ProcessSpawn) -> What;
}

/// What a [`Machine`] found at a path.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What exists at the path.
    pub what: What,
    /// The permissions of users that are neither the owner nor in the group.
    pub others: Others,
}

/// What kind of file a [`Machine`] found at a path.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Nothing: no file, directory or link.
    Missing,
    /// A file that this process may not read. The text is for the user: the file and the reason.
    Unreadable(String),
    /// A file of the wrong kind. The text is for the user: the file and its kind.
    Unusable(String),
    /// A file of the right kind, whose content is not checked.
    There,
    /// A PEM file with certificates or keys, parsed.
    Pem(Pem),
    /// A directory, with the path of each file in it that matters for the purpose, in order.
    Directory(Vec<(PathBuf, Seen)>),
}

/// What users other than the owner and the group may do with a file.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Whether other users may read the file.
    pub read: bool,
    /// Whether other users may write to the file.
    pub write: bool,
}

/// The content of a PEM file with certificates and keys, without secrets.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pem {
    /// The certificates, in the order of the file.
    pub certificates: Vec<CertificateFacts>,
    /// The public key of each private key in the file, in DER.
    ///
    /// `None` for a private key from which it cannot be derived.
    pub keys: Vec<Option<Vec<u8>>>,
}

/// The fields of a certificate that the preflight checks. Times are since 1970-01-01 in UTC.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The distinguished name of the subject.
    pub subject: String,
    /// The distinguished name of the issuer.
    pub issuer: String,
    /// The DNS names that the certificate is valid for, from its subject alternative names.
    pub dns_names: Vec<String>,
    /// The IP addresses that the certificate is valid for, from its subject alternative names.
    pub addresses: Vec<IpAddr>,
    /// Whether the certificate has names of other kinds, such as e-mail addresses.
    pub other_names: bool,
    /// Whether the certificate may sign other certificates.
    pub signs_others: bool,
    /// The first second in which the certificate is valid.
    pub not_before: Duration,
    /// The last second in which the certificate is valid.
    pub not_after: Duration,
    /// The public key in DER, to find the private key that belongs to it.
    pub public_key: Vec<u8>,
}

impl From<What> for Seen {
    fn from(what: What) -> Self {
        Self { what, others: Others::default() }
    }
}

impl Seen {
    /// The certificates and keys in the file; `None` if the path is not a PEM file.
    pub(super) fn pem(&self) -> Option<&Pem> {
        match &self.what {
            What::Pem(pem) => Some(pem),
            _ => None,
        }
    }
}
