//! What is wrong with the files that TLS needs: certificates, keys and lists of authorities.

use core::fmt;
use std::io;
#[cfg(feature = "__tls")]
use std::path::Path;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use thiserror::Error as ThisError;

use crate::error::said::Said;
use crate::quoted::Quoted;

/// A file of certificates or keys that cannot be used; what a key is made of is in no message.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum TlsFileProblem {
    /// The file is not there, or may not be read.
    #[error("cannot read {}: {}", Quoted::new(.path), Said(.error))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file has nothing in it.
    #[error("{} is empty (expected certificates or keys in PEM form)", Quoted::new(.path))]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is longer than any that holds certificates.
    #[error("{} is longer than {limit} bytes, which no file of certificates is", Quoted::new(.path))]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The longest that is read.
        limit: u64,
    },
    /// A block does not hold together.
    #[error("{} is damaged ({damage})", Quoted::new(.path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        damage: PemDamage,
    },
    /// There is no certificate in the file.
    #[error("there is no certificate in {} ({})", Quoted::new(.path), Labels(.found))]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// What its blocks are called.
        found: Vec<String>,
    },
    /// There is no private key in the file.
    #[error("there is no private key in {} ({})", Quoted::new(.path), Labels(.found))]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What its blocks are called.
        found: Vec<String>,
    },
    /// The private key is encrypted.
    #[error(
        "the private key in {} is encrypted, and nobody can be asked for its password \
         (`openssl pkey -in FILE` decrypts it)",
        Quoted::new(.path)
    )]
    EncryptedKey {
        /// The file.
        path: PathBuf,
    },
    /// The private key is of a kind that is not spoken, or broken.
    #[error(
        "the private key in {} cannot be used (expected RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519)",
        Quoted::new(.path)
    )]
    UnusableKey {
        /// The file.
        path: PathBuf,
    },
    /// A block that is called a certificate is none.
    #[error("certificate {number} in {} cannot be read", Quoted::new(.path))]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// Which of the certificates in it, from 1.
        number: usize,
    },
    /// The key is not that of the certificate.
    #[error(
        "the private key in {} does not belong to the certificate {} in {}",
        Quoted::new(.key),
        Quoted::new(.subject),
        Quoted::new(.certificate)
    )]
    Mismatch {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
        /// Whom the certificate is for.
        subject: String,
    },
    /// The certificate is not valid any more.
    #[error(
        "the certificate {} in {} expired on {}",
        Quoted::new(.subject),
        Quoted::new(.path),
        Date(*.not_after)
    )]
    Expired {
        /// The file.
        path: PathBuf,
        /// Whom the certificate is for.
        subject: String,
        /// When it expired.
        not_after: SystemTime,
    },
    /// The certificate is not valid yet.
    #[error(
        "the certificate {} in {} is not valid before {}",
        Quoted::new(.subject),
        Quoted::new(.path),
        Date(*.not_before)
    )]
    NotYetValid {
        /// The file.
        path: PathBuf,
        /// Whom the certificate is for.
        subject: String,
        /// When it will be valid.
        not_before: SystemTime,
    },
    /// There are no Diffie-Hellman parameters in the file.
    #[error("there are no Diffie-Hellman parameters in {} ({})", Quoted::new(.path), Labels(.found))]
    NoParameters {
        /// The file.
        path: PathBuf,
        /// What its blocks are called.
        found: Vec<String>,
    },
    /// There is no certificate with its key in a directory, or none that is valid.
    #[error("there is no certificate to show in {} ({})", Quoted::new(.path), Nothing(*.files, .first.as_deref()))]
    NothingToShow {
        /// The directory.
        path: PathBuf,
        /// How many files there are in it, and below it, whose names end in `.pem`.
        files: usize,
        /// What is wrong with the first of those that something is wrong with.
        first: Option<Box<TlsFileProblem>>,
    },
    /// A directory holds more than anybody's certificates.
    #[error("there are more than {limit} {} in {}, which no directory of certificates has", .what, Quoted::new(.path))]
    TooMany {
        /// The directory.
        path: PathBuf,
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
    /// A key is in a directory, and the certificate that it belongs to is not.
    #[error("the private key in {} belongs to no certificate in {}", Quoted::new(.path), Quoted::new(.directory))]
    UnusedKey {
        /// The file of the key.
        path: PathBuf,
        /// The directory.
        directory: PathBuf,
    },
    /// A certificate for a name is in a directory, and its key is not.
    #[error(
        "the private key of the certificate {} in {} is nowhere in {}",
        Quoted::new(.subject),
        Quoted::new(.path),
        Quoted::new(.directory)
    )]
    MissingKey {
        /// The file of the certificate.
        path: PathBuf,
        /// Whom the certificate is for.
        subject: String,
        /// The directory.
        directory: PathBuf,
    },
    /// None of the files in a directory has a certificate that can be trusted.
    #[error("there is no authority to trust in {}", Quoted::new(.path))]
    NoAuthority {
        /// The directory, or the file.
        path: PathBuf,
    },
    /// This platform has no authorities, or they cannot be read.
    #[error(
        "this platform has no authorities to trust (a file or directory of one's own can be named)"
    )]
    NoPlatformAuthority,
    /// What was found does not go together; the words are those of the library.
    #[error("TLS cannot be set up: {said}")]
    Unusable {
        /// Why.
        said: String,
    },
}

