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

/// A certificate whose key is there, and the files that both were found in.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) identity: Identity,
    /// Whether it stems from before, and stays for want of a better one.
    pub(super) is_left: bool,
}

/// The certificates whose keys are in files, which come in the order of their names, and so do they.
pub(super) fn pairs(
    directory: &Path,
    files: &[PemFile],
    problems: &mut Vec<TlsFileProblem>,
) -> Vec<Pair> {
    let mut held = Held::default();
    for file in files {
        problems.extend(held.add(file).err());
    }
    held.pair(directory, problems)
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

    fn pair(self, directory: &Path, problems: &mut Vec<TlsFileProblem>) -> Vec<Pair> {
        let pool: Vec<_> = self.certificates.iter().map(|(_, it)| it.clone()).collect();
        // The same certificate may stand in several files, as certbot has it.
        let mut seen = HashSet::new();
        let mut used = HashSet::new();
        let mut pairs = Vec::new();
        for (path, certificate) in &self.certificates {
            let Known { der, facts } = certificate;
            if !seen.insert(der) {
                continue;
            }
            if let Some((key_path, key)) = self.keys.get(&facts.public_key) {
                used.insert(&facts.public_key);
                pairs.push(Pair {
                    certificate: path.clone(),
                    key: key_path.clone(),
                    identity: Identity::new(certificate, &pool, Arc::clone(key)),
                    is_left: false,
                });
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
        pairs
    }
}
