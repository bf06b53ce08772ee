//! Trust anchors: the root certificates of the platform, a file, or a directory of files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::ErrorKind;

use super::file::{FileCount, Origin, not_a_file};
use super::pem::{IN_MEMORY, PemFile};
use crate::error::{EnvironmentProblem, Problem, TlsFileProblem, TlsFileProblemKind};
use crate::plan::TlsRoots;

/// Where trust anchors come from.
#[derive(Clone, Debug)]
pub(super) enum AnchorSource {
    /// The root certificates of the platform.
    Platform,
    /// The certificates that the plan names or contains.
    Given(TlsRoots),
}

/// The certificates that chains may end with; at least one.
#[derive(Clone, Debug)]
pub(crate) struct TrustAnchors {
    pub(crate) roots: Arc<RootCertStore>,
    /// The certificates of the plan. A peer may also present one of them as its own certificate.
    pub(crate) given: Arc<[CertificateDer<'static>]>,
}

impl TrustAnchors {
    /// Reads the trust anchors; unusable certificates of the plan are added to `problems`. Blocks.
    pub(super) fn load(
        source: &AnchorSource,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<Self, Problem> {
        match source {
            AnchorSource::Platform => Self::from_platform(),
            AnchorSource::Given(TlsRoots::Path(path)) => Ok(Self::from_path(path, problems)?),
            AnchorSource::Given(TlsRoots::Memory(certificates)) => {
                Ok(Self::from_memory(certificates, problems)?)
            }
        }
    }

    /// Reads the certificates of the platform, and logs warnings about unusable ones.
    fn from_platform() -> Result<Self, Problem> {
        let mut warnings = Vec::new();
        let anchors = Self::read_platform(&mut warnings);
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        anchors
    }

    /// Reads the certificates of the platform, if there are any, without warnings. Blocks.
    pub(crate) fn look_at_platform() -> Option<Self> {
        Self::read_platform(&mut Vec::new()).ok()
    }

    /// Reads the certificates of the platform, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`, as OpenSSL
    /// does.
    fn read_platform(warnings: &mut Vec<String>) -> Result<Self, Problem> {
        if let Some(path) = platform_file_is_odd() {
            return Err(not_a_file(&path).into());
        }
        let found = rustls_native_certs::load_native_certs();
        warnings.extend(found.errors.into_iter().map(|error| match error.kind {
            ErrorKind::Io { inner: error, path } => {
                let problem = TlsFileProblem::unreadable(path, error);
                format!("{problem} (its authorities are left out)")
            }
            _ => format!("some authorities of this platform are left out: {error}"),
        }));
        let mut roots = RootCertStore::empty();
        let (_, left_out) = roots.add_parsable_certificates(found.certs);
        if left_out > 0 {
            warnings.push(format!(
                "{left_out} authorities of this platform cannot be read (they are left out)"
            ));
        }
        if roots.is_empty() {
            return Err(EnvironmentProblem::NoPlatformRoots.into());
        }
        Ok(Self { roots: Arc::new(roots), given: Arc::default() })
    }

    /// Uses certificates from memory; unusable ones are added to `problems`.
    pub(crate) fn from_memory(
        certificates: &Arc<[CertificateDer<'static>]>,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<Self, TlsFileProblem> {
        let mut roots = RootCertStore::empty();
        for (index, certificate) in certificates.iter().enumerate() {
            if roots.add(certificate.clone()).is_err() {
                let kind = TlsFileProblemKind::BadCertificate { number: index + 1 };
                problems.push(TlsFileProblem::new(IN_MEMORY, kind));
            }
        }
        if roots.is_empty() {
            return Err(TlsFileProblem::new(IN_MEMORY, TlsFileProblemKind::NoAuthority));
        }
        Ok(Self { roots: Arc::new(roots), given: Arc::clone(certificates) })
    }

    /// Reads the certificates of a file, or of the `.pem` files of a directory.
    ///
    /// Unusable files of a directory are added to `problems`.
    fn from_path(path: &Path, problems: &mut Vec<TlsFileProblem>) -> Result<Self, TlsFileProblem> {
        let mut added = Vec::new();
        let mut roots = RootCertStore::empty();
        let mut add = |path: &Path, problems: &mut Vec<TlsFileProblem>| {
            for (index, certificate) in PemFile::read(path)?.certificates()?.iter().enumerate() {
                if roots.add(certificate.clone()).is_ok() {
                    added.push(certificate.clone());
                } else {
                    let kind = TlsFileProblemKind::BadCertificate { number: index + 1 };
                    problems.push(TlsFileProblem::new(path, kind));
                }
            }
            Ok(())
        };
        if path.is_dir() {
            for path in anchor_files(path)? {
                if let Err(problem) = add(&path, problems) {
                    problems.push(problem);
                }
            }
        } else {
            add(path, problems)?;
        }
        if roots.is_empty() {
            return Err(TlsFileProblem::new(path, TlsFileProblemKind::NoAuthority));
        }
        Ok(Self { roots: Arc::new(roots), given: added.into() })
    }

    /// Whether the same certificates are trusted.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.given == other.given && self.roots.roots == other.roots.roots
    }
}

/// All certificates of the platform, which may include other ones than roots. Blocks.
pub(crate) fn platform_certificates() -> Vec<CertificateDer<'static>> {
    if platform_file_is_odd().is_some() {
        return Vec::new();
    }
    rustls_native_certs::load_native_certs().certs
}

/// The platform's file of certificates, if it is not a regular file.
///
/// The library that reads it opens any kind of file, which may block.
fn platform_file_is_odd() -> Option<PathBuf> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    named.filter(|it| it.metadata().is_ok_and(|it| !it.is_file()))
}

/// The files of a directory that Twisted reads, ordered by name: `*.pem`, ignoring case, and `pem`.
pub(crate) fn anchor_files(directory: &Path) -> Result<Vec<PathBuf>, TlsFileProblem> {
    let unreadable = |error| TlsFileProblem::unreadable(directory, error);
    let mut paths = Vec::new();
    let mut count = FileCount::new(directory);
    for entry in directory.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let end = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        if end.eq_ignore_ascii_case(b"pem") {
            // A missing file, or a dangling link, counts as empty; reading it reports the error.
            count.add(path.metadata().map_or(0, |it| it.len()), Origin::Named)?;
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
