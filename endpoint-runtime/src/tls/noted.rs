//! Notes about calls from rustls during the last poll on this thread.
//!
//! Within a poll, rustls calls the verifier and the selector of the client's certificate. A
//! verifier's error selects the alert and cannot carry a description. A selector cannot return an
//! error. Both therefore leave notes here.

use std::cell::RefCell;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use x509_cert::der::Decode;
use x509_cert::name::Name;

use crate::error::TlsProblem;

thread_local! {
    static NOTED: RefCell<Noted> = RefCell::default();
}

/// What the verifier and the selector have noted during one poll of a handshake.
#[derive(Default)]
pub(super) struct Noted {
    /// The certificates of the server, its own first; empty in a resumed session.
    pub(super) presented: Vec<CertificateDer<'static>>,
    /// Why the peer's certificate was rejected; `None` if it was not.
    pub(super) refusal: Option<TlsProblem>,
    /// The server's request for a certificate; `None` if it sent none.
    pub(super) request: Option<Request>,
}

/// A server's request for a certificate of the client.
pub(super) struct Request {
    /// The distinguished names of the accepted certificate authorities.
    pub(super) authorities: Vec<String>,
    /// Whether this side has a certificate to present.
    pub(super) presented: bool,
}

/// Returns the notes since the last call on this thread, and clears them.
pub(super) fn take_notes() -> Noted {
    NOTED.take()
}

/// Changes the notes of the poll that is in progress on this thread.
pub(super) fn note(write: impl FnOnce(&mut Noted)) {
    NOTED.with_borrow_mut(write);
}

/// Presents the client's certificate, if there is one, and notes the request.
#[derive(Debug)]
pub(super) struct ClientCertificate(pub(super) Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for ClientCertificate {
    fn resolve(&self, acceptable: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let names = acceptable.iter().filter_map(|der| Name::from_der(der).ok());
        let authorities = names.map(|it| it.to_string()).collect();
        note(|it| it.request = Some(Request { authorities, presented: self.0.is_some() }));
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}
