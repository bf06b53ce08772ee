//! Verifies certificates with webpki, and records why one is rejected.
//!
//! In addition, a peer may present a certificate that is itself a trust anchor. `openssl req -x509`
//! creates certificates with the extensions of a CA, which webpki never accepts from a peer.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    CertificateError as It, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
};

use super::certificate::CertificateInfo;
use super::crypto::{provider, setup_problem};
use super::details::CertificateDetails;
use super::noted::note;
use super::rustls_error::{certificate_problem, tls_problem};
use super::store::trust_anchors::TrustAnchors;
use crate::error::{CertificateRole, EnvironmentProblem, TlsProblem};
use crate::plan::NamePattern;

/// Records why a certificate is rejected, and returns the error that selects the alert.
fn refuse(problem: TlsProblem, error: Error) -> Error {
    note(|it| it.refusal = Some(problem));
    error
}

/// The shortest RSA key whose signatures webpki verifies, in bits.
const SHORTEST_RSA: u32 = 2048;

/// Notes that the key of a certificate is too short, which webpki reports as a wrong signature.
fn wrong_signature(certificate: &CertificateDer<'_>, error: Error) -> Error {
    match short_key(certificate) {
        Some(problem) => refuse(problem, error),
        None => error,
    }
}

/// The problem of an RSA key that is too short; `None` for all other keys.
fn short_key(certificate: &CertificateDer<'_>) -> Option<TlsProblem> {
    let CertificateDetails { subject, key, .. } = CertificateDetails::parse(certificate)?;
    let bits: u32 = key.strip_prefix("RSA ")?.parse().ok()?;
    let reason = format!("its key is {key}, and RSA {SHORTEST_RSA} is the shortest accepted");
    (bits < SHORTEST_RSA).then_some(TlsProblem::Unverified { certificate: subject, reason })
}

/// The methods that both verifier traits have; they leave signatures to webpki.
macro_rules! signatures_as_webpki {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let verified = self.webpki.verify_tls12_signature(message, certificate, signature);
            verified.map_err(|error| wrong_signature(certificate, error))
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let verified = self.webpki.verify_tls13_signature(message, certificate, signature);
            verified.map_err(|error| wrong_signature(certificate, error))
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.webpki.supported_verify_schemes()
        }
    };
}

/// Verifies the certificates of servers: their chains, names and dates.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    webpki: Arc<WebPkiServerVerifier>,
    /// The trust anchors that a server may present as its own certificate.
    trusted: Arc<[CertificateDer<'static>]>,
}

impl ServerVerifier {
    pub(super) fn new(anchors: &TrustAnchors) -> Result<Self, EnvironmentProblem> {
        let TrustAnchors { roots, given } = anchors.clone();
        let webpki = WebPkiServerVerifier::builder_with_provider(roots, provider());
        Ok(Self { webpki: webpki.build().map_err(setup_problem)?, trusted: given })
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let presented = std::iter::once(end_entity).chain(intermediates);
        note(|it| it.presented = presented.map(|der| der.clone().into_owned()).collect());
        let verified = if self.trusted.contains(end_entity) {
            verify_trusted(end_entity, server_name, now)
        } else {
            let (webpki, ocsp) = (&self.webpki, ocsp_response);
            webpki.verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
        };
        verified.map_err(|error| {
            let expected = server_name.to_str();
            let chain = Chain { end_entity, intermediates, role: CertificateRole::Server };
            refuse(chain.problem(&error, &expected), error)
        })
    }

    signatures_as_webpki!();
}

