//! The certificates that a server presents, and the results of reloading them.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::error::Problem;

/// The result of reloading certificates.
///
/// Returned by [`Reloader::reload`](crate::Reloader::reload).
///
/// See [`Reloader`](crate::Reloader) for an example.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Reloaded {
    /// The number of certificates to present; 0 without TLS.
    pub certificates: usize,
    /// Whether the presented certificates have changed.
    pub has_changed: bool,
    /// The problems of unusable files, whose earlier certificates stay in use.
    pub problems: Vec<Problem>,
}

/// A certificate that a server presents to clients.
///
/// Returned by [`Reloader::presented`](crate::Reloader::presented).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresentedCertificate {
    /// The file of the certificate, or `<memory>`.
    pub path: PathBuf,
    /// The distinguished name of the subject; if that is empty, its first name.
    pub subject: String,
    /// When the certificate or one of its chain expires, whichever is first.
    pub expires: SystemTime,
}

/// How many times certificates were reloaded, by result.
///
/// Returned by [`Reloader::reloads`](crate::Reloader::reloads).
///
/// See [`Reloader`](crate::Reloader) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reloads {
    /// All files were usable.
    pub succeeded: u64,
    /// A file was unusable, and the earlier certificate stayed in use.
    pub failed: u64,
}
