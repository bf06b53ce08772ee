//! What a certificate says of itself: whom it is for, who issued it, and how long it is valid.
//!
//! Nothing here decides whom to trust; that is the business of the verifiers. This is for messages, for telling which
//! key belongs to which certificate, and for putting chains in order.

use std::cmp::Reverse;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::pki_types::CertificateDer;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::OctetString;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};

/// The facts of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The distinguished name of whom it is for, or a name of theirs if that is empty.
    pub(crate) subject: String,
    /// The distinguished name of who issued it.
    pub(crate) issuer: String,
    /// The names that it is valid for, as a client may ask for them.
    pub(crate) dns_names: Vec<String>,
    /// The addresses that it is valid for.
    pub(crate) addresses: Vec<std::net::IpAddr>,
    /// Whether it is valid for something else as well, such as a URI.
    pub(crate) other_names: bool,
    /// Whether it says that its key signs other certificates.
    pub(crate) signs_others: bool,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    /// The public key with its algorithm, in DER.
    pub(crate) public_key: Vec<u8>,
    /// Whether it may issue others.
    pub(crate) is_authority: bool,
    /// What its key is called, and what the key of its issuer is called, as far as it says so.
    key_id: Option<Vec<u8>>,
    issuer_key_id: Option<Vec<u8>>,
    /// The two names in DER, to be compared.
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate; `None` if it is none.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let tbs = CertificateInner::<Raw>::from_der(der).ok()?.tbs_certificate;
        let names = tbs.get::<SubjectAltName>().ok().flatten().map(|(_, it)| it.0);
        let (mut dns_names, mut addresses, mut other_names) = (Vec::new(), Vec::new(), false);
        for name in names.unwrap_or_default() {
            match name {
                GeneralName::DnsName(name) => dns_names.push(name.as_str().to_owned()),
                GeneralName::IpAddress(octets) => addresses.extend(address(octets.as_bytes())),
                _ => other_names = true,
            }
        }
        let usage = tbs.get::<KeyUsage>().ok().flatten();
        let mut subject = tbs.subject.to_string();
        if subject.is_empty() {
            let first = addresses.first().map(ToString::to_string);
            subject = dns_names.first().cloned().or(first).unwrap_or_default();
        }
        Some(Self {
            subject,
            issuer: tbs.issuer.to_string(),
            dns_names,
            addresses,
            other_names,
            signs_others: usage.is_some_and(|(_, usage)| usage.key_cert_sign()),
            not_before: UNIX_EPOCH + tbs.validity.not_before.to_unix_duration(),
            not_after: UNIX_EPOCH + tbs.validity.not_after.to_unix_duration(),
            public_key: tbs.subject_public_key_info.to_der().ok()?,
            is_authority: tbs.get::<BasicConstraints>().ok().flatten().is_some_and(|(_, it)| it.ca),
            key_id: (tbs.get::<SubjectKeyIdentifier>().ok().flatten())
                .map(|(_, it)| it.0.into_bytes()),
            issuer_key_id: (tbs.get::<AuthorityKeyIdentifier>().ok().flatten())
                .and_then(|(_, it)| it.key_identifier)
                .map(OctetString::into_bytes),
            subject_der: tbs.subject.to_der().ok()?,
            issuer_der: tbs.issuer.to_der().ok()?,
        })
    }

    /// Everything that it is valid for, as text.
    pub(crate) fn valid_for(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(ToString::to_string);
        self.dns_names.iter().cloned().chain(addresses).collect()
    }

    /// Whether whom it is for is who issued it.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }
}

fn address(octets: &[u8]) -> Option<std::net::IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(|it| Ipv4Addr::from(it).into()),
        16 => <[u8; 16]>::try_from(octets).ok().map(|it| Ipv6Addr::from(it).into()),
        _ => None,
    }
}

/// A certificate as it is sent, with what it says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) facts: Certificate,
}

impl Known {
    /// Reads a certificate; `None` if it is none.
    pub(crate) fn read(der: &CertificateDer<'static>) -> Option<Self> {
        Some(Self { der: der.clone(), facts: Certificate::read(der)? })
    }

    /// How well `above` fits as the issuer, the better the greater; `None` where it is not.
    ///
    /// Authorities change their keys and keep their names, so where both say which key it is, that counts first.
    fn fitness(&self, above: &Self) -> Option<(bool, SystemTime)> {
        let (below, above) = (&self.facts, &above.facts);
        let fits = above.subject_der == below.issuer_der && !above.is_self_issued();
        let same_key = below.issuer_key_id.is_some() && below.issuer_key_id == above.key_id;
        fits.then_some((same_key, above.not_after))
    }
}

/// A certificate and those above it, each issued by the next, as far as `pool` has them.
///
/// A root is left out: who trusts it has it.
pub(crate) fn chain<'a>(leaf: &'a Known, pool: &'a [Known]) -> Vec<&'a Known> {
    let mut chain = vec![leaf];
    while let Some(below) = chain.last().copied() {
        let above = pool.iter().filter(|above| chain.iter().all(|it| it.der != above.der));
        let above = above.filter_map(|above| Some((below.fitness(above)?, above)));
        // The first of those that fit alike.
        let Some((_, above)) = above.min_by_key(|(fitness, _)| Reverse(*fitness)) else { break };
        chain.push(above);
    }
    chain
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject;

    use super::super::tests::pki::Authority;
    use super::*;

    fn known(pem: &str) -> Known {
        Known::read(&CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn an_issuer_is_found_by_its_key_where_two_have_one_name() {
        let root = Authority::new("root");
        let (before, after) = (root.below("middle"), root.below("middle"));
        let pool = [known(&before.pem), known(&root.pem), known(&after.pem)];
        for middle in [&before, &after] {
            let leaf = known(&middle.issue("a.test").certificate);
            let chain: Vec<_> = chain(&leaf, &pool).into_iter().map(|it| &it.der).collect();
            assert_eq!(chain, [&leaf.der, &known(&middle.pem).der]);
        }
        assert!(pool[0].facts.is_authority);
        assert!(!known(&root.issue("a.test").certificate).facts.is_authority);
    }

    #[test]
    fn a_chain_ends_even_where_authorities_vouch_for_each_other() {
        let (one, other) = (Authority::new("one"), Authority::new("other"));
        let pool = [known(&one.cross_signed(&other)), known(&other.cross_signed(&one))];
        let leaf = known(&one.issue("a.test").certificate);
        assert_eq!(chain(&leaf, &pool).len(), 3);
    }
}
