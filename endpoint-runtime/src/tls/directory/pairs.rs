//! Which key of a directory belongs to which certificate, and which certificates go between it and the authority.
//!
//! Where things stand does not matter: a key may be in the file of its certificate or in any other, and so may those
//! above it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::sign::SigningKey;

use super::super::certificate::Known;
use super::super::pem::{Identity, PemFile};
use crate::error::TlsFileProblem;

/// The certificates whose keys are there, in the order of their files.
pub(super) struct Pairs {
    pub(super) identities: Vec<(PathBuf, Identity)>,
}

impl Pairs {
    /// Sorts out what the files of a directory hold; they come in the order of their names.
    pub(super) fn of(
        directory: &Path,
        files: Vec<PemFile>,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Self {
        let mut held = Held::default();
        for file in files {
            if let Err(problem) = held.add(&file) {
                problems.push(problem);
            }
        }
        held.pair(directory, problems)
    }
}

/// What is in the files.
#[derive(Default)]
struct Held {
    certificates: Vec<(PathBuf, Known)>,
    /// By the public keys that they belong to.
    keys: HashMap<Vec<u8>, (PathBuf, Arc<dyn SigningKey>)>,
}

impl Held {
    /// Takes everything that is in a file, or nothing.
    fn add(&mut self, file: &PemFile) -> Result<(), TlsFileProblem> {
        let known = file.known()?;
        let keys = if file.has_keys() { file.signing_keys()? } else { Vec::new() };
        if known.is_empty() && keys.is_empty() {
            file.certificates()?;
        }
        self.certificates.extend(known.into_iter().map(|it| (file.path().to_owned(), it)));
        for key in keys {
            if let Some(public) = key.public_key() {
                let public = public.as_ref().to_vec();
                self.keys.entry(public).or_insert_with(|| (file.path().to_owned(), key));
            }
        }
        Ok(())
    }

    fn pair(self, directory: &Path, problems: &mut Vec<TlsFileProblem>) -> Pairs {
        let pool: Vec<_> = self.certificates.iter().map(|(_, it)| it.clone()).collect();
        // The same certificate may stand in several files, as certbot has it.
        let mut seen = HashSet::new();
        let mut used = HashSet::new();
        let mut identities = Vec::new();
        for (path, certificate) in &self.certificates {
            let Known { der, facts } = certificate;
            if !seen.insert(der) {
                continue;
            }
            if let Some((_, key)) = self.keys.get(&facts.public_key) {
                used.insert(&facts.public_key);
                identities.push((path.clone(), Identity::new(certificate, &pool, Arc::clone(key))));
            } else if !facts.is_authority {
                problems.push(TlsFileProblem::MissingKey {
                    path: path.clone(),
                    subject: facts.subject.clone(),
                    directory: directory.to_owned(),
                });
            }
        }
        let unused = self.keys.iter().filter(|(public, _)| !used.contains(public));
        let mut unused: Vec<_> = unused.map(|(_, (path, _))| path.clone()).collect();
        unused.sort();
        problems.extend(unused.into_iter().map(|path| {
            let directory = directory.to_owned();
            TlsFileProblem::UnusedKey { path, directory }
        }));
        Pairs { identities }
    }
}
