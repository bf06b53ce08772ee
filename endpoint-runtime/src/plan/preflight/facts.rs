//! What a machine is asked, and what it answers: plain data, so that a test may invent it.

use core::net::IpAddr;
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strports_syntax::signature::Purpose;

use super::super::ProcessSpawn;

/// A machine that can be looked at.
///
/// It answers at once and changes nothing. What it answers is believed.
pub trait Machine {
    /// The time, counted from the beginning of 1970.
    fn now(&self) -> Duration;

    /// What is at a path, as far as the purpose asks for it.
    ///
    /// For [`Purpose::NewSocket`] it is there if the directory above it is, and nothing is in its
    /// way.
    fn look(&self, path: &Path, purpose: Purpose) -> Arc<Seen>;

    /// Whether a program would be found: [`What::There`], [`What::Missing`] or [`What::Unusable`].
    fn program(&self, spawn: &ProcessSpawn) -> What;
}

/// What was seen at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What there is.
    pub what: What,
    /// The permissions of users that are neither its owner nor in its group.
    pub others: Others,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Nothing.
    Missing,
    /// It may not be read; the sentence names it and says why.
    Unreadable(String),
    /// It is not what the purpose asks for; the sentence names it and says what it is.
    Unusable(String),
    /// What the purpose asks for, and there is nothing in it to be looked at.
    There,
    /// A file of certificates and keys.
    Pem(Pem),
    /// A directory with files that the purpose makes one look at, in their order.
    Directory(Vec<(PathBuf, Seen)>),
}

/// What all users may do with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Read it.
    pub read: bool,
    /// Write to it.
    pub write: bool,
}

/// What is in a file of certificates and keys; nothing secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pem {
    /// Its certificates in their order.
    pub certificates: Vec<CertificateFacts>,
    /// The public halves of its private keys, in DER; `None` where one cannot be told.
    pub keys: Vec<Option<Vec<u8>>>,
}

/// What a certificate says of itself; times count from the beginning of 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The distinguished name of its subject.
    pub subject: String,
    /// The distinguished name of its issuer.
    pub issuer: String,
    /// The names that it covers.
    pub dns_names: Vec<String>,
    /// The addresses that it is for.
    pub addresses: Vec<IpAddr>,
    /// Whether it is for something else as well, such as an e-mail address.
    pub other_names: bool,
    /// Whether it says that its key signs other certificates.
    pub signs_others: bool,
    /// When it begins to be valid.
    pub not_before: Duration,
    /// When it ends to be valid.
    pub not_after: Duration,
    /// Its public key, in DER.
    pub public_key: Vec<u8>,
}

impl From<What> for Seen {
    fn from(what: What) -> Self {
        Self { what, others: Others::default() }
    }
}

impl Seen {
    /// What there is of certificates and keys.
    pub(super) fn pem(&self) -> Option<&Pem> {
        match &self.what {
            What::Pem(pem) => Some(pem),
            _ => None,
        }
    }
}
