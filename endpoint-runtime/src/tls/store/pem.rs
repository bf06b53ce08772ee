//! PEM files: certificates and private keys in any order, with LF or CR LF line ends.
//!
//! Messages name the file, and never show a part of a key.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SigningKey;
use zeroize::Zeroize;

use super::file::{Origin, not_a_file, read};
use crate::error::{PemDamage, TlsFileProblem, TlsFileProblemKind};
use crate::plan::TlsKeyPair;
use crate::regular_file::open_regular;
use crate::tls::certificate::{Certificate, CertificateInfo};
use crate::tls::crypto::provider;

/// The content of a PEM file, as a fuzz target compares it.
#[cfg(feature = "__fuzz")]
#[derive(Debug, PartialEq, Eq)]
pub struct Pem {
    /// The certificates in DER.
    pub certificates: Vec<Vec<u8>>,
    /// The number of private keys that are not encrypted.
    pub keys: usize,
}

/// Parses `text` as the file at `path`; the error is its message.
#[cfg(feature = "__fuzz")]
pub fn read_pem(path: &Path, text: &[u8]) -> Result<Pem, String> {
    let file = PemFile::parse(path, text).map_err(|problem| problem.to_string())?;
    let certificates = file.certificates.iter().map(|it| it.to_vec()).collect();
    Ok(Pem { certificates, keys: file.keys.len() })
}

/// The path in messages for certificates and keys from memory.
pub(super) const IN_MEMORY: &str = "<memory>";

/// The certificates and private keys of a PEM file.
pub(crate) struct PemFile {
    path: PathBuf,
    certificates: Vec<CertificateDer<'static>>,
    keys: Vec<PrivateKeyDer<'static>>,
    has_encrypted_key: bool,
    /// The distinct labels of the PEM blocks, such as `CERTIFICATE`, for messages.
    labels: Vec<String>,
}

impl PemFile {
    /// Reads a file that a description names. Blocks.
    pub(crate) fn read(path: &Path) -> Result<Self, TlsFileProblem> {
        let opened = open_regular(path).map_err(|error| TlsFileProblem::unreadable(path, error))?;
        match opened {
            Some((file, _)) => Self::read_open(path, file, Origin::Named),
            None => Err(not_a_file(path)),
        }
    }

    /// Reads and parses an open file, whose `origin` limits its size. Blocks.
    pub(crate) fn read_open(
        path: &Path,
        file: File,
        origin: Origin,
    ) -> Result<Self, TlsFileProblem> {
        Self::parse(path, &read(path, file, origin)?)
    }

    /// Represents certificates and keys from memory as a file.
    pub(super) fn in_memory(identity: &TlsKeyPair) -> Self {
        Self {
            path: IN_MEMORY.into(),
            certificates: identity.certificates.to_vec(),
            keys: vec![identity.key().clone_key()],
            has_encrypted_key: false,
            labels: Vec::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Parses the text of a file; `path` is for messages.
    pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Self, TlsFileProblem> {
        if text.trim_ascii().is_empty() {
            return Err(TlsFileProblem::new(path, TlsFileProblemKind::Empty));
        }
        // Skips the byte order mark of UTF-8.
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut file = Self {
            path: path.to_owned(),
            certificates: Vec::new(),
            keys: Vec::new(),
            has_encrypted_key: has_encrypted_key(text),
            labels: labels(text),
        };
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text) {
            match section {
                Ok((SectionKind::Certificate, der)) => file.certificates.push(der.into()),
                Ok((kind, der)) => file.keys.extend(PrivateKeyDer::from_pem(kind, der)),
                // An encrypted key in OpenSSL's format has headers before its Base64.
                Err(_) if file.has_encrypted_key => {}
                Err(error) => return Err(file.damaged(error)),
            }
        }
        Ok(file)
    }

    /// The certificates, in the order of the file; an error if there is none.
    pub(crate) fn certificates(&self) -> Result<&[CertificateDer<'static>], TlsFileProblem> {
        if self.certificates.is_empty() {
            let found = self.labels.clone();
            return Err(self.problem(TlsFileProblemKind::NoCertificate { found }));
        }
        Ok(&self.certificates)
    }

    /// Whether the file has a private key, usable or not.
    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty() || self.has_encrypted_key
    }

