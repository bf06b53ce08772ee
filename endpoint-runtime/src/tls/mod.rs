//! TLS by rustls, with one provider of cryptography, chosen when this is built.

#[allow(dead_code, reason = "the endpoints that use it come next")]
mod certificate;
#[allow(dead_code, reason = "the endpoints that use it come next")]
pub(crate) mod pem;

use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;

/// Who does the cryptography. It is ours alone: what a program chooses for itself changes nothing here.
#[allow(dead_code, reason = "the endpoints that use it come next")]
pub(crate) fn provider() -> Arc<CryptoProvider> {
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

#[cfg(not(any(feature = "tls", feature = "ring")))]
compile_error!("TLS needs somebody to do the cryptography (feature `tls` or `ring`)");
