//! PEM files: certificates and private keys, in any order and with either kind of line ends.
//!
//! What is wrong is said with the name of the file, and never with what a key is made of.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::pki_types::pem::{self, PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use zeroize::{Zeroize, Zeroizing};

use super::certificate::{Certificate, Known, chain};
use super::provider;
use crate::error::{PemDamage, TlsFileProblem};
use crate::plan::TlsIdentity;
use crate::quoted::Quoted;

/// The longest file that is read where one is named: all authorities of a platform take a quarter of a megabyte.
pub(crate) const LONGEST: u64 = 16 * 1024 * 1024;

/// What is in a file.
pub(crate) struct PemFile {
    path: PathBuf,
    certificates: Vec<CertificateDer<'static>>,
    keys: Vec<PrivateKeyDer<'static>>,
    has_encrypted_key: bool,
    /// What the blocks are called.
    labels: Vec<String>,
}

impl PemFile {
    /// Reads a file. Blocks.
    pub(crate) fn read(path: &Path) -> Result<Self, TlsFileProblem> {
        let unreadable = |error| TlsFileProblem::Unreadable { path: path.to_owned(), error };
        Self::read_at_most(path, File::open(path).map_err(unreadable)?, LONGEST)
    }

    /// Reads a file that is open, of so many bytes at most. Blocks.
    pub(crate) fn read_at_most(
        path: &Path,
        file: File,
        limit: u64,
    ) -> Result<Self, TlsFileProblem> {
        let unreadable = |error| TlsFileProblem::Unreadable { path: path.to_owned(), error };
        // Room for all of it: a vector that grows leaves copies of keys behind.
        let room = file.metadata().map_err(unreadable)?.len().min(limit) + 1;
        let mut text = Zeroizing::new(Vec::new());
        text.reserve_exact(usize::try_from(room).unwrap_or(0));
        file.take(limit + 1).read_to_end(&mut text).map_err(unreadable)?;
        if text.len() as u64 > limit {
            return Err(TlsFileProblem::TooLong { path: path.to_owned(), limit });
        }
        Self::parse(path, &text)
    }

    /// Where it was read.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what a file holds.
    pub(crate) fn parse(path: &Path, text: &[u8]) -> Result<Self, TlsFileProblem> {
        let path = path.to_owned();
        if text.trim_ascii().is_empty() {
            return Err(TlsFileProblem::Empty { path });
        }
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut file = Self {
            path,
            certificates: Vec::new(),
            keys: Vec::new(),
            has_encrypted_key: has_encrypted_key(text),
            labels: labels(text),
        };
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text) {
            match section {
                Ok((SectionKind::Certificate, der)) => file.certificates.push(der.into()),
                Ok((kind, der)) => file.keys.extend(PrivateKeyDer::from_pem(kind, der)),
                // A key that is encrypted the old way is not Base64 alone.
                Err(_) if file.has_encrypted_key => {}
                Err(error) => return Err(file.damaged(error)),
            }
        }
        Ok(file)
    }

    /// The certificates in it, in their order; at least one.
    pub(crate) fn certificates(&self) -> Result<&[CertificateDer<'static>], TlsFileProblem> {
        if self.certificates.is_empty() {
            let (path, found) = (self.path.clone(), self.labels.clone());
            return Err(TlsFileProblem::NoCertificate { path, found });
        }
        Ok(&self.certificates)
    }

    /// Whether there is a private key in it, be it of use or not.
    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty() || self.has_encrypted_key
    }

    /// Whether there is a certificate in it.
    pub(crate) fn has_certificates(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// Checks that there are Diffie-Hellman parameters in it.
    pub(crate) fn check_parameters(&self) -> Result<(), TlsFileProblem> {
        if self.labels.iter().any(|label| label.ends_with("DH PARAMETERS")) {
            return Ok(());
        }
        let (path, found) = (self.path.clone(), self.labels.clone());
        Err(TlsFileProblem::NoParameters { path, found })
    }

    /// The private keys in it, ready to sign; at least one.
    pub(crate) fn signing_keys(&self) -> Result<Vec<Arc<dyn SigningKey>>, TlsFileProblem> {
        let path = self.path.clone();
        if self.keys.is_empty() {
            if self.has_encrypted_key {
                return Err(TlsFileProblem::EncryptedKey { path });
            }
            return Err(TlsFileProblem::NoKey { path, found: self.labels.clone() });
        }
        let load = |key: &PrivateKeyDer<'static>| {
            provider().key_provider.load_private_key(key.clone_key()).ok()
        };
        let keys: Vec<_> = self.keys.iter().filter_map(load).collect();
        if keys.is_empty() { Err(TlsFileProblem::UnusableKey { path }) } else { Ok(keys) }
    }

    /// Certificate by certificate, what each says of itself; at least one.
    pub(crate) fn facts(&self) -> Result<Vec<Certificate>, TlsFileProblem> {
        self.certificates()?;
        Ok(self.known()?.into_iter().map(|it| it.facts).collect())
    }

    /// The certificates in it, in their order, with what each says of itself.
    pub(crate) fn known(&self) -> Result<Vec<Known>, TlsFileProblem> {
        let read = |(index, der): (usize, &CertificateDer<'static>)| {
            Known::read(der).ok_or_else(|| TlsFileProblem::BadCertificate {
                path: self.path.clone(),
                number: index + 1,
            })
        };
        self.certificates.iter().enumerate().map(read).collect()
    }

    fn damaged(&self, error: pem::Error) -> TlsFileProblem {
        let damage = match error {
            pem::Error::MissingSectionEnd { end_marker } => {
                let line = [b"-----END ", &*label(&end_marker), b"-----"].concat();
                PemDamage::NoEnd { line }
            }
            pem::Error::IllegalSectionStart { line } => {
                let begin: &[u8] = b"-----BEGIN ";
                let behind = line.strip_prefix(begin).unwrap_or_default();
                PemDamage::BadBegin { line: [begin, &*label(behind)].concat() }
            }
            pem::Error::Io(error) => {
                return TlsFileProblem::Unreadable { path: self.path.clone(), error };
            }
            _ => PemDamage::NotBase64,
        };
        TlsFileProblem::Damaged { path: self.path.clone(), damage }
    }
}

