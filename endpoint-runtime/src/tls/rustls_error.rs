//! Describes errors of rustls. Rare ones are described by the name of their variant.

use std::fmt::Debug;

use rustls::{
    AlertDescription, CertificateError, Error, InvalidMessage as Broken, PeerIncompatible as Lacks,
    PeerMisbehaved as Breaks,
};

use crate::error::TlsProblem;

/// Describes an error of rustls in a handshake, or in a stream after it.
pub(super) fn tls_problem(error: &Error) -> TlsProblem {
    let reason = match error {
        Error::AlertReceived(alert) => return TlsProblem::Alert { alert: alert_name(*alert) },
        Error::NoCertificatesPresented => return TlsProblem::NoCertificate,
        Error::NoApplicationProtocol => return TlsProblem::NoProtocol,
        Error::PeerIncompatible(lacks) => incompatible(lacks),
        Error::PeerMisbehaved(breaks) => misbehaved(breaks),
        Error::InvalidMessage(broken) => invalid(broken),
        Error::PeerSentOversizedRecord => TOO_LONG.to_owned(),
        Error::DecryptError => "it sent a record that cannot be decrypted".to_owned(),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            "it sent a message out of order".to_owned()
        }
        // The verifiers have already described problems of the certificate itself.
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "it could not prove that it has the private key of its certificate".to_owned()
        }
        Error::InvalidCertificate(error) => {
            format!("of its certificate: {}", certificate_problem(error))
        }
        Error::FailedToGetCurrentTime => "the clock of this machine cannot be read".to_owned(),
        Error::FailedToGetRandomBytes => "this machine provides no random numbers".to_owned(),
        other => format!("TLS failed ({})", humanize(other)),
    };
    TlsProblem::Other { reason }
}

const TOO_LONG: &str = "it sent a record above the maximum length of TLS";

/// Describes why both sides cannot agree on parameters.
fn incompatible(lacks: &Lacks) -> String {
    let reason = match lacks {
        Lacks::Tls12NotOffered
        | Lacks::Tls12NotOfferedOrEnabled
        | Lacks::SupportedVersionsExtensionRequired
        | Lacks::ServerDoesNotSupportTls12Or13
        | Lacks::ServerTlsVersionIsDisabledByOurConfig => {
            "it offers no TLS version that this side supports"
        }
        Lacks::NoCipherSuitesInCommon => "it offers no cipher that this side supports",
        Lacks::NoKxGroupsInCommon
        | Lacks::NamedGroupsExtensionRequired
        | Lacks::KeyShareExtensionRequired => {
            "it offers no key exchange group that this side supports"
        }
        Lacks::SignatureAlgorithmsExtensionRequired => {
            "it names no signature algorithms (does it speak TLS 1.1 or older?)"
        }
        Lacks::NoSignatureSchemesInCommon => {
            "it accepts no signature algorithm of the key of this side"
        }
        Lacks::NoCertificateRequestSignatureSchemesInCommon => {
            "it requests a certificate, but accepts no signature algorithm that this side supports"
        }
        Lacks::EcPointsExtensionRequired
        | Lacks::NoEcPointFormatsInCommon
        | Lacks::UncompressedEcPointsRequired => {
            "it does not accept uncompressed points of elliptic curves"
        }
        other => return format!("no agreement with it is possible ({})", humanize(other)),
    };
    reason.to_owned()
}

/// Describes how the peer violated the protocol.
fn misbehaved(breaks: &Breaks) -> String {
    let reason = match breaks {
        Breaks::AttemptedDowngradeToTls12WhenTls13IsSupported => {
            "it speaks TLS 1.3, but a device on the path made it fall back to TLS 1.2"
        }
        Breaks::TooManyRenegotiationRequests => {
            "it requests a renegotiation, which is not supported"
        }
        Breaks::TooManyKeyUpdateRequests => "it keeps requesting new keys",
        Breaks::TooManyWarningAlertsReceived => "it keeps sending warnings",
        Breaks::TooManyEmptyFragments => "it keeps sending empty records",
        Breaks::SelectedUnofferedCipherSuite | Breaks::SelectedUnusableCipherSuiteForVersion => {
            "it chose a cipher that was not offered"
        }
        Breaks::SelectedUnofferedKxGroup | Breaks::WrongGroupForKeyShare => {
            "it chose a key exchange group that was not offered"
        }
        Breaks::SelectedUnofferedApplicationProtocol => {
            "it chose a protocol that is not among those of `alpn`"
        }
        Breaks::SignedHandshakeWithUnadvertisedSigScheme | Breaks::SignedKxWithWrongAlgorithm => {
            "it signed the handshake in a way that was not offered"
        }
        other => return format!("it breaks the rules of TLS ({})", humanize(other)),
    };
    reason.to_owned()
}

/// Describes why a message of the peer cannot be parsed.
fn invalid(broken: &Broken) -> String {
    let reason = match broken {
        Broken::MessageTooLarge => TOO_LONG,
        Broken::HandshakePayloadTooLarge | Broken::CertificatePayloadTooLarge => {
            "it sent a handshake message above the maximum length"
        }
        Broken::InvalidContentType | Broken::UnknownProtocolVersion => {
            "it sent something other than a TLS record"
        }
        other => return format!("it sent a broken message ({})", humanize(other)),
    };
    reason.to_owned()
}

