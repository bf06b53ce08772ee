//! The content of a certificate in readable form: names, dates, key and signature.

use std::time::SystemTime;

use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::oid::db::DB;
use x509_cert::der::oid::db::rfc5280::ID_AD_CA_ISSUERS;
use x509_cert::ext::pkix::AuthorityInfoAccessSyntax;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::certificate::CertificateInfo;

/// The content of a certificate in readable form.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateDetails {
    /// The distinguished name of the subject, or another name of the subject if that is empty.
    pub subject: String,
    /// The DNS names, addresses and URIs that the certificate is valid for.
    pub names: Vec<String>,
    /// The distinguished name of the issuer.
    pub issuer: String,
    /// The start of the validity period.
    pub not_before: SystemTime,
    /// The end of the validity period.
    pub not_after: SystemTime,
    /// The key: `RSA 2048`, `EC P-256`, `Ed25519`.
    pub key: String,
    /// The signature algorithm: `sha256WithRSAEncryption`, `ecdsa-with-SHA256`.
    pub signature: String,
    /// The serial number, in hexadecimal.
    pub serial: String,
    /// Whether the certificate belongs to a CA.
    pub is_ca: bool,
    /// The URLs at which the issuer's certificate can be downloaded.
    pub issuer_addresses: Vec<String>,
}

impl CertificateDetails {
    /// Parses a certificate in DER; `None` if the bytes are not one.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::CertificateDetails;
    ///
    /// let made = rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap();
    /// let details = CertificateDetails::parse(made.cert.der()).unwrap();
    /// assert_eq!(details.names, ["a.test"]);
    /// assert_eq!((&*details.key, &*details.signature), ("EC P-256", "ecdsa-with-SHA256"));
    /// assert_eq!(CertificateDetails::parse(b"no certificate"), None);
    /// ```
    pub fn parse(der: &[u8]) -> Option<Self> {
        let info = CertificateInfo::parse(der)?;
        let parsed = CertificateInner::<Raw>::from_der(der).ok()?;
        let tbs = parsed.tbs_certificate;
        let access = tbs.get::<AuthorityInfoAccessSyntax>().ok().flatten();
        let issuers = access.into_iter().flat_map(|(_, access)| access.0);
        let issuers = issuers.filter(|it| it.access_method == ID_AD_CA_ISSUERS);
        let mut names = info.valid_for();
        names.extend(info.uris.iter().cloned());
        Some(Self {
            names,
            key: key(&tbs.subject_public_key_info),
            signature: algorithm(parsed.signature_algorithm.oid),
            serial: hexadecimal(tbs.serial_number.as_bytes()),
            issuer_addresses: issuers.filter_map(|it| address(it.access_location)).collect(),
            subject: info.subject,
            issuer: info.issuer,
            not_before: info.not_before,
            not_after: info.not_after,
            is_ca: info.is_ca,
        })
    }
}

/// The URL of a location; `None` for other kinds of names.
fn address(name: GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
        _ => None,
    }
}

/// The key type, with the size or the curve.
fn key(info: &SubjectPublicKeyInfoOwned) -> String {
    let kind = algorithm(info.algorithm.oid);
    let curve = || info.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok();
    match &*kind {
        "rsaEncryption" => match modulus_bits(info) {
            Some(bits) => format!("RSA {bits}"),
            None => "RSA".to_owned(),
        },
        "id-ecPublicKey" => match curve().map(algorithm).as_deref() {
            Some("secp256r1") => "EC P-256".to_owned(),
            Some("secp384r1") => "EC P-384".to_owned(),
            Some("secp521r1") => "EC P-521".to_owned(),
            Some(other) => format!("EC {other}"),
            None => "EC".to_owned(),
        },
        "id-Ed25519" => "Ed25519".to_owned(),
        _ => kind,
    }
}

/// The length of an RSA modulus in bits; the modulus is the first integer of the key.
fn modulus_bits(info: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    let key = info.subject_public_key.as_bytes()?;
    let numbers = Vec::<AnyRef<'_>>::from_der(key).ok()?;
    let modulus = numbers.first()?.value();
    let first = modulus.iter().position(|byte| *byte != 0)?;
    let zeros = usize::try_from(modulus[first].leading_zeros()).ok()?;
    Some((modulus.len() - first) * 8 - zeros)
}

/// The name of an algorithm, or its object identifier.
fn algorithm(number: ObjectIdentifier) -> String {
    DB.by_oid(&number).map_or_else(|| number.to_string(), ToOwned::to_owned)
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;
    use crate::tls::tests::pki::Authority;

    #[test]
    fn keys_and_signatures_have_names() {
        let root = Authority::new("root");
        for (algorithm, key) in [
            (&PKCS_ED25519, "Ed25519"),
            (&PKCS_ECDSA_P384_SHA384, "EC P-384"),
            (&PKCS_RSA_SHA256, "RSA 2048"),
        ] {
            let issued = root.issue_with("a.test", algorithm);
            let der = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap();
            let details = CertificateDetails::parse(&der).unwrap();
            assert_eq!(details.key, key);
            assert_eq!(details.signature, "ecdsa-with-SHA256", "it is the root's");
            assert_eq!((&*details.subject, &*details.issuer), ("CN=a.test", "CN=root"));
        }
    }
}