impl Drop for PemFile {
    fn drop(&mut self) {
        self.keys.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// What the blocks are called, each name once.
fn labels(text: &[u8]) -> Vec<String> {
    let mut labels = Vec::new();
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let name = line.trim_ascii().strip_prefix(b"-----BEGIN ");
        if let Some(name) = name.and_then(|it| it.strip_suffix(b"-----")) {
            let label = String::from_utf8_lossy(&label(name)).into_owned();
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    labels
}

/// As much of a name as may be shown: where line ends were lost, what a key is made of stands behind it.
fn label(name: &[u8]) -> Vec<u8> {
    const LONGEST_LABEL: usize = 40;
    let plain = |byte: &&u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' ');
    let word = name.iter().take(LONGEST_LABEL).take_while(plain).count();
    let dashes = name[word..].iter().take(5).take_while(|byte| **byte == b'-').count();
    let shown = &name[..word + dashes];
    if shown.len() < name.len() { [shown, "…".as_bytes()].concat() } else { shown.to_vec() }
}

/// Whether a key is encrypted: as PKCS#8 has it, or with OpenSSL's own headers (RFC 1421).
fn has_encrypted_key(text: &[u8]) -> bool {
    text.split(|byte| matches!(byte, b'\n' | b'\r')).any(|line| {
        line.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
            || line.starts_with(b"Proc-Type: 4,ENCRYPTED")
    })
}

/// A certificate with its chain and its key, and what it says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) key: Arc<CertifiedKey>,
    pub(crate) facts: Certificate,
    /// When the first certificate of the chain expires, and with it the whole.
    pub(crate) expires: SystemTime,
}

impl Identity {
    /// Reads the files of a certificate that has to be valid at a point in time. Blocks.
    pub(crate) fn load(files: &TlsIdentity, now: SystemTime) -> Result<Self, TlsFileProblem> {
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
            let (chain, subject) = (Quoted::new(chain), Quoted::new(&identity.facts.subject));
            tracing::warn!(
                "nothing in {chain} stands above the certificate {subject} (it is left out)"
            );
        }
        Ok(identity)
    }

