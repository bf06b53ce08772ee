//! TLS by rustls, with one provider of cryptography, chosen when this is built.
//!
//! A server shows one certificate ([`plan::TlsIdentity`](crate::plan::TlsIdentity)) or those of a [`directory`]; either is read
//! again ([`reload`]) when its files change ([`watch`]).
//!
//! Connected means verified: no function here gives a connection whose handshake is not done, and none of them can be
//! told to leave the verification out.

mod authorities;
mod certificate;
mod client;
mod directory;
mod facts;
mod handshake;
mod keylog;
mod machine;
mod pem;
mod reload;
mod reloaded;
mod server;
mod stream;
#[cfg(test)]
mod tests;
mod verify;
mod watch;
mod words;

use std::sync::{Arc, OnceLock};

use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};

pub(crate) use self::client::{Connector, check_names, to_ascii};
pub use self::facts::{TlsFacts, TlsHandshake, TlsProtocol};
pub use self::keylog::KeyLog;
pub use self::machine::ThisMachine;
pub(crate) use self::reload::State;
pub use self::reloaded::{Reloaded, Reloads, ShownCertificate};
pub(crate) use self::server::Acceptor;
use crate::error::TlsFileProblem;
use crate::plan::TlsVersions;

#[cfg(not(any(feature = "tls", feature = "ring")))]
compile_error!("TLS needs somebody to do the cryptography (feature `tls` or `ring`)");

/// Who does the cryptography. It is ours alone: what a program chooses for itself changes nothing here.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let make = || {
        #[cfg(feature = "tls")]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "tls"))]
        let provider = rustls::crypto::ring::default_provider();
        Arc::new(provider)
    };
    Arc::clone(PROVIDER.get_or_init(make))
}

fn versions(versions: TlsVersions) -> &'static [&'static SupportedProtocolVersion] {
    static ALL: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
    match versions {
        TlsVersions::All => &ALL,
        TlsVersions::Tls12 => &ALL[1..],
        TlsVersions::Tls13 => &ALL[..1],
    }
}

/// Says what was wrong with files that others stand in for.
fn left_out(problems: &[TlsFileProblem]) {
    for problem in problems {
        tracing::warn!("{problem} (it is left out)");
    }
}

/// What does not go together, in the words of the library.
fn unusable(error: impl std::fmt::Display) -> TlsFileProblem {
    TlsFileProblem::Unusable { said: error.to_string() }
}
