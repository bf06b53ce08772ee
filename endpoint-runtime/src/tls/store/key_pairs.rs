//! Which key of a directory belongs to which certificate, and which certificates form its chain.
//!
//! The place of each does not matter: a key may be in the file of its certificate or in any other
//! file, and so may the certificates of the chain.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::sign::SigningKey;

use super::identity::Identity;
use super::pem::PemFile;
use crate::error::{TlsFileProblem, TlsFileProblemKind};
use crate::tls::certificate::Certificate;

/// An identity, with the files that its certificate and its key were found in.
#[derive(Clone, Debug)]
pub(crate) struct StoredIdentity {
    pub(super) certificate_path: PathBuf,
    pub(super) key_path: PathBuf,
    pub(super) identity: Identity,
    /// Whether it was loaded earlier and is kept for want of a better one.
    pub(super) is_retained: bool,
}

/// The identities in files, which are ordered by name, and so are the identities.
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

/// What is in the files.
#[derive(Default)]
struct Contents {
    certificates: Vec<(PathBuf, Certificate)>,
    /// By their public keys.
    keys: HashMap<Vec<u8>, (PathBuf, Arc<dyn SigningKey>)>,
}

impl Contents {
    /// Takes everything in a file, or nothing.
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

    fn into_identities(
        self,
        directory: &Path,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Vec<StoredIdentity> {
        let pool: Vec<_> = self.certificates.iter().map(|(_, it)| it.clone()).collect();
        // The same certificate may be in several files, as certbot has it.
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