    /// Finds the certificate that a key belongs to, and those above it among all that are given.
    ///
    /// The order in the files does not matter, and neither does what else is in them.
    pub(crate) fn find(
        certificates: &PemFile,
        keys: &PemFile,
        further: &[CertificateDer<'static>],
    ) -> Result<Self, TlsFileProblem> {
        certificates.certificates()?;
        let known = certificates.known()?;
        for key in keys.signing_keys()? {
            let public = key.public_key();
            let public = public.as_ref().map(AsRef::as_ref);
            let belongs = |it: &&Known| public.is_none_or(|key: &[u8]| it.facts.public_key == key);
            if let Some(leaf) = known.iter().find(belongs) {
                let further = further.iter().filter_map(Known::read);
                let pool: Vec<_> = known.iter().cloned().chain(further).collect();
                return Ok(Self::new(leaf, &pool, key));
            }
        }
        Err(TlsFileProblem::Mismatch {
            key: keys.path.clone(),
            certificate: certificates.path.clone(),
            subject: known.into_iter().next().map(|it| it.facts.subject).unwrap_or_default(),
        })
    }

    /// A certificate with those above it of `pool`.
    pub(crate) fn new(leaf: &Known, pool: &[Known], key: Arc<dyn SigningKey>) -> Self {
        let chain = chain(leaf, pool);
        let expires = chain.iter().map(|it| it.facts.not_after).min();
        let sent = chain.into_iter().map(|it| it.der.clone()).collect();
        Self {
            key: Arc::new(CertifiedKey::new(sent, key)),
            expires: expires.unwrap_or(leaf.facts.not_after),
            facts: leaf.facts.clone(),
        }
    }

    /// Whether one of these is sent along, or would be if it were no root.
    fn has_use_for(&self, further: &[CertificateDer<'static>]) -> bool {
        let is_root = |der| Certificate::read(der).is_some_and(|it| it.is_self_issued());
        further.iter().any(|der| self.key.cert.contains(der) || is_root(der))
    }

    /// Whether the certificate is valid at a point in time.
    pub(crate) fn is_valid(&self, now: SystemTime) -> bool {
        (self.facts.not_before..=self.facts.not_after).contains(&now)
    }

    /// Checks that the certificate, which stands in `path`, is valid at a point in time.
    pub(crate) fn check_dates(&self, path: &Path, now: SystemTime) -> Result<(), TlsFileProblem> {
        if self.is_valid(now) {
            return Ok(());
        }
        let (path, subject) = (path.to_owned(), self.facts.subject.clone());
        let Certificate { not_before, not_after, .. } = self.facts;
        if now > not_after {
            return Err(TlsFileProblem::Expired { path, subject, not_after });
        }
        Err(TlsFileProblem::NotYetValid { path, subject, not_before })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, date_time_ymd};
    use x509_cert::der::Decode;
    use x509_cert::der::asn1::AnyRef;

    use super::super::tests::pki::{Authority, Issued, leaf};
    use super::*;

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

    /// The key of a certificate in the form that was there before PKCS#8, which holds it.
    fn traditional(issued: &Issued, label: &str) -> String {
        let file = file("key.pem", &issued.key).unwrap();
        let parts = Vec::<AnyRef<'_>>::from_der(file.keys[0].secret_der()).unwrap();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(parts[2].value()))
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
            assert_eq!(identity.facts.subject, "CN=a.test");
            let chain = identity.key.cert.iter().map(|der| Certificate::read(der).unwrap().subject);
            assert_eq!(chain.collect::<Vec<_>>(), ["CN=a.test", "CN=middle"]);
        }
        let both = [&*other.key, &mine.key].concat();
        assert!(find(&mine.certificate, &both).is_ok(), "the second key is the right one");
    }

    #[test]
    fn what_is_missing_is_named_with_its_file() {
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
            "there is no certificate in `cert.pem` (nothing in it is in PEM form)"
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
                "the private key in `key.pem` is encrypted, and nobody can be asked for its password \
                 (`openssl pkey -in FILE` decrypts it)"
            );
        }
    }

    #[test]
    fn damage_is_described() {
        let issued = Authority::new("root").issue("a.test");
        let cut = issued.certificate.replace("-----END CERTIFICATE-----", "");
        assert_eq!(
            problem(&cut, &issued.key),
            "`cert.pem` is damaged (expected the line `-----END CERTIFICATE-----`, but found the end of the file)"
        );
        let cut = issued.certificate.replacen("-----\n", "--\n", 1);
        assert_eq!(
            problem(&cut, &issued.key),
            "`cert.pem` is damaged (the line `-----BEGIN CERTIFICATE--` begins no block)"
        );
        let changed = issued.certificate.replacen("\nM", "\n*", 1);
        assert_eq!(
            problem(&changed, &issued.key),
            "`cert.pem` is damaged (what stands in a block is not Base64)"
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
            "the private key in `key.pem` does not belong to the certificate `CN=a.test` in `cert.pem`"
        );
    }

    #[test]
    fn a_chain_for_somebody_else_is_noticed() {
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
        // It is left out as every root is.
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
        let Certificate { not_before, not_after, .. } = identity.facts;
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
    fn nothing_shows_what_a_key_is_made_of() {
        let issued = Authority::new("root").issue("a.test");
        let identity = find(&issued.certificate, &issued.key).unwrap();
        let shown = format!("{:?}", identity.key);
        let file = file("key.pem", &issued.key).unwrap();
        let secret = format!("{:?}", &file.keys[0].secret_der()[36..40]);
        assert!(!shown.contains(secret.trim_matches(['[', ']'])), "{shown}");
    }
}
