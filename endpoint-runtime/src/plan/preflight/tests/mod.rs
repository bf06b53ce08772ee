//! Tests of preflights of machines that exist only as data.

mod certificates;
mod paths;

use std::cell::Cell;
use std::collections::HashMap;
use std::path::PathBuf;

use strports_syntax::{Role, check, check_either};

use super::super::ProcessSpawn;
use super::*;

/// The current time in all tests, in seconds since the beginning of 1970: day 1000.
const NOW: u64 = 1000 * DAY;

/// A machine with the files that a test gives it, at the time [`NOW`].
#[derive(Default)]
struct Invented {
    files: HashMap<PathBuf, Arc<Seen>>,
    /// How many times a path was looked at.
    options: Cell<usize>,
}

impl Machine for Invented {
    fn now(&self) -> Duration {
        Duration::from_secs(NOW)
    }

    fn look(&self, path: &Path, purpose: Purpose) -> Arc<Seen> {
        self.options.set(self.options.get() + 1);
        // A new socket only requires that its directory exists.
        let path = if purpose == Purpose::NewSocket { path.parent().unwrap() } else { path };
        self.files.get(path).cloned().unwrap_or_else(|| Arc::new(What::Missing.into()))
    }

    fn program(&self, spawn: &ProcessSpawn) -> What {
        let found = self.files.contains_key(&spawn.executable);
        if found { What::There } else { What::Missing }
    }
}

impl Invented {
    fn with(mut self, path: &str, seen: impl Into<Seen>) -> Self {
        self.files.insert(path.into(), Arc::new(seen.into()));
        self
    }

    /// Adds a PEM file with a certificate and its key to this fake file system.
    fn with_pair(self, path: &str, certificate: CertificateFacts) -> Self {
        let keys = vec![Some(certificate.public_key.clone())];
        self.with(path, What::Pem(Pem { certificates: vec![certificate], keys }))
    }

    fn find(&self, text: &str, options: &PreflightOptions) -> Vec<Diagnostic> {
        preflight(&check_either(text).0, options, self).findings
    }

    /// The findings, as `code at text: message`.
    fn said(&self, text: &str) -> Vec<String> {
        let said = |it: Diagnostic| {
            format!("{} at {}: {}", it.code, &text[it.span.start..it.span.end], it.message)
        };
        self.find(text, &PreflightOptions::default()).into_iter().map(said).collect()
    }

    fn codes(&self, text: &str) -> Vec<Code> {
        self.find(text, &PreflightOptions::default()).into_iter().map(|it| it.code).collect()
    }
}

/// A certificate that is valid from day 1 for 2000 days, with the key number `key`.
fn certificate(name: &str, key: u8) -> CertificateFacts {
    CertificateFacts {
        subject: format!("CN={name}"),
        issuer: "CN=root".to_owned(),
        dns_names: vec![name.to_owned()],
        not_after: Duration::from_secs(2000 * DAY),
        public_key: vec![key],
        ..CertificateFacts::default()
    }
}

/// A self-signed authority without names, which is the issuer of every [`certificate`].
fn root() -> CertificateFacts {
    let signs_others = true;
    let it = CertificateFacts { dns_names: Vec::new(), signs_others, ..certificate("root", 0) };
    CertificateFacts { issuer: "CN=root".to_owned(), subject: "CN=root".to_owned(), ..it }
}

/// Changes a certificate to expire at this day since the beginning of 1970.
fn until(days: u64, mut it: CertificateFacts) -> CertificateFacts {
    it.not_after = Duration::from_secs(days * DAY);
    it
}

fn certificates(all: impl Into<Vec<CertificateFacts>>) -> What {
    What::Pem(Pem { certificates: all.into(), keys: Vec::new() })
}

/// A file with the private keys of these numbers.
fn keys(all: &[u8]) -> What {
    let keys = all.iter().map(|key| Some(vec![*key])).collect();
    What::Pem(Pem { certificates: Vec::new(), keys })
}
