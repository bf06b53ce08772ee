//! Problems of the files for TLS: certificates, keys and trust anchors.

use core::fmt;
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use thiserror::Error as ThisError;

use crate::error::io_error::IoMessage;
use crate::quoted::Quoted;
use crate::utc_date::UtcDate;

/// A file of certificates or keys cannot be used.
///
/// No message shows any part of a key.
///
/// Part of [`EnvironmentProblem`](crate::EnvironmentProblem).
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "tls")] {
/// use endpoint_runtime::{EnvironmentProblem, Problem, TlsFileProblemKind, server_from_string};
///
/// let server = server_from_string("tls:absent.pem:0").unwrap();
/// let error = smol::block_on(server.listen()).unwrap_err();
/// let Problem::Environment(EnvironmentProblem::TlsFile(problem)) = error.problem() else {
///     panic!("{error}");
/// };
/// assert!(matches!(problem.kind, TlsFileProblemKind::Unreadable(_)));
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct TlsFileProblem {
    /// The path of the file or directory that cannot be used.
    pub path: PathBuf,
    /// What is wrong with the file or directory.
    pub kind: TlsFileProblemKind,
}

/// A problem of a file or directory with certificates or keys.
///
/// Part of [`TlsFileProblem`](crate::TlsFileProblem).
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsFileProblemKind {
    /// The file or directory does not exist, or cannot be read.
    Unreadable(io::Error),
    /// The path is not a regular file. Reading a pipe, for example, could block.
    NotAFile {
        /// Whether the path is a directory, instead of a device, a pipe or a socket.
        is_directory: bool,
    },
    /// The file is empty, although a certificate or key is expected in it.
    Empty,
    /// The file is too large to be a file of certificates.
    TooLong {
        /// The maximum length of such a file in bytes.
        limit: u64,
    },
    /// A PEM block of the file is damaged.
    Damaged(PemDamage),
    /// There is no certificate in the file.
    NoCertificate {
        /// The labels of the PEM blocks that the file has, such as `PRIVATE KEY`.
        found: Vec<String>,
    },
    /// There is no private key in the file.
    NoKey {
        /// The labels of the PEM blocks that the file has, such as `CERTIFICATE`.
        found: Vec<String>,
    },
    /// There are no Diffie-Hellman parameters in the file.
    NoParameters {
        /// The labels of the PEM blocks that the file has, such as `CERTIFICATE`.
        found: Vec<String>,
    },
    /// The private key is encrypted with a password, which is not supported.
    EncryptedKey,
    /// The private key is of an unsupported kind, or damaged.
    UnusableKey,
    /// A PEM block with the label `CERTIFICATE` does not contain one.
    BadCertificate {
        /// The position of the certificate in the file, from 1.
        number: usize,
    },
    /// The private key in this file does not belong to the certificate in the other.
    Mismatch {
        /// The path of the file with the certificate.
        certificate: PathBuf,
        /// The subject of the certificate, such as `CN=example.org`.
        subject: String,
    },
    /// The certificate to present has expired.
    Expired {
        /// The subject of the certificate, such as `CN=example.org`.
        subject: String,
        /// The last second in which the certificate is valid.
        not_after: SystemTime,
    },
    /// The certificate to present is not valid yet.
    NotYetValid {
        /// The subject of the certificate, such as `CN=example.org`.
        subject: String,
        /// The first second in which the certificate is valid.
        not_before: SystemTime,
    },
    /// A server has no certificate to present: the directory has none that is valid with its key.
    NothingToShow {
        /// The number of `.pem` files in the directory and its subdirectories.
        files: usize,
        /// The first problem of these files; `None` if each could be read.
        first: Option<Box<TlsFileProblem>>,
    },
    /// A directory is too large to be a directory of certificates.
    TooMany {
        /// What exceeds the limit, in the plural, such as `files`.
        what: &'static str,
        /// The largest number of them that is accepted.
        limit: usize,
    },
    /// The key in this file belongs to no certificate in its directory.
    UnusedKey {
        /// The directory that was searched for a matching certificate.
        directory: PathBuf,
    },
    /// The private key of a server certificate is not in the same directory.
    MissingKey {
        /// The subject of the certificate, such as `CN=example.org`.
        subject: String,
        /// The directory that was searched for the private key.
        directory: PathBuf,
    },
    /// There is no certificate to trust in the file or directory.
    NoAuthority,
}

#[cfg(feature = "__tls")]
impl TlsFileProblem {
    pub(crate) fn new(path: impl Into<PathBuf>, kind: TlsFileProblemKind) -> Self {
        Self { path: path.into(), kind }
    }

    pub(crate) fn unreadable(path: impl Into<PathBuf>, error: io::Error) -> Self {
        Self::new(path, TlsFileProblemKind::Unreadable(error))
    }
}

impl Error for TlsFileProblem {}

impl fmt::Display for TlsFileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use TlsFileProblemKind as Kind;

        let path = Quoted::new(&self.path);
        match &self.kind {
            Kind::Unreadable(error) => write!(f, "cannot read {path}: {}", IoMessage(error)),
            Kind::NotAFile { is_directory } => {
                let found =
                    if *is_directory { "a directory" } else { "a device, a pipe or a socket" };
                write!(f, "{path} is {found}, not a file")
            }
            Kind::Empty => write!(f, "{path} is empty (expected certificates or keys in PEM form)"),
            Kind::TooLong { limit } => {
                write!(
                    f,
                    "{path} is longer than {limit} bytes, the limit for files of certificates"
                )
            }
            Kind::Damaged(damage) => write!(f, "{path} is damaged ({damage})"),
            Kind::NoCertificate { found } => {
                write!(f, "there is no certificate in {path} ({})", Labels(found))
            }
            Kind::NoKey { found } => {
                write!(f, "there is no private key in {path} ({})", Labels(found))
            }
            Kind::NoParameters { found } => {
                write!(f, "there are no Diffie-Hellman parameters in {path} ({})", Labels(found))
            }
            Kind::EncryptedKey => write!(
                f,
                "the private key in {path} is encrypted, and keys with a password are not supported \
                 (`openssl pkey -in FILE` decrypts it)"
            ),
            Kind::UnusableKey => write!(
                f,
                "the private key in {path} cannot be used \
                 (expected RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519)"
            ),
            Kind::BadCertificate { number } => {
                write!(f, "certificate {number} in {path} cannot be read")
            }
            Kind::Mismatch { certificate, subject } => {
                let (subject, certificate) = (Quoted::new(subject), Quoted::new(certificate));
                write!(
                    f,
                    "the private key in {path} does not belong \
                     to the certificate {subject} in {certificate}"
                )
            }
            Kind::Expired { subject, not_after } => {
                let (subject, date) = (Quoted::new(subject), UtcDate(*not_after));
                write!(f, "the certificate {subject} in {path} expired on {date}")
            }
            Kind::NotYetValid { subject, not_before } => {
                let (subject, date) = (Quoted::new(subject), UtcDate(*not_before));
                write!(f, "the certificate {subject} in {path} is not valid before {date}")
            }
            Kind::NothingToShow { files, first } => {
                write!(f, "there is no certificate to present in {path} (")?;
                match (files, first) {
                    (0, None) => f.write_str("no file in it ends in `.pem`)"),
                    (_, Some(problem)) => write!(f, "{problem})"),
                    (_, None) => f.write_str("there is no private key in it)"),
                }
            }
            Kind::TooMany { what, limit } => write!(
                f,
                "there are more than {limit} {what} in {path}, the limit for directories of certificates"
            ),
            Kind::UnusedKey { directory } => {
                let directory = Quoted::new(directory);
                write!(f, "the private key in {path} belongs to no certificate in {directory}")
            }
            Kind::MissingKey { subject, directory } => {
                let (subject, directory) = (Quoted::new(subject), Quoted::new(directory));
                write!(
                    f,
                    "the private key of the certificate {subject} in {path} \
                     is not in {directory}"
                )
            }
            Kind::NoAuthority => write!(f, "there is no authority to trust in {path}"),
        }
    }
}

/// How a block of a PEM file is damaged.
///
/// Part of [`TlsFileProblemKind`](crate::TlsFileProblemKind); see
/// [`TlsFileProblem`](crate::TlsFileProblem) for an example.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum PemDamage {
    /// The file ends inside a PEM block.
    #[error("expected the line {}, but found the end of the file", Quoted::bytes(.line))]
    NoEnd {
        /// The line that would end the block, such as `-----END CERTIFICATE-----`.
        line: Vec<u8>,
    },
    /// A line that should begin a PEM block does not, because its dashes are wrong.
    #[error("the line {} begins no block", Quoted::bytes(.line))]
    BadBegin {
        /// The line that was found instead of a valid `-----BEGIN …-----`.
        line: Vec<u8>,
    },
    /// The text of a PEM block is not valid Base64.
    #[error("the content of a block is not Base64")]
    NotBase64,
}

/// Prints the labels of the PEM blocks that were found instead of the expected one.
struct Labels<'a>(&'a [String]);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.0.split_first() else {
            return f.write_str("it contains no PEM block");
        };
        write!(f, "found {}", Quoted::new(first))?;
        rest.iter().try_for_each(|label| write!(f, ", {}", Quoted::new(label)))
    }
}
