//! The error for an option that a build without TLS does not have.

use clap::error::ErrorKind;

use crate::cli::exit::Failure;

/// Refuses `option`.
pub(in crate::cli) fn needs_tls(option: &str) -> Failure {
    let message = format!("this build has no `{option}` (build it with the feature `tls`)\n");
    Failure::Usage(clap::Error::raw(ErrorKind::InvalidValue, message))
}