/// The description of a certificate problem other than dates, names and issuer.
pub(super) fn certificate_problem(error: &CertificateError) -> String {
    let reason = match error {
        CertificateError::BadEncoding => "it cannot be read",
        CertificateError::BadSignature => "its signature, or that of an issuer above it, is wrong",
        CertificateError::UnhandledCriticalExtension => NOT_UNDERSTOOD,
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it, or an issuer above it, has a signature of an unsupported kind"
        }
        CertificateError::Revoked => "it was revoked",
        CertificateError::Other(error) => return of_chain(&humanize(&error.0)),
        other => return humanize(other),
    };
    reason.to_owned()
}

const NOT_UNDERSTOOD: &str = "it has a critical extension that is not supported";

/// Describes an error of webpki by the words of its variant, because rustls does not export its
/// type.
fn of_chain(error: &str) -> String {
    let reason = match error {
        "ca used as end entity" => "it is the certificate of an authority",
        "end entity used as ca" => "an issuer above it is not an authority",
        "name constraint violation" => "an authority above it may not issue it for this name",
        "path len constraint violated" | "maximum path depth exceeded" => {
            "there are too many authorities above it"
        }
        "maximum signature checks exceeded"
        | "maximum path build calls exceeded"
        | "maximum name constraint comparisons exceeded" => "its chain takes too long to verify",
        "signature algorithm mismatch" => "it names two different signature algorithms",
        "unsupported cert version" => "it is not of version 3",
        "unsupported critical extension" => NOT_UNDERSTOOD,
        other => return format!("it breaks the rules for certificates ({other})"),
    };
    reason.to_owned()
}

/// The name of an alert in RFC 8446, section 6, as words, or its number if it has no name.
fn alert_name(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::Unknown(number) => format!("alert {number}"),
        // The RFC spells it with a `z`, unlike the variant.
        AlertDescription::UnrecognisedName => "unrecognized name".to_owned(),
        alert => humanize(&alert),
    }
}

/// The name of a variant such as `NoCipherSuitesInCommon` as words, without its fields.
fn humanize(name: &impl Debug) -> String {
    let name = format!("{name:?}");
    let name = name.split(['(', '{', ' ']).next().unwrap_or_default();
    let mut words = String::new();
    let mut after_small = false;
    for c in name.chars() {
        if c.is_uppercase() && after_small {
            words.push(' ');
        }
        after_small = c.is_lowercase() || c.is_numeric();
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    #[track_caller]
    fn says(error: impl Into<Error>, reason: &str) {
        assert_eq!(tls_problem(&error.into()).to_string(), reason);
    }

    #[test]
    fn alerts_have_names() {
        let says = |alert, reason: &str| says(Error::AlertReceived(alert), reason);
        says(AlertDescription::HandshakeFailure, "it says `handshake failure`");
        says(
            AlertDescription::CertificateRequired,
            "it says `certificate required` (it requires a certificate from this side)",
        );
        says(
            AlertDescription::UnknownCA,
            "it says `unknown ca` (it does not trust the issuer of the certificate of this side)",
        );
        says(AlertDescription::Unknown(77), "it says `alert 77`");
    }

    #[test]
    fn a_failed_negotiation_is_named() {
        says(Lacks::Tls12NotOffered, "it offers no TLS version that this side supports");
        says(Lacks::NoCipherSuitesInCommon, "it offers no cipher that this side supports");
        says(Lacks::NoKxGroupsInCommon, "it offers no key exchange group that this side supports");
        says(
            Lacks::NoSignatureSchemesInCommon,
            "it accepts no signature algorithm of the key of this side",
        );
        says(
            Lacks::NullCompressionRequired,
            "no agreement with it is possible (null compression required)",
        );
    }

    #[test]
    fn a_protocol_violation_is_named() {
        says(
            Breaks::TooManyRenegotiationRequests,
            "it requests a renegotiation, which is not supported",
        );
        says(Breaks::IncorrectBinder, "it breaks the rules of TLS (incorrect binder)");
        says(Error::PeerSentOversizedRecord, "it sent a record above the maximum length of TLS");
        says(Broken::MessageTooLarge, "it sent a record above the maximum length of TLS");
        says(Broken::MissingData("x"), "it sent a broken message (missing data)");
        says(
            CertificateError::BadSignature,
            "it could not prove that it has the private key of its certificate",
        );
        says(Error::General("Whatever".to_owned()), "TLS failed (general)");
    }

    #[test]
    fn an_invalid_chain_has_a_reason() {
        /// Stands in for errors of webpki, of which only the names of variants are used.
        #[derive(Debug)]
        enum Below {
            CaUsedAsEndEntity,
            InvalidSerialNumber,
        }
        impl std::fmt::Display for Below {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self:?}")
            }
        }
        impl std::error::Error for Below {}
        let of = |below| certificate_problem(&CertificateError::Other(OtherError(Arc::new(below))));
        assert_eq!(of(Below::CaUsedAsEndEntity), "it is the certificate of an authority");
        assert_eq!(
            of(Below::InvalidSerialNumber),
            "it breaks the rules for certificates (invalid serial number)"
        );
        assert_eq!(
            certificate_problem(&CertificateError::InvalidOcspResponse),
            "invalid ocsp response"
        );
    }
}
