//! A directory of certificates: the one that is for the name asked for is shown.
//!
//! 1. [`files`] finds the files, in the directory and below it.
//! 2. [`pairs`] finds out which key belongs to which certificate, and which certificates go between.
//! 3. [`choice`] picks one of them for each client.
//!
//! A file that cannot be used is reported and takes no other one down.

mod choice;
mod files;
mod pairs;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::SignatureScheme;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

pub(super) use self::choice::Asked;
use self::choice::Choice;
use self::pairs::Pairs;
use super::pem::Identity;
use crate::error::TlsFileProblem;

/// The certificates of a directory, ready to be shown.
#[derive(Debug)]
pub(super) struct Directory {
    choice: Choice,
}

impl Directory {
    /// Reads a directory with everything below it, or one file. Blocks.
    ///
    /// What is wrong with single files goes to `problems`.
    pub(super) fn read(
        path: &Path,
        now: SystemTime,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<Self, TlsFileProblem> {
        let found = files::find(path, problems)?;
        let count = found.len();
        let files = found.iter().filter_map(|file| match files::read(file) {
            Ok(file) => file,
            Err(problem) => {
                problems.push(problem);
                None
            }
        });
        let pairs = Pairs::of(path, files.collect(), problems);
        for (file, identity) in &pairs.identities {
            problems.extend(identity.check_dates(file, now).err());
        }
        let identities: Vec<_> = pairs.identities.into_iter().map(|(_, it)| it).collect();
        if !identities.iter().any(|it| it.is_valid(now)) {
            return Err(nothing_to_show(path, count, problems));
        }
        Ok(Self { choice: Choice::among(identities) })
    }

    /// The certificate of those who do not say what they want.
    pub(super) fn default(&self) -> &Identity {
        self.choice.default()
    }

    /// How many certificates there are.
    pub(super) fn len(&self) -> usize {
        self.choice.len()
    }

    /// Whether a certificate is for this address, so that who connects to it and names nobody gets that one.
    pub(super) fn knows_address(&self, address: IpAddr) -> bool {
        self.choice.knows_address(address)
    }

    pub(super) fn choose(
        &self,
        asked: Asked<'_>,
        schemes: &[SignatureScheme],
    ) -> Arc<CertifiedKey> {
        Arc::clone(&self.choice.choose(asked, schemes, SystemTime::now()).key)
    }
}

impl ResolvesServerCert for Directory {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = hello.server_name().map_or(Asked::Nothing, Asked::Name);
        Some(self.choose(asked, hello.signature_schemes()))
    }
}

/// A directory for those who have connected to an address that one of its certificates is for.
#[derive(Debug)]
pub(super) struct AtAddress {
    pub(super) directory: Arc<Directory>,
    pub(super) address: IpAddr,
}

impl ResolvesServerCert for AtAddress {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = hello.server_name().map_or(Asked::Address(self.address), Asked::Name);
        Some(self.directory.choose(asked, hello.signature_schemes()))
    }
}

/// Of one file, what is wrong with it says everything.
fn nothing_to_show(
    path: &Path,
    files: usize,
    problems: &mut Vec<TlsFileProblem>,
) -> TlsFileProblem {
    let is_file = path.is_file();
    if is_file && !problems.is_empty() {
        return problems.remove(0);
    }
    let first = (!problems.is_empty()).then(|| Box::new(problems.remove(0)));
    TlsFileProblem::NothingToShow { path: path.to_owned(), files, first }
}
