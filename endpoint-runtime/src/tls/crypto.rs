//! The cryptography provider, which is chosen at build time.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
#[cfg(feature = "tls")]
use rustls::crypto::aws_lc_rs as chosen;
#[cfg(not(feature = "tls"))]
use rustls::crypto::ring as chosen;
use rustls::server::ProducesTickets;
use rustls::version::{TLS12, TLS13};
use rustls::{Error, SupportedProtocolVersion};

use crate::error::EnvironmentProblem;
use crate::plan::TlsVersions;

#[cfg(not(any(feature = "tls", feature = "ring")))]
compile_error!("TLS needs a provider of cryptography (feature `tls` or `ring`)");

/// The provider of this crate. It ignores the process-wide default of rustls.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(chosen::default_provider())
}

/// Encrypts session tickets. A ticket contains its session, so resumption needs no memory on the
/// server.
pub(super) fn ticketer() -> Result<Arc<dyn ProducesTickets>, Error> {
    chosen::Ticketer::new()
}

/// The versions of TLS that a plan permits, in the form of rustls.
pub(super) fn versions(versions: TlsVersions) -> &'static [&'static SupportedProtocolVersion] {
    static ALL: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
    match versions {
        TlsVersions::All => &ALL,
        TlsVersions::Tls12 => &ALL[1..],
        TlsVersions::Tls13 => &ALL[..1],
    }
}

/// The problem for a configuration that rustls rejects, with the message of rustls.
pub(super) fn setup_problem(error: impl std::fmt::Display) -> EnvironmentProblem {
    EnvironmentProblem::TlsSetup { reason: error.to_string() }
}