impl TlsFileProblem {
    /// The file that has to change, where it is one.
    #[cfg(feature = "__tls")]
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Unreadable { path, .. }
            | Self::Empty { path }
            | Self::TooLong { path, .. }
            | Self::Damaged { path, .. }
            | Self::NoCertificate { path, .. }
            | Self::NoKey { path, .. }
            | Self::EncryptedKey { path }
            | Self::UnusableKey { path }
            | Self::BadCertificate { path, .. }
            | Self::Mismatch { key: path, .. }
            | Self::Expired { path, .. }
            | Self::NotYetValid { path, .. }
            | Self::NoParameters { path, .. }
            | Self::UnusedKey { path, .. }
            | Self::MissingKey { path, .. } => Some(path),
            Self::NothingToShow { .. }
            | Self::TooMany { .. }
            | Self::NoAuthority { .. }
            | Self::NoPlatformAuthority
            | Self::Unusable { .. } => None,
        }
    }
}

/// How a block of a PEM file is damaged.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum PemDamage {
    /// The file ends inside of a block.
    #[error("expected the line {}, but found the end of the file", Quoted::bytes(.line))]
    NoEnd {
        /// The line that would end it.
        line: Vec<u8>,
    },
    /// The line that begins a block is no such line.
    #[error("the line {} begins no block", Quoted::bytes(.line))]
    BadBegin {
        /// The line.
        line: Vec<u8>,
    },
    /// Something between the two lines is not Base64.
    #[error("what stands in a block is not Base64")]
    NotBase64,
}

/// What was found where something else was expected.
struct Labels<'a>(&'a [String]);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.0.split_first() else {
            return f.write_str("nothing in it is in PEM form");
        };
        write!(f, "found {}", Quoted::new(first))?;
        rest.iter().try_for_each(|label| write!(f, ", {}", Quoted::new(label)))
    }
}

/// Why a directory has nothing to show.
struct Nothing<'a>(usize, Option<&'a TlsFileProblem>);

impl fmt::Display for Nothing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (0, None) => f.write_str("no file in it ends in `.pem`"),
            (_, Some(problem)) => write!(f, "{problem}"),
            (_, None) => f.write_str("there is no private key in it"),
        }
    }
}

/// A point in time as certificates have it, to the second and in UTC.
pub(crate) struct Date(pub(super) SystemTime);

impl Date {
    /// That long after the beginning of 1970, as far as the calendar of certificates goes.
    pub(crate) fn of(since_1970: Duration) -> Self {
        const LAST: Duration = Duration::from_secs(253_402_300_799);
        Self(UNIX_EPOCH + since_1970.min(LAST))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: u64 = 24 * 60 * 60;
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (days, seconds) = (since / DAY, since % DAY);
        // Howard Hinnant's `civil_from_days`: years begin in March, so that leap days come last.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let date = |seconds| Date(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(date(1_709_251_200), "2024-03-01 00:00:00 UTC");
        assert_eq!(date(253_402_300_799), "9999-12-31 23:59:59 UTC");
        assert_eq!(Date::of(Duration::MAX).to_string(), "9999-12-31 23:59:59 UTC");
    }
}
