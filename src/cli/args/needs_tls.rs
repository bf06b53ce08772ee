//! The error for options that need TLS, in builds without it.

use clap::error::ErrorKind;

use crate::cli::exit::Failure;

/// The error for `option`, which this build does not support.
pub(in crate::cli) fn needs_tls(option: &str) -> Failure {
    let message = if cfg!(windows) {
        format!("strports on Windows has no `{option}`\n")
    } else {
        format!("this build has no `{option}` (build it with the feature `tls`)\n")
    };
    Failure::Usage(clap::Error::raw(ErrorKind::InvalidValue, message))
}
