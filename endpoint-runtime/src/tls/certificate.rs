//! The content of certificates: subject, issuer, names and validity.
//!
//! Nothing here decides what to trust; the verifiers do that. The content is for messages, for
//! matching keys with certificates, and for ordering chains.

use std::cmp::Reverse;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::pki_types::CertificateDer;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::{Ia5StringRef, OctetString, PrintableStringRef, Utf8StringRef};
use x509_cert::der::oid::db::rfc4519::CN;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::name::Name;

use crate::plan::CertificateName;

/// The content of a certificate: names, validity, public key and what it may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificateInfo {
    /// The distinguished name of the subject, or another name of the subject if that is empty.
    pub(crate) subject: String,
    /// The distinguished name of the issuer.
    pub(crate) issuer: String,
    /// The DNS names that the certificate is valid for.
    pub(crate) dns_names: Vec<String>,
    /// The IP addresses that the certificate is valid for.
    pub(crate) addresses: Vec<std::net::IpAddr>,
    /// The URIs that the certificate is valid for.
    pub(crate) uris: Vec<String>,
    /// Whether the certificate has alternative names other than DNS names and IP addresses.
    pub(crate) other_names: bool,
    /// The common name of the subject, if there is exactly one and there are no alternative names.
    pub(crate) common_name: Option<String>,
    /// Whether the key usage permits signing other certificates.
    pub(crate) signs_others: bool,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    /// The public key with its algorithm, in DER (`SubjectPublicKeyInfo`).
    pub(crate) public_key: Vec<u8>,
    /// Whether the certificate belongs to a CA.
    pub(crate) is_ca: bool,
    /// The identifiers of this key and of the issuer's key, from the extensions; `None` if absent.
    key_id: Option<Vec<u8>>,
    issuer_key_id: Option<Vec<u8>>,
    /// The two distinguished names in DER, for comparison.
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
}

impl CertificateInfo {
    /// Parses a certificate; `None` if the bytes are not one.
    pub(crate) fn parse(der: &[u8]) -> Option<Self> {
        let tbs = CertificateInner::<Raw>::from_der(der).ok()?.tbs_certificate;
        let names = tbs.get::<SubjectAltName>();
        // Alternative names that cannot be parsed still count as alternative names.
        let common_name = if matches!(names, Ok(None)) { common_name(&tbs.subject) } else { None };
        let names = names.ok().flatten().map(|(_, it)| it.0);
        let (mut dns_names, mut addresses) = (Vec::new(), Vec::new());
        let (mut uris, mut other_names) = (Vec::new(), false);
        for name in names.unwrap_or_default() {
            match name {
                GeneralName::DnsName(name) => dns_names.push(name.as_str().to_owned()),
                GeneralName::IpAddress(octets) => addresses.extend(address(octets.as_bytes())),
                other => {
                    other_names = true;
                    if let GeneralName::UniformResourceIdentifier(uri) = other {
                        uris.push(uri.as_str().to_owned());
                    }
                }
            }
        }
        let usage = tbs.get::<KeyUsage>().ok().flatten();
        let mut subject = tbs.subject.to_string();
        if subject.is_empty() {
            let first = addresses.first().map(ToString::to_string);
            let uri = uris.first().cloned();
            subject = dns_names.first().cloned().or(first).or(uri).unwrap_or_default();
        }
        Some(Self {
            subject,
            issuer: tbs.issuer.to_string(),
            dns_names,
            addresses,
            uris,
            other_names,
            common_name,
            signs_others: usage.is_some_and(|(_, usage)| usage.key_cert_sign()),
            not_before: UNIX_EPOCH + tbs.validity.not_before.to_unix_duration(),
            not_after: UNIX_EPOCH + tbs.validity.not_after.to_unix_duration(),
            public_key: tbs.subject_public_key_info.to_der().ok()?,
            is_ca: tbs.get::<BasicConstraints>().ok().flatten().is_some_and(|(_, it)| it.ca),
            key_id: (tbs.get::<SubjectKeyIdentifier>().ok().flatten())
                .map(|(_, it)| it.0.into_bytes()),
            issuer_key_id: (tbs.get::<AuthorityKeyIdentifier>().ok().flatten())
                .and_then(|(_, it)| it.key_identifier)
                .map(OctetString::into_bytes),
            subject_der: tbs.subject.to_der().ok()?,
            issuer_der: tbs.issuer.to_der().ok()?,
        })
    }

    /// The names and addresses that the certificate is valid for, as text.
    pub(crate) fn valid_for(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(ToString::to_string);
        self.dns_names.iter().cloned().chain(addresses).collect()
    }

