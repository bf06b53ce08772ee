//! Facts about a machine, as plain data, so that tests can invent them.

use core::net::IpAddr;
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strports_syntax::signature::Purpose;

use super::super::ProcessSpawn;

/// Access to a machine.
///
/// Methods return at once and change nothing. The preflight trusts their answers.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
pub trait Machine {
    /// The current time, since the beginning of 1970.
    fn now(&self) -> Duration;

    /// What exists at a path, in the detail that the purpose needs.
    ///
    /// For [`Purpose::NewSocket`] it counts as present if its directory exists and no other file is
    /// at the path.
    fn look(&self, path: &Path, purpose: Purpose) -> Arc<Seen>;

    /// Whether a program would be found: [`What::There`], [`What::Missing`] or [`What::Unusable`].
    fn program(&self, spawn: &ProcessSpawn) -> What;
}

/// The result of a look at a path.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What exists at the path.
    pub what: What,
    /// The permissions of users that are neither the owner nor in the group.
    pub others: Others,
}

/// What exists at a path.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Nothing.
    Missing,
    /// A file that may not be read. The text names it and the reason.
    Unreadable(String),
    /// A file of the wrong kind. The text names it and its kind.
    Unusable(String),
    /// A file of the right kind, whose content is not checked.
    There,
    /// A file of certificates and keys.
    Pem(Pem),
    /// A directory, with the files that matter for the purpose, in order.
    Directory(Vec<(PathBuf, Seen)>),
}

/// The permissions of all other users.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Whether other users may read the file.
    pub read: bool,
    /// Whether other users may write to the file.
    pub write: bool,
}

/// The content of a file with certificates and keys, without secrets.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pem {
    /// The certificates, in order.
    pub certificates: Vec<CertificateFacts>,
    /// The public keys of the private keys, in DER; `None` for a key whose public key is unknown.
    pub keys: Vec<Option<Vec<u8>>>,
}

/// The content of a certificate. Times are since the beginning of 1970.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The distinguished name of the subject.
    pub subject: String,
    /// The distinguished name of the issuer.
    pub issuer: String,
    /// The DNS names that the certificate is valid for.
    pub dns_names: Vec<String>,
    /// The IP addresses that the certificate is valid for.
    pub addresses: Vec<IpAddr>,
    /// Whether the certificate has names of other kinds, such as e-mail addresses.
    pub other_names: bool,
    /// Whether the certificate may sign other certificates.
    pub signs_others: bool,
    /// The start of the validity period.
    pub not_before: Duration,
    /// The end of the validity period.
    pub not_after: Duration,
    /// The public key, in DER.
    pub public_key: Vec<u8>,
}

impl From<What> for Seen {
    fn from(what: What) -> Self {
        Self { what, others: Others::default() }
    }
}

impl Seen {
    /// The certificates and keys, if the path is a file of them.
    pub(super) fn pem(&self) -> Option<&Pem> {
        match &self.what {
            What::Pem(pem) => Some(pem),
            _ => None,
        }
    }
}