    pub(crate) fn has_certificates(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// Checks that the file has Diffie-Hellman parameters.
    pub(crate) fn check_parameters(&self) -> Result<(), TlsFileProblem> {
        if self.labels.iter().any(|label| label.ends_with("DH PARAMETERS")) {
            return Ok(());
        }
        let found = self.labels.clone();
        Err(self.problem(TlsFileProblemKind::NoParameters { found }))
    }

    /// The private keys as signing keys; an error if none can be used.
    pub(crate) fn signing_keys(&self) -> Result<Vec<Arc<dyn SigningKey>>, TlsFileProblem> {
        if self.keys.is_empty() {
            return Err(self.problem(if self.has_encrypted_key {
                TlsFileProblemKind::EncryptedKey
            } else {
                TlsFileProblemKind::NoKey { found: self.labels.clone() }
            }));
        }
        let loader = provider().key_provider;
        let load = |key: &PrivateKeyDer<'static>| loader.load_private_key(key.clone_key()).ok();
        let keys: Vec<_> = self.keys.iter().filter_map(load).collect();
        if keys.is_empty() {
            return Err(self.problem(TlsFileProblemKind::UnusableKey));
        }
        Ok(keys)
    }

    /// The content of each certificate; an error if there is none, or if one cannot be parsed.
    pub(crate) fn certificate_infos(&self) -> Result<Vec<CertificateInfo>, TlsFileProblem> {
        self.certificates()?;
        Ok(self.parsed_certificates()?.into_iter().map(|it| it.info).collect())
    }

    /// The certificates with their content, in the order of the file; an error if one cannot be
    /// parsed.
    pub(super) fn parsed_certificates(&self) -> Result<Vec<Certificate>, TlsFileProblem> {
        let parse = |(index, der): (usize, &CertificateDer<'static>)| {
            let kind = TlsFileProblemKind::BadCertificate { number: index + 1 };
            Certificate::parse(der).ok_or_else(|| self.problem(kind))
        };
        self.certificates.iter().enumerate().map(parse).collect()
    }

    fn problem(&self, kind: TlsFileProblemKind) -> TlsFileProblem {
        TlsFileProblem::new(&self.path, kind)
    }

    /// The problem for an error of the PEM parser, without showing a part of a key.
    fn damaged(&self, error: pem::Error) -> TlsFileProblem {
        let damage = match error {
            pem::Error::MissingSectionEnd { end_marker } => {
                PemDamage::NoEnd { line: [b"-----END ", &*label(&end_marker), b"-----"].concat() }
            }
            pem::Error::IllegalSectionStart { line } => {
                let begin: &[u8] = b"-----BEGIN ";
                let rest = line.strip_prefix(begin).unwrap_or_default();
                PemDamage::BadBegin { line: [begin, &*label(rest)].concat() }
            }
            pem::Error::Io(error) => return TlsFileProblem::unreadable(&self.path, error),
            _ => PemDamage::NotBase64,
        };
        self.problem(TlsFileProblemKind::Damaged(damage))
    }
}

impl Drop for PemFile {
    fn drop(&mut self) {
        self.keys.iter_mut().for_each(Zeroize::zeroize);
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b'\n' | b'\r'))
}

/// The distinct labels of the PEM blocks, such as `CERTIFICATE`.
fn labels(text: &[u8]) -> Vec<String> {
    let mut labels = Vec::new();
    for line in lines(text) {
        let name = line.trim_ascii().strip_prefix(b"-----BEGIN ");
        if let Some(name) = name.and_then(|it| it.strip_suffix(b"-----")) {
            let label = String::from_utf8_lossy(&label(name)).into_owned();
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    labels
}

/// The part of a label that is safe to show. Without line ends, the key itself would follow.
fn label(name: &[u8]) -> Vec<u8> {
    const LONGEST_LABEL: usize = 40;
    let plain = |byte: &&u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' ');
    let word = name.iter().take(LONGEST_LABEL).take_while(plain).count();
    let dashes = name[word..].iter().take(5).take_while(|byte| **byte == b'-').count();
    let shown = &name[..word + dashes];
    if shown.len() < name.len() { [shown, "…".as_bytes()].concat() } else { shown.to_vec() }
}

/// Whether a key is encrypted: in PKCS#8, or with OpenSSL's headers (RFC 1421).
fn has_encrypted_key(text: &[u8]) -> bool {
    lines(text).any(|line| {
        line.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
            || line.starts_with(b"Proc-Type: 4,ENCRYPTED")
    })
}
