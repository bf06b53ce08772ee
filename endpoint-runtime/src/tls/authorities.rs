//! Whom to trust: the authorities of the platform, of one file, or of a directory of files.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::ErrorKind;

use super::directory::Tally;
use super::pem::{self, PemFile};
use crate::error::TlsFileProblem;

/// Authorities to trust; at least one.
#[derive(Clone, Debug)]
pub(super) struct Authorities {
    pub(super) roots: RootCertStore,
    /// Those that were named one by one. The other side may also show exactly one of them, be it an authority or not.
    pub(super) named: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Those of the platform; `SSL_CERT_FILE` and `SSL_CERT_DIR` name others, as for OpenSSL. Blocks.
    pub(super) fn of_platform() -> Result<Self, TlsFileProblem> {
        let found = rustls_native_certs::load_native_certs();
        for error in found.errors {
            if let ErrorKind::Io { inner: error, path } = error.kind {
                let problem = TlsFileProblem::Unreadable { path, error };
                tracing::warn!("{problem} (its authorities are left out)");
            } else {
                tracing::warn!("some authorities of this platform are left out: {error}");
            }
        }
        let mut roots = RootCertStore::empty();
        let (_, left_out) = roots.add_parsable_certificates(found.certs);
        if left_out > 0 {
            tracing::warn!(
                "{left_out} authorities of this platform cannot be read (they are left out)"
            );
        }
        if roots.is_empty() {
            return Err(TlsFileProblem::NoPlatformAuthority);
        }
        Ok(Self { roots, named: Vec::new() })
    }

    /// Those of a file, or of the `.pem` files of a directory. Blocks.
    ///
    /// One bad file of a directory is left out, and goes to `problems`; it takes nobody else's trust away.
    pub(super) fn of(
        path: &Path,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<Self, TlsFileProblem> {
        let mut all = Self { roots: RootCertStore::empty(), named: Vec::new() };
        if path.is_dir() {
            for path in pem_files(path)? {
                let added = all.add_file(&path, problems);
                problems.extend(added.err());
            }
        } else {
            all.add_file(path, problems)?;
        }
        if all.roots.is_empty() {
            return Err(TlsFileProblem::NoAuthority { path: path.to_owned() });
        }
        Ok(all)
    }

    fn add_file(
        &mut self,
        path: &Path,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<(), TlsFileProblem> {
        for (index, certificate) in PemFile::read(path)?.certificates()?.iter().enumerate() {
            if self.roots.add(certificate.clone()).is_ok() {
                self.named.push(certificate.clone());
            } else {
                let (path, number) = (path.to_owned(), index + 1);
                problems.push(TlsFileProblem::BadCertificate { path, number });
            }
        }
        Ok(())
    }
}

/// The files that Twisted takes, by name: those that end in `.pem`, in capitals too, and one that is called `pem`.
pub(super) fn pem_files(directory: &Path) -> Result<Vec<PathBuf>, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::Unreadable { path: directory.to_owned(), error };
    let mut paths = Vec::new();
    let mut tally = Tally::of(directory);
    for entry in directory.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let end = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        if end.eq_ignore_ascii_case(b"pem") {
            // What is gone, or linked to nothing, holds nothing; reading it says so.
            tally.add(path.metadata().map_or(0, |it| it.len().min(pem::LONGEST)))?;
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
