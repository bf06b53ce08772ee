//! What is known of the certificates that a server shows, and of reading them again.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::error::Problem;

/// What came of reading certificates again.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Reloaded {
    /// How many certificates there are to show now; none where there is no TLS.
    pub certificates: usize,
    /// Whether clients get to see anything else than before.
    pub has_changed: bool,
    /// The files that cannot be used; the earlier certificates stay in use.
    pub problems: Vec<Problem>,
}

/// A certificate that a server shows to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownCertificate {
    /// The file that it is in; `<memory>` where the program had it already.
    pub path: PathBuf,
    /// The distinguished name of its subject; if that is empty, its first name.
    pub subject: String,
    /// When it expires, or the first of those that are sent along with it.
    pub expires: SystemTime,
}

/// How often certificates were reloaded, by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reloads {
    /// Everything could be used.
    pub succeeded: u64,
    /// A file could not be used, and the earlier certificate stayed in use.
    pub failed: u64,
}
