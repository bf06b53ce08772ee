//! Certificate authorities and certificates that tests create for themselves.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SignatureAlgorithm, date_time_ymd,
};

/// A certificate authority with its key, which issues certificates.
pub(crate) struct Authority {
    name: String,
    issuer: Issuer<'static, KeyPair>,
    /// The certificate of the authority.
    pub(crate) pem: String,
}

/// A certificate and its private key, both in PEM form.
pub(crate) struct Issued {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Issued {
    /// The certificate and the key in one text.
    pub(crate) fn both(&self) -> String {
        format!("{}{}", self.key, self.certificate)
    }
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// The parameters of the certificate of an authority.
fn of_authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// The parameters of a valid certificate for this name, which a test may change.
pub(crate) fn leaf(name: &str) -> CertificateParams {
    let mut params = named(name);
    let names = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.subject_alt_names = names.subject_alt_names;
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// Creates a self-signed certificate with a new key.
pub(crate) fn self_signed(params: &CertificateParams) -> Issued {
    let key = KeyPair::generate().unwrap();
    Issued { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

impl Authority {
    /// Creates a self-signed root authority.
    pub(crate) fn new(name: &str) -> Self {
        let (params, key) = (of_authority(name), KeyPair::generate().unwrap());
        let pem = params.self_signed(&key).unwrap().pem();
        Self { name: name.to_owned(), issuer: Issuer::new(params, key), pem }
    }

    /// Creates an intermediate authority, whose certificate this one issues.
    pub(crate) fn below(&self, name: &str) -> Self {
        self.below_as(name, of_authority(name))
    }

    /// Creates an intermediate authority that is valid until the start of a year.
    pub(crate) fn below_until(&self, name: &str, year: i32) -> Self {
        let mut params = of_authority(name);
        params.not_after = date_time_ymd(year, 1, 1);
        self.below_as(name, params)
    }

    fn below_as(&self, name: &str, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self { name: name.to_owned(), issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for this authority's name and key, cross-signed by another authority.
    pub(crate) fn cross_signed(&self, other: &Self) -> String {
        let params = of_authority(&self.name);
        params.signed_by(self.issuer.key(), &other.issuer).unwrap().pem()
    }

    /// Issues a valid certificate for one name or address, for servers and clients.
    pub(crate) fn issue(&self, name: &str) -> Issued {
        self.issue_as(&leaf(name))
    }

    pub(crate) fn issue_as(&self, params: &CertificateParams) -> Issued {
        self.issue_for(params, &KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    pub(crate) fn issue_with(&self, name: &str, algorithm: &'static SignatureAlgorithm) -> Issued {
        self.issue_for(&leaf(name), &KeyPair::generate_for(algorithm).unwrap())
    }

    fn issue_for(&self, params: &CertificateParams, key: &KeyPair) -> Issued {
        let certificate = params.signed_by(key, &self.issuer).unwrap().pem();
        Issued { certificate, key: key.serialize_pem() }
    }
}
