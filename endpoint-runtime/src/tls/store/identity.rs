//! Identities: certificates with their chains and private keys.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SigningKey};

use super::pem::PemFile;
use crate::error::{TlsFileProblem, TlsFileProblemKind};
use crate::plan::{TlsIdentity, TlsKeyPair};
use crate::quoted::Quoted;
use crate::tls::certificate::{Certificate, CertificateInfo, chain};

/// A certificate with its chain, its private key and its parsed content.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) certified_key: Arc<CertifiedKey>,
    pub(crate) info: CertificateInfo,
    /// The time at which the first certificate of the chain expires.
    pub(crate) expires: SystemTime,
}

impl Identity {
    /// Reads the files of a certificate, which must be valid at `now`. Blocks.
    pub(super) fn load(files: &TlsIdentity, now: SystemTime) -> Result<Self, TlsFileProblem> {
        let certificates = PemFile::read(&files.certificate)?;
        let further = files.chain.as_deref().map(PemFile::read).transpose()?;
        let further = further.as_ref().map_or(Ok([].as_slice()), PemFile::certificates)?;
        let identity = if files.key == files.certificate {
            Self::find(&certificates, &certificates, further)?
        } else {
            Self::find(&certificates, &PemFile::read(&files.key)?, further)?
        };
        identity.check_dates(&files.certificate, now)?;
        if let Some(chain) = files.chain.as_deref().filter(|_| !identity.has_use_for(further)) {
            let (chain, subject) = (Quoted::new(chain), Quoted::new(&identity.info.subject));
            tracing::warn!(
                "nothing in {chain} has issued the certificate {subject} (it is left out)"
            );
        }
        Ok(identity)
    }

    /// Uses a certificate from memory, which must be valid at `now`.
    pub(super) fn in_memory(given: &TlsKeyPair, now: SystemTime) -> Result<Self, TlsFileProblem> {
        let file = PemFile::in_memory(given);
        let identity = Self::find(&file, &file, &[])?;
        identity.check_dates(file.path(), now)?;
        Ok(identity)
    }