/// Verifies the name and the dates of a certificate that is itself a trust anchor.
fn verify_trusted(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, Error> {
    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
    check_dates(certificate, now)?;
    Ok(ServerCertVerified::assertion())
}

fn check_dates(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let facts = CertificateInfo::parse(certificate).ok_or(It::BadEncoding)?;
    let time = UNIX_EPOCH + Duration::from_secs(now.as_secs());
    if time > facts.not_after {
        return Err(It::Expired.into());
    }
    if time < facts.not_before {
        return Err(It::NotValidYet.into());
    }
    Ok(())
}

/// Verifies the certificates of clients; every client must present one.
#[derive(Debug)]
pub(super) struct ClientVerifier {
    webpki: Arc<dyn ClientCertVerifier>,
    /// The trust anchors that a client may present as its own certificate.
    trusted: Arc<[CertificateDer<'static>]>,
    /// Patterns of which one must match a name of the certificate; if empty, every name is
    /// accepted.
    names: Arc<[NamePattern]>,
}

impl ClientVerifier {
    pub(super) fn new(
        anchors: &TrustAnchors,
        names: Arc<[NamePattern]>,
    ) -> Result<Self, EnvironmentProblem> {
        let TrustAnchors { roots, given } = anchors.clone();
        let webpki = WebPkiClientVerifier::builder_with_provider(roots, provider());
        Ok(Self { webpki: webpki.build().map_err(setup_problem)?, trusted: given, names })
    }
}

impl ClientVerifier {
    /// Checks that a name of the client's certificate matches one of the patterns.
    fn check_names(&self, certificate: &CertificateDer<'_>) -> Result<ClientCertVerified, Error> {
        if self.names.is_empty() {
            return Ok(ClientCertVerified::assertion());
        }
        let info = CertificateInfo::parse(certificate).ok_or(It::BadEncoding)?;
        let is_admitted = |name| self.names.iter().any(|pattern| pattern.matches(name));
        if info.client_names().any(is_admitted) {
            return Ok(ClientCertVerified::assertion());
        }
        let names = info.client_names().map(|it| it.to_string()).collect();
        let problem = TlsProblem::NotAdmitted { certificate: info.subject, names };
        // This error selects the alert `access_denied`.
        Err(refuse(problem, It::ApplicationVerificationFailure.into()))
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.webpki.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = if self.trusted.contains(end_entity) {
            check_dates(end_entity, now).map(|()| ClientCertVerified::assertion())
        } else {
            self.webpki.verify_client_cert(end_entity, intermediates, now)
        };
        verified.map_err(|error| {
            let chain = Chain { end_entity, intermediates, role: CertificateRole::Client };
            refuse(chain.problem(&error, ""), error)
        })?;
        self.check_names(end_entity)
    }

    signatures_as_webpki!();
}

/// The certificates that a peer presented, for describing why they were rejected.
struct Chain<'a> {
    end_entity: &'a CertificateDer<'a>,
    intermediates: &'a [CertificateDer<'a>],
    role: CertificateRole,
}

impl Chain<'_> {
    /// Describes an error of webpki with the subjects and dates of the certificates. `expected` is
    /// the name that a server's certificate must have.
    fn problem(&self, error: &Error, expected: &str) -> TlsProblem {
        let Some(leaf) = CertificateInfo::parse(self.end_entity) else {
            return TlsProblem::UnreadableCertificate;
        };
        let above = self.intermediates.iter().filter_map(|der| CertificateInfo::parse(der));
        let chain: Vec<_> = std::iter::once(leaf.clone()).chain(above).collect();
        let certificate = leaf.subject.clone();
        let error = match error {
            Error::InvalidCertificate(error) => error,
            other => return tls_problem(other),
        };
        match error {
            It::NotValidForName | It::NotValidForNameContext { .. } => TlsProblem::WrongName {
                certificate,
                expected: expected.to_owned(),
                valid_for: leaf.valid_for(),
            },
            It::Expired => TlsProblem::Expired { certificate, not_after: leaf.not_after },
            It::ExpiredContext { not_after, .. } => {
                let not_after = UNIX_EPOCH + Duration::from_secs(not_after.as_secs());
                let expired = chain.into_iter().find(|it| it.not_after == not_after);
                let certificate = expired.map_or(certificate, |it| it.subject);
                TlsProblem::Expired { certificate, not_after }
            }
            It::NotValidYet => TlsProblem::NotYetValid { certificate, not_before: leaf.not_before },
            It::NotValidYetContext { not_before, .. } => {
                let not_before = UNIX_EPOCH + Duration::from_secs(not_before.as_secs());
                let early = chain.into_iter().find(|it| it.not_before == not_before);
                let certificate = early.map_or(certificate, |it| it.subject);
                TlsProblem::NotYetValid { certificate, not_before }
            }
            // Before other cases, because webpki reports a wrong purpose for self-signed
            // certificates.
            _ if leaf.is_self_issued() => TlsProblem::SelfSigned { certificate },
            It::UnknownIssuer => {
                let last = chain.last().map(|it| it.issuer.clone());
                TlsProblem::UnknownIssuer { certificate, issuer: last.unwrap_or_default() }
            }
            It::InvalidPurpose | It::InvalidPurposeContext { .. } => {
                TlsProblem::WrongPurpose { certificate, role: self.role }
            }
            other => TlsProblem::Unverified { certificate, reason: certificate_problem(other) },
        }
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject;

    use super::*;
    use crate::tls::tests::pki::Authority;

    #[test]
    fn a_key_that_is_too_short_is_named() {
        let short = CertificateDer::from_pem_slice(include_bytes!("tests/rsa_1024.pem")).unwrap();
        assert_eq!(
            short_key(&short).unwrap().to_string(),
            "its certificate `CN=short` cannot be verified: \
             its key is RSA 1024, and RSA 2048 is the shortest accepted"
        );
        let issued = Authority::new("root").issue_with("a.test", &rcgen::PKCS_RSA_SHA256);
        let long = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap();
        assert_eq!(short_key(&long), None);
    }
}
