//! The certificates of a plan: files, directories, or values in memory.

use core::fmt::{self, Display, Formatter};
#[cfg(feature = "__tls")]
use std::path::Path;
use std::path::PathBuf;
#[cfg(feature = "__tls")]
use std::sync::Arc;

#[cfg(feature = "__tls")]
use rustls::pki_types::CertificateDer;

#[cfg(feature = "__tls")]
use super::tls_given::TlsKeyPair;
use crate::quoted::Quoted;

/// The files of one certificate: the certificate, its private key, and its chain.
///
/// Part of [`TlsConnect`](crate::plan::TlsConnect).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsIdentity {
    /// The file of the certificate. Intermediate certificates in it are sent too.
    pub certificate: PathBuf,
    /// The file of the private key, which may be the same file.
    pub key: PathBuf,
    /// A file of intermediate certificates to send after those in `certificate`, if any.
    pub chain: Option<PathBuf>,
}

impl TlsIdentity {
    /// A certificate with its key in the same file.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        let certificate = file.into();
        Self { key: certificate.clone(), certificate, chain: None }
    }

    /// The paths of the certificate, its key and its chain.
    #[cfg(feature = "__tls")]
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        [Some(&self.certificate), Some(&self.key), self.chain.as_ref()]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
    }

    /// Sets the file of the private key.
    #[must_use]
    pub fn with_key(self, key: impl Into<PathBuf>) -> Self {
        Self { key: key.into(), ..self }
    }
}

/// The certificates that a server or a client presents to its peer.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{TlsAccept, TlsIdentitySource};
///
/// let tls = TlsAccept::new(TlsIdentitySource::Directory("/etc/certs".into()));
/// assert_eq!(
///     tls.to_string(),
///     "speak TLS with the certificates in `/etc/certs`, chosen by the requested name"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsIdentitySource {
    /// One certificate, which is presented for every requested name.
    Certificate(TlsIdentity),
    /// A directory tree or a file: the server presents the certificate for the requested name. Only
    /// `.pem` files are read, and only certificates with a key in the tree are used.
    Directory(PathBuf),
    /// One certificate from memory, which is presented for every requested name.
    #[cfg(feature = "__tls")]
    Memory(TlsKeyPair),
}

impl From<TlsIdentity> for TlsIdentitySource {
    fn from(identity: TlsIdentity) -> Self {
        Self::Certificate(identity)
    }
}

#[cfg(feature = "__tls")]
impl From<TlsKeyPair> for TlsIdentitySource {
    fn from(identity: TlsKeyPair) -> Self {
        Self::Memory(identity)
    }
}

/// The root certificates that verify a peer.
///
/// Part of [`TlsConnect`](crate::plan::TlsConnect).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsRoots {
    /// The certificates in a file, or in the `.pem` files of a directory.
    Path(PathBuf),
    /// Certificates from memory. A peer may also present one of them as its own certificate.
    #[cfg(feature = "__tls")]
    Memory(Arc<[CertificateDer<'static>]>),
}

impl From<PathBuf> for TlsRoots {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<String> for TlsRoots {
    fn from(path: String) -> Self {
        Self::Path(path.into())
    }
}

impl From<&str> for TlsRoots {
    fn from(path: &str) -> Self {
        Self::Path(path.into())
    }
}

#[cfg(feature = "__tls")]
impl From<Vec<CertificateDer<'static>>> for TlsRoots {
    fn from(certificates: Vec<CertificateDer<'static>>) -> Self {
        Self::Memory(certificates.into())
    }
}

impl fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            #[cfg(feature = "__tls")]
            Self::Memory(certificates) => {
                f.debug_tuple("Memory").field(&certificates.len()).finish()
            }
        }
    }
}

impl Display for TlsIdentity {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let certificate = Quoted::new(&self.certificate);
        if self.key == self.certificate {
            write!(f, "the certificate and the key in {certificate}")?;
        } else {
            write!(
                f,
                "the certificate in {certificate} and the key in {}",
                Quoted::new(&self.key)
            )?;
        }
        match &self.chain {
            Some(chain) => write!(f, ", with the chain certificates in {}", Quoted::new(chain)),
            None => Ok(()),
        }
    }
}

impl Display for TlsIdentitySource {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(identity) => write!(f, "{identity}"),
            Self::Directory(path) => {
                write!(f, "the certificates in {}, chosen by the requested name", Quoted::new(path))
            }
            #[cfg(feature = "__tls")]
            Self::Memory(_) => f.write_str("a certificate and a key of the program itself"),
        }
    }
}