    /// Finds the certificate of a key, and its chain, among the given certificates.
    ///
    /// Their order does not matter, and other certificates are ignored.
    pub(crate) fn find(
        certificates: &PemFile,
        keys: &PemFile,
        further: &[CertificateDer<'static>],
    ) -> Result<Self, TlsFileProblem> {
        certificates.certificates()?;
        let parsed = certificates.parsed_certificates()?;
        for key in keys.signing_keys()? {
            let public = key.public_key();
            let public = public.as_ref().map(AsRef::as_ref);
            let belongs =
                |it: &&Certificate| public.is_none_or(|key: &[u8]| it.info.public_key == key);
            if let Some(leaf) = parsed.iter().find(belongs) {
                let further = further.iter().filter_map(Certificate::parse);
                let pool: Vec<_> = parsed.iter().cloned().chain(further).collect();
                return Ok(Self::new(leaf, &pool, key));
            }
        }
        let certificate = certificates.path().to_owned();
        let subject = parsed.into_iter().next().map(|it| it.info.subject).unwrap_or_default();
        let kind = TlsFileProblemKind::Mismatch { certificate, subject };
        Err(TlsFileProblem::new(keys.path(), kind))
    }

    /// Combines a certificate and its key with the chain that `pool` contains.
    pub(super) fn new(leaf: &Certificate, pool: &[Certificate], key: Arc<dyn SigningKey>) -> Self {
        let chain = chain(leaf, pool);
        let expires = chain.iter().map(|it| it.info.not_after).min();
        let sent = chain.into_iter().map(|it| it.der.clone()).collect();
        Self {
            certified_key: Arc::new(CertifiedKey::new(sent, key)),
            expires: expires.unwrap_or(leaf.info.not_after),
            info: leaf.info.clone(),
        }
    }

    /// Whether one of these certificates is in the chain, or is the root that was left out of it.
    fn has_use_for(&self, further: &[CertificateDer<'static>]) -> bool {
        let is_root = |der| CertificateInfo::parse(der).is_some_and(|it| it.is_self_issued());
        further.iter().any(|der| self.certified_key.cert.contains(der) || is_root(der))
    }

    /// Whether both present the same certificate and chain.
    pub(super) fn presents_same(&self, other: &Self) -> bool {
        self.certified_key.cert == other.certified_key.cert
    }

    /// Whether the certificate is valid at `now`.
    pub(super) fn is_valid(&self, now: SystemTime) -> bool {
        (self.info.not_before..=self.info.not_after).contains(&now)
    }

    /// Checks that the certificate, from the file at `path`, is valid at `now`.
    pub(super) fn check_dates(&self, path: &Path, now: SystemTime) -> Result<(), TlsFileProblem> {
        if self.is_valid(now) {
            return Ok(());
        }
        let subject = self.info.subject.clone();
        let CertificateInfo { not_before, not_after, .. } = self.info;
        let kind = if now > not_after {
            TlsFileProblemKind::Expired { subject, not_after }
        } else {
            TlsFileProblemKind::NotYetValid { subject, not_before }
        };
        Err(TlsFileProblem::new(path, kind))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, date_time_ymd};
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject;
    use x509_cert::der::Decode;
    use x509_cert::der::asn1::AnyRef;

    use super::*;
    use crate::tls::tests::pki::{Authority, Issued, leaf};

    fn file(name: &str, text: &str) -> Result<PemFile, TlsFileProblem> {
        PemFile::parse(Path::new(name), text.as_bytes())
    }

    fn find(certificates: &str, keys: &str) -> Result<Identity, TlsFileProblem> {
        Identity::find(&file("cert.pem", certificates)?, &file("key.pem", keys)?, &[])
    }

    #[track_caller]
    fn problem(certificates: &str, keys: &str) -> String {
        find(certificates, keys).err().unwrap().to_string()
    }

    /// The key of a certificate in the traditional form, which PKCS#8 contains.
    fn traditional(issued: &Issued, label: &str) -> String {
        let key = private_key(issued);
        let parts = Vec::<AnyRef<'_>>::from_der(key.secret_der()).unwrap();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(parts[2].value()))
    }

    fn private_key(issued: &Issued) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap()
    }

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let mut bits = [0; 4];
            bits[1..=three.len()].copy_from_slice(three);
            let bits = u32::from_be_bytes(bits);
            for digit in 0..4 {
                let index = usize::try_from(bits >> (18 - 6 * digit) & 63).unwrap();
                text.push(if digit > three.len() { '=' } else { DIGITS[index].into() });
            }
        }
        text
    }

    #[test]
    fn every_kind_of_key_is_read_in_every_form() {
        let authority = Authority::new("root");
        for algorithm in [&PKCS_ED25519, &PKCS_ECDSA_P384_SHA384, &PKCS_RSA_SHA256] {
            let issued = authority.issue_with("a.test", algorithm);
            assert!(find(&issued.certificate, &issued.key).is_ok(), "PKCS#8, {algorithm:?}");
        }
        let rsa = authority.issue_with("a.test", &PKCS_RSA_SHA256);
        assert!(find(&rsa.certificate, &traditional(&rsa, "RSA PRIVATE KEY")).is_ok(), "PKCS#1");
        let p256 = authority.issue("a.test");
        assert!(find(&p256.certificate, &p256.key).is_ok(), "PKCS#8, P-256");
        assert!(find(&p256.certificate, &traditional(&p256, "EC PRIVATE KEY")).is_ok(), "SEC1");
    }

    #[test]
    fn blocks_come_in_any_order_and_lines_end_in_any_way() {
        let root = Authority::new("root");
        let middle = root.below("middle");
        let (mine, other) = (middle.issue("a.test"), root.issue("b.test"));
        let text = [&*other.key, &root.pem, &middle.pem, &other.certificate, &mine.certificate];
        let text = format!("\u{feff}Bag Attributes\n{}", text.concat());
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let identity = find(&text, &mine.key).unwrap();
            assert_eq!(identity.info.subject, "CN=a.test");
            let chain = identity
                .certified_key
                .cert
                .iter()
                .map(|der| CertificateInfo::parse(der).unwrap().subject);
            assert_eq!(chain.collect::<Vec<_>>(), ["CN=a.test", "CN=middle"]);
        }
        let both = [&*other.key, &mine.key].concat();
        assert!(find(&mine.certificate, &both).is_ok(), "the second key is the right one");
    }

    #[test]
    fn a_missing_part_is_reported_with_its_file() {
        let issued = Authority::new("root").issue("a.test");
        assert_eq!(
            problem(&issued.key, &issued.key),
            "there is no certificate in `cert.pem` (found `PRIVATE KEY`)"
        );
        assert_eq!(
            problem(&issued.certificate, &issued.certificate),
            "there is no private key in `key.pem` (found `CERTIFICATE`)"
        );
        assert_eq!(
            problem("hello", &issued.key),
            "there is no certificate in `cert.pem` (it contains no PEM block)"
        );
        assert_eq!(
            problem(" \n", &issued.key),
            "`cert.pem` is empty (expected certificates or keys in PEM form)"
        );
        let missing = PemFile::read(Path::new("/nonexistent/key.pem")).err().unwrap();
        assert_eq!(
            missing.to_string(),
            "cannot read `/nonexistent/key.pem`: no such file or directory (os error 2)"
        );
    }

    #[test]
    fn an_encrypted_key_is_called_that() {
        let issued = Authority::new("root").issue("a.test");
        let pkcs8 = issued.key.replace(" PRIVATE", " ENCRYPTED PRIVATE");
        let old = traditional(&issued, "EC PRIVATE KEY").replacen(
            "KEY-----\n",
            "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
            1,
        );
        for key in [pkcs8, old] {
            assert_eq!(
                problem(&issued.certificate, &key),
                "the private key in `key.pem` is encrypted, \
                 and keys with a password are not supported (`openssl pkey -in FILE` decrypts it)"
            );
        }
    }

    #[test]
    fn damage_is_described() {
        let issued = Authority::new("root").issue("a.test");
        let cut = issued.certificate.replace("-----END CERTIFICATE-----", "");
        assert_eq!(
            problem(&cut, &issued.key),
            "`cert.pem` is damaged \
             (expected the line `-----END CERTIFICATE-----`, but found the end of the file)"
        );
        let cut = issued.certificate.replacen("-----\n", "--\n", 1);
        assert_eq!(
            problem(&cut, &issued.key),
            "`cert.pem` is damaged (the line `-----BEGIN CERTIFICATE--` begins no block)"
        );
        let changed = issued.certificate.replacen("\nM", "\n*", 1);
        assert_eq!(
            problem(&changed, &issued.key),
            "`cert.pem` is damaged (the content of a block is not Base64)"
        );
        let none = issued.key.replace("PRIVATE KEY", "CERTIFICATE");
        assert_eq!(
            problem(&[&*issued.certificate, &none].concat(), &issued.key),
            "certificate 2 in `cert.pem` cannot be read"
        );
        let none = issued.certificate.replace("CERTIFICATE", "PRIVATE KEY");
        assert_eq!(
            problem(&issued.certificate, &none),
            "the private key in `key.pem` cannot be used \
             (expected RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519)"
        );
    }

    #[test]
    fn a_mismatch_names_both_files() {
        let root = Authority::new("root");
        let (mine, other) = (root.issue("a.test"), root.issue("b.test"));
        assert_eq!(
            problem(&mine.certificate, &other.key),
            "the private key in `key.pem` does not belong \
             to the certificate `CN=a.test` in `cert.pem`"
        );
    }

    #[test]
    fn a_chain_for_another_key_is_detected() {
        let root = Authority::new("root");
        let (middle, other) = (root.below("middle"), root.below("other"));
        let issued = middle.issue("a.test");
        let has_use_for = |text: &str| {
            let further = file("chain.pem", text).unwrap().certificates().unwrap().to_vec();
            let (certificate, key) = (&*issued.certificate, &*issued.key);
            let files = [certificate, key].map(|text| file("both.pem", text).unwrap());
            Identity::find(&files[0], &files[1], &further).unwrap().has_use_for(&further)
        };
        assert!(has_use_for(&middle.pem));
        assert!(has_use_for(&[&*other.pem, &middle.pem].concat()));
        // The chain leaves out the root, but a file with it is no mistake.
        assert!(has_use_for(&root.pem));
        assert!(!has_use_for(&other.pem));
    }

    #[test]
    fn dates_are_checked_and_named() {
        let mut params = leaf("a.test");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 2, 3);
        let issued = Authority::new("root").issue_as(&params);
        let identity = find(&issued.certificate, &issued.key).unwrap();
        let CertificateInfo { not_before, not_after, .. } = identity.info;
        let second = Duration::from_secs(1);
        let check = |now| {
            identity.check_dates(Path::new("cert.pem"), now).map_err(|problem| problem.to_string())
        };
        assert_eq!(check(not_before), Ok(()));
        assert_eq!(check(not_after), Ok(()));
        assert_eq!(
            check(not_after + second).unwrap_err(),
            "the certificate `CN=a.test` in `cert.pem` expired on 2021-02-03 00:00:00 UTC"
        );
        assert_eq!(
            check(not_before - second).unwrap_err(),
            "the certificate `CN=a.test` in `cert.pem` is not valid before 2020-01-01 00:00:00 UTC"
        );
    }

    #[test]
    fn a_key_without_line_ends_is_not_shown() {
        let issued = Authority::new("root").issue("a.test");
        let secret = issued.key.lines().nth(1).unwrap();
        for (from, to) in [("\n", ""), ("\n", " "), ("-----\n", "-----"), ("KEY-----\n", "KEY")] {
            let said = problem(&issued.certificate, &issued.key.replace(from, to));
            assert!(!said.contains(&secret[..8]) && said.contains("PRIVATE KEY"), "{said}");
        }
        let said = problem(&issued.certificate, &issued.key.replacen("-----\n", "-----", 1));
        assert_eq!(
            said,
            "`key.pem` is damaged (the line `-----BEGIN PRIVATE KEY-----…` begins no block)"
        );
    }

    #[test]
    fn debug_output_hides_the_key() {
        let issued = Authority::new("root").issue("a.test");
        let identity = find(&issued.certificate, &issued.key).unwrap();
        let shown = format!("{:?}", identity.certified_key);
        let secret = format!("{:?}", &private_key(&issued).secret_der()[36..40]);
        assert!(!shown.contains(secret.trim_matches(['[', ']'])), "{shown}");
    }
}
