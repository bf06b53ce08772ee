//! What rustls has asked of this side during the last poll on this thread.
//!
//! Rustls calls a verifier, and what chooses the certificate of a client, within the poll that
//! reads the message. The error that a verifier returns chooses the alert, and has no room for a
//! description; what chooses a certificate returns no error at all. So both leave notes here.

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

/// What happened in one poll of a handshake.
#[derive(Default)]
pub(super) struct Noted {
    /// The certificates that a server has presented, its own first.
    pub(super) presented: Vec<CertificateDer<'static>>,
    /// What was wrong with the certificate of the peer.
    pub(super) refusal: Option<TlsProblem>,
    /// A server's request for a certificate.
    pub(super) request: Option<Request>,
}

/// A server's request for a certificate.
pub(super) struct Request {
    /// The distinguished names of the authorities that it accepts.
    pub(super) authorities: Vec<String>,
    /// Whether this side has a certificate to present.
    pub(super) presented: bool,
}

/// Takes the notes since the last call on this thread.
pub(super) fn take_notes() -> Noted {
    NOTED.take()
}

/// Notes something.
pub(super) fn note(write: impl FnOnce(&mut Noted)) {
    NOTED.with_borrow_mut(write);
}

/// Presents the certificate of a client, if it has one, and notes that it was requested.
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