    /// The names of a client with this certificate.
    ///
    /// The common name counts only if there are no alternative names.
    pub(crate) fn client_names(&self) -> impl Iterator<Item = CertificateName<'_>> {
        let uris = self.uris.iter().map(|it| CertificateName::Uri(it));
        let dns = self.dns_names.iter().map(|it| CertificateName::Dns(it));
        let addresses = self.addresses.iter().map(|it| CertificateName::Address(*it));
        let common = self.common_name.iter().map(|it| CertificateName::Common(it));
        uris.chain(dns).chain(addresses).chain(common)
    }

    /// Whether the subject and the issuer have the same name, as in a root certificate.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }
}

/// The common name of a subject, if it has exactly one.
fn common_name(subject: &Name) -> Option<String> {
    let mut all = subject.0.iter().flat_map(|it| it.0.iter()).filter(|it| it.oid == CN);
    let value = &all.next().filter(|_| all.next().is_none())?.value;
    let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|it| it.as_str().to_owned());
    utf8.or_else(|_| value.decode_as::<PrintableStringRef<'_>>().map(|it| it.as_str().to_owned()))
        .or_else(|_| value.decode_as::<Ia5StringRef<'_>>().map(|it| it.as_str().to_owned()))
        .ok()
}

/// An IPv4 or IPv6 address from its octets; `None` if there are neither 4 nor 16.
fn address(octets: &[u8]) -> Option<std::net::IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(|it| Ipv4Addr::from(it).into()),
        16 => <[u8; 16]>::try_from(octets).ok().map(|it| Ipv6Addr::from(it).into()),
        _ => None,
    }
}

/// A certificate in DER, together with its parsed content.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) info: CertificateInfo,
}

impl Certificate {
    /// Parses a certificate; `None` if the bytes are not one.
    pub(crate) fn parse(der: &CertificateDer<'static>) -> Option<Self> {
        Some(Self { der: der.clone(), info: CertificateInfo::parse(der)? })
    }

    /// How well `issuer` fits as the issuer, where greater is better; `None` if its subject is
    /// another one.
    ///
    /// A CA can change its key and keep its name, so a matching key identifier counts first.
    fn issuer_rank(&self, issuer: &Self) -> Option<(bool, SystemTime)> {
        let (subject, issuer) = (&self.info, &issuer.info);
        let fits = issuer.subject_der == subject.issuer_der && !issuer.is_self_issued();
        let same_key = subject.issuer_key_id.is_some() && subject.issuer_key_id == issuer.key_id;
        fits.then_some((same_key, issuer.not_after))
    }
}

/// The chain of a certificate: each one is issued by the next. It ends when `pool` has no further
/// issuer.
///
/// Roots are left out, because every peer that trusts a root already has it.
pub(super) fn chain<'a>(leaf: &'a Certificate, pool: &'a [Certificate]) -> Vec<&'a Certificate> {
    let mut chain = vec![leaf];
    while let Some(last) = chain.last().copied() {
        let others = pool.iter().filter(|it| chain.iter().all(|link| link.der != it.der));
        let issuers = others.filter_map(|issuer| Some((last.issuer_rank(issuer)?, issuer)));
        // The first of equally good issuers; `max_by_key` would return the last.
        let Some((_, issuer)) = issuers.min_by_key(|(rank, _)| Reverse(*rank)) else { break };
        chain.push(issuer);
    }
    chain
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject;

    use super::*;
    use crate::tls::tests::pki::Authority;

    fn parsed(pem: &str) -> Certificate {
        Certificate::parse(&CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn an_issuer_is_found_by_its_key_where_two_have_one_name() {
        let root = Authority::new("root");
        let (before, after) = (root.below("middle"), root.below("middle"));
        let pool = [parsed(&before.pem), parsed(&root.pem), parsed(&after.pem)];
        for middle in [&before, &after] {
            let leaf = parsed(&middle.issue("a.test").certificate);
            let chain: Vec<_> = chain(&leaf, &pool).into_iter().map(|it| &it.der).collect();
            assert_eq!(chain, [&leaf.der, &parsed(&middle.pem).der]);
        }
        assert!(pool[0].info.is_ca);
        assert!(!parsed(&root.issue("a.test").certificate).info.is_ca);
    }

    #[test]
    fn a_cycle_of_authorities_terminates() {
        let (one, other) = (Authority::new("one"), Authority::new("other"));
        let pool = [parsed(&one.cross_signed(&other)), parsed(&other.cross_signed(&one))];
        let leaf = parsed(&one.issue("a.test").certificate);
        assert_eq!(chain(&leaf, &pool).len(), 3);
    }
}
