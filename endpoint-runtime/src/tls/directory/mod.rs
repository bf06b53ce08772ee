//! A directory of certificates: the one that is for the name asked for is shown.
//!
//! 1. [`files`] finds the files, in the directory and below it.
//! 2. [`pairs`](mod@pairs) finds out which key belongs to which certificate, and which certificates go between.
//! 3. [`past`] keeps what was there before where its files are just being changed.
//! 4. [`choice`] picks one of them for each client.
//!
//! A file that cannot be used is reported and takes no other one down.

mod choice;
mod files;
mod pairs;
mod past;

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::SignatureScheme;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

pub(super) use self::choice::Asked;
use self::choice::Choice;
use self::files::Read;
pub(crate) use self::files::{LONGEST, Tally, open, search};
use self::pairs::{Pair, pairs};
pub(super) use self::past::{Past, same};
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
    /// What is wrong with single files goes to `problems`. The answer also says whether something is shown whose files
    /// have gone.
    pub(super) fn read(
        path: &Path,
        now: SystemTime,
        past: &Past<'_>,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<(Self, bool), TlsFileProblem> {
        let found = search(path, problems)?.files;
        let mut files = Vec::new();
        let mut trouble = HashSet::new();
        for file in &found {
            match files::read(file, past.unsettled) {
                Ok(Read::File(file)) => files.push(file),
                Ok(Read::Other) => {}
                Ok(Read::Unsettled) => {
                    trouble.insert(file.clone());
                }
                Err(problem) => problems.push(problem),
            }
        }
        let mut pairs = pairs(path, &files, problems);
        for Pair { certificate, identity, .. } in &pairs {
            problems.extend(identity.check_dates(certificate, now).err());
        }
        trouble.extend(problems.iter().filter_map(TlsFileProblem::path).map(Path::to_owned));
        let has_gone = past.leave(&mut pairs, &trouble, now);
        if !pairs.iter().any(|it| it.identity.is_valid(now)) {
            return Err(nothing_to_show(path, found.len(), problems));
        }
        Ok((Self { choice: Choice::among(pairs) }, has_gone))
    }

    /// Whether clients see no difference to another one.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.choice.all(), other.choice.all());
        ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|(a, b)| same(&a.identity, &b.identity))
    }

    /// The certificate of those who do not say what they want.
    pub(super) fn default(&self) -> &Identity {
        self.choice.default()
    }

    /// Every certificate, with the file that it is in.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Path, &Identity)> {
        self.choice.all().iter().map(|it| (&*it.certificate, &it.identity))
    }

    /// How many certificates there are.
    pub(super) fn len(&self) -> usize {
        self.choice.all().len()
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
