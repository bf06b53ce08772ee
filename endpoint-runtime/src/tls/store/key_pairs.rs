//! Matches the keys and certificates of a directory, and builds the chains.
//!
//! Their places do not matter: keys and chains may be in the file of the certificate or in any
//! other file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::sign::SigningKey;

use super::identity::Identity;
use super::pem::PemFile;
use crate::error::{TlsFileProblem, TlsFileProblemKind};
use crate::tls::certificate::Certificate;

/// An identity, with the files of its certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct StoredIdentity {
    pub(super) certificate_path: PathBuf,
    pub(super) key_path: PathBuf,
    pub(super) identity: Identity,
    /// Whether the identity is from an earlier reading, and kept because there is no better one.
    pub(super) is_retained: bool,
}

/// Combines the certificates and keys in `files` to identities.
///
/// Files and identities are ordered by file name. Unusable files are added to `problems`.
pub(super) fn identities_of(
    directory: &Path,
    files: &[PemFile],
    problems: &mut Vec<TlsFileProblem>,
) -> Vec<StoredIdentity> {
    let mut contents = Contents::default();
    for file in files {
        problems.extend(contents.add(file).err());
    }
    contents.into_identities(directory, problems)
}

/// The certificates and keys of all files, with their paths.
#[derive(Default)]
struct Contents {
    certificates: Vec<(PathBuf, Certificate)>,
    /// The private keys and their files, by the public keys that belong to them.
    keys: HashMap<Vec<u8>, (PathBuf, Arc<dyn SigningKey>)>,
}

impl Contents {
    /// Adds the certificates and keys of a file; adds nothing if one of them is invalid.
    fn add(&mut self, file: &PemFile) -> Result<(), TlsFileProblem> {
        let certificates = file.parsed_certificates()?;
        let keys = if file.has_keys() { file.signing_keys()? } else { Vec::new() };
        if certificates.is_empty() && keys.is_empty() {
            file.certificates()?;
        }
        let path = || file.path().to_owned();
        self.certificates.extend(certificates.into_iter().map(|it| (path(), it)));
        for key in keys {
            if let Some(public) = key.public_key() {
                self.keys.entry(public.to_vec()).or_insert_with(|| (path(), key));
            }
        }
        Ok(())
    }

    /// Finds the key and the chain of each certificate. Reports missing keys and unused ones.
    fn into_identities(
        self,
        directory: &Path,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Vec<StoredIdentity> {
        let pool: Vec<_> = self.certificates.iter().map(|(_, it)| it.clone()).collect();
        // The same certificate may be in several files, as in the directories of certbot.
        let mut seen = HashSet::new();
        let mut used = HashSet::new();
        let mut identities = Vec::new();
        for (path, certificate) in &self.certificates {
            let Certificate { der, info } = certificate;
            if !seen.insert(der) {
                continue;
            }
            if let Some((key_path, key)) = self.keys.get(&info.public_key) {
                used.insert(&info.public_key);
                identities.push(StoredIdentity {
                    certificate_path: path.clone(),
                    key_path: key_path.clone(),
                    identity: Identity::new(certificate, &pool, Arc::clone(key)),
                    is_retained: false,
                });
            } else if !info.is_ca {
                let (subject, directory) = (info.subject.clone(), directory.to_owned());
                let kind = TlsFileProblemKind::MissingKey { subject, directory };
                problems.push(TlsFileProblem::new(path, kind));
            }
        }
        let unused = self.keys.iter().filter(|(public, _)| !used.contains(public));
        let mut unused: Vec<_> = unused.map(|(_, (path, _))| path.clone()).collect();
        unused.sort();
        problems.extend(unused.into_iter().map(|path| {
            let directory = directory.to_owned();
            TlsFileProblem::new(path, TlsFileProblemKind::UnusedKey { directory })
        }));
        identities
    }
}
