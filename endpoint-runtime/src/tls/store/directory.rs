//! A directory of certificates: each client gets the certificate for its requested name.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::SignatureScheme;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::file::Origin;
use super::identity::Identity;
use super::index::{CertificateIndex, Requested};
use super::key_pairs::{StoredIdentity, identities_of};
use super::pem::PemFile;
use super::retain::Previous;
use super::search::search;
use crate::error::{TlsFileProblem, TlsFileProblemKind};
use crate::regular_file::open_regular;

/// The certificates of a directory with their keys and chains, from which one is presented to a
/// client.
#[derive(Debug)]
pub(crate) struct CertificateDirectory {
    index: CertificateIndex,
}

impl CertificateDirectory {
    /// Reads a directory with its subdirectories, or one file. Blocks.
    ///
    /// Problems of single files are added to `problems`. The second value is whether an identity is
    /// kept although its files were removed.
    pub(crate) fn read(
        path: &Path,
        now: SystemTime,
        previous: &Previous<'_>,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<(Self, bool), TlsFileProblem> {
        let found = search(path, problems)?.files;
        let mut files = Vec::new();
        // Files that cannot be used now; earlier identities from them stay in use.
        let mut trouble = HashSet::new();
        for path in &found {
            match open_regular(path) {
                Err(error) => problems.push(TlsFileProblem::unreadable(path, error)),
                Ok(None) => {}
                Ok(Some((_, metadata))) if previous.unsettled.contains(&metadata) => {
                    trouble.insert(path.clone());
                }
                Ok(Some((file, _))) => match PemFile::read_open(path, file, Origin::Directory) {
                    Ok(file) => files.push(file),
                    Err(problem) => problems.push(problem),
                },
            }
        }
        let mut identities = identities_of(path, &files, problems);
        for StoredIdentity { certificate_path, identity, .. } in &identities {
            problems.extend(identity.check_dates(certificate_path, now).err());
        }
        trouble.extend(problems.iter().map(|it| it.path.clone()));
        let keeps_removed = previous.retain(&mut identities, &trouble, now);
        if !identities.iter().any(|it| it.identity.is_valid(now)) {
            return Err(nothing_to_present(path, found.len(), problems));
        }
        Ok((Self { index: CertificateIndex::new(identities) }, keeps_removed))
    }

    /// Whether both present the same certificates, so that clients notice no change.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.identities(), other.identities());
        ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|(a, b)| a.identity.presents_same(&b.identity))
    }

    /// The certificate for clients that request no name.
    pub(super) fn default(&self) -> &Identity {
        self.index.default()
    }

    pub(super) fn identities(&self) -> &[StoredIdentity] {
        self.index.identities()
    }

    /// Whether a certificate is valid for this address, for clients that request no name.
    pub(crate) fn contains_address(&self, address: IpAddr) -> bool {
        self.index.contains_address(address)
    }

    /// Selects the certificate for a client by its requested name, and by its signature schemes.
    pub(crate) fn select(
        &self,
        requested: Requested<'_>,
        schemes: &[SignatureScheme],
    ) -> Arc<CertifiedKey> {
        Arc::clone(&self.index.select(requested, schemes, SystemTime::now()).certified_key)
    }
}

impl ResolvesServerCert for CertificateDirectory {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let requested = hello.server_name().map_or(Requested::Nothing, Requested::Name);
        Some(self.select(requested, hello.signature_schemes()))
    }
}

/// Selects by the address of the connection if the client requests no name.
#[derive(Debug)]
pub(crate) struct AtAddress {
    pub(crate) directory: Arc<CertificateDirectory>,
    pub(crate) address: IpAddr,
}

impl ResolvesServerCert for AtAddress {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let address = Requested::Address(self.address);
        let requested = hello.server_name().map_or(address, Requested::Name);
        Some(self.directory.select(requested, hello.signature_schemes()))
    }
}

/// The error if there is nothing to present: for a single file its problem, otherwise the first
/// one.
fn nothing_to_present(
    path: &Path,
    files: usize,
    problems: &mut Vec<TlsFileProblem>,
) -> TlsFileProblem {
    let first = (!problems.is_empty()).then(|| problems.remove(0));
    match first {
        Some(problem) if path.is_file() => problem,
        first => {
            let first = first.map(Box::new);
            TlsFileProblem::new(path, TlsFileProblemKind::NothingToShow { files, first })
        }
    }
}
