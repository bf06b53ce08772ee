//! Tests of servers that select a certificate by the requested name.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use rcgen::{CertificateParams, PKCS_RSA_SHA256, SanType, date_time_ymd};

use super::pki::leaf;
use super::*;
use crate::plan::TlsIdentitySource;
use crate::tls::store::directory::CertificateDirectory;
use crate::tls::store::index::Requested;
use crate::tls::store::retain::Previous;
use crate::tls::store::unsettled::{GracePeriod, Unsettled};

impl Scene {
    /// A server with a directory of certificates, which is still empty.
    pub(super) fn with_directory() -> Self {
        let mut scene = Self::new();
        fs::create_dir(scene.place.0.join("certs")).unwrap();
        scene.accept.identity = TlsIdentitySource::Directory(scene.place.0.join("certs"));
        scene
    }

    /// Creates a file in the directory.
    pub(super) fn put(&self, name: &str, text: &str) -> PathBuf {
        self.place.file(&format!("certs/{name}"), text)
    }

    /// The subject of the certificate that a client gets for a name or address.
    #[track_caller]
    fn seen(&self, asked: &str) -> String {
        let mut connect = self.connect.clone();
        connect.name = Host::parse(asked);
        let connector = Connector::load(&connect, None).unwrap();
        let (_, client) = smol::block_on(meet(&self.acceptor(), &connector));
        match client {
            Ok(client) => first(&client),
            Err(said) => said,
        }
    }

    /// The error of loading the directory, without the path of the test's directory.
    #[track_caller]
    fn refused(&self) -> String {
        let problem = Acceptor::load(&self.accept, None).err().unwrap().to_string();
        problem.replace(self.place.0.to_str().unwrap(), "")
    }
}

/// The subject of the peer's first certificate.
#[track_caller]
pub(super) fn first(connection: &Connection) -> String {
    let der = connection.tls().unwrap().peer_certificates().next().unwrap().to_vec();
    CertificateInfo::parse(&der).unwrap().subject
}

/// A certificate for several names that is valid until the end of a year; the year is its subject.
fn until(year: i32, names: &[&str]) -> CertificateParams {
    let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut params = leaf(&year.to_string());
    params.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
    params.not_after = date_time_ymd(year, 12, 31);
    params
}

#[test]
fn the_name_asked_for_chooses() {
    let scene = Scene::with_directory();
    for name in ["b.test", "*.b.test", "x.b.test", "xn--bcher-kva.test"] {
        let file = name.replace('*', "any");
        scene.put(&format!("{file}.pem"), &scene.authority.issue(name).both());
    }
    assert_eq!(scene.seen("b.test"), "CN=b.test");
    assert_eq!(scene.seen("X.B.Test"), "CN=x.b.test", "exactly this name comes first");
    assert_eq!(scene.seen("Y.b.test"), "CN=*.b.test");
    assert_eq!(scene.seen("b\u{fc}cher.test"), "CN=xn--bcher-kva.test");
    let other = "is not for `a.b.b.test` (it is for `*.b.test`)";
    assert_eq!(scene.seen("a.b.b.test"), format!("its certificate `CN=*.b.test` {other}"));
}

#[test]
fn keys_and_certificates_may_be_in_any_file() {
    let scene = Scene::with_directory();
    fs::create_dir_all(scene.place.0.join("certs/a/b")).unwrap();
    let middle = scene.authority.below("middle");
    let issued = middle.issue("b.test");
    scene.put("leaf.pem", &issued.certificate);
    scene.put("a/key.pem", &issued.key);
    scene.put("a/b/middle.pem", &middle.pem);
    scene.put("root.pem", &scene.authority.pem);
    scene.put("notes.txt", "not a certificate");
    scene.put("upper.PEM", "the suffix has another case");
    let mut connect = scene.connect.clone();
    connect.name = Host::parse("b.test");
    let connector = Connector::load(&connect, None).unwrap();
    let (_, client) = smol::block_on(meet(&scene.acceptor(), &connector));
    assert_eq!(client.unwrap().tls().unwrap().peer_certificates().len(), 2);
}

#[test]
fn a_file_may_have_any_name() {
    let mut scene = Scene::new();
    let text = [scene.authority.issue("b.test").both(), scene.authority.issue("c.test").both()];
    scene.accept.identity =
        TlsIdentitySource::Directory(scene.place.file("all.crt", &text.concat()));
    assert_eq!(scene.seen("c.test"), "CN=c.test");
    assert_eq!(scene.seen("b.test"), "CN=b.test");
}

#[test]
fn the_certificate_that_is_valid_longest_wins() {
    let scene = Scene::with_directory();
    for year in [2990, 2992, 2991] {
        let issued = scene.authority.issue_as(&until(year, &["b.test", &format!("y{year}.test")]));
        scene.put(&format!("{year}.pem"), &issued.both());
    }
    let mut early = until(2999, &["b.test"]);
    early.not_before = date_time_ymd(2998, 1, 1);
    scene.put("early.pem", &scene.authority.issue_as(&early).both());
    scene.put("late.pem", &scene.authority.issue_as(&until(2020, &["b.test"])).both());
    assert_eq!(scene.seen("b.test"), "CN=2992");
    assert_eq!(scene.seen("y2990.test"), "CN=2990");
    // A valid wildcard takes precedence over an expired certificate for the exact name.
    scene.put("old.pem", &scene.authority.issue_as(&until(2020, &["c.b.test"])).both());
    assert_eq!(
        scene.seen("c.b.test"),
        "its certificate `CN=2020` expired on 2020-12-31 00:00:00 UTC"
    );
    scene.put("any.pem", &scene.authority.issue("*.b.test").both());
    assert_eq!(scene.seen("c.b.test"), "CN=*.b.test");
}

#[test]
fn the_default_is_the_first_by_file_name() {
    let scene = Scene::with_directory();
    scene.put("b.pem", &scene.authority.issue("b.test").both());
    scene.put("c.pem", &scene.authority.issue("c.test").both());
    let seen = |asked| scene.seen(asked);
    let b = "its certificate `CN=b.test` is not for";
    assert_eq!(seen("d.test"), format!("{b} `d.test` (it is for `b.test`)"));
    assert_eq!(seen("::1"), format!("{b} `::1` (it is for `b.test`)"), "asks for no name");
    let mut nameless = leaf("d.test");
    nameless.subject_alt_names.clear();
    scene.put("a.pem", &scene.authority.issue_as(&nameless).both());
    assert_eq!(seen("d.test"), format!("{b} `d.test` (it is for `b.test`)"), "it has no name");
    scene.put("a.pem", &scene.authority.issue_as(&until(2020, &["a.test"])).both());
    assert_eq!(seen("d.test"), format!("{b} `d.test` (it is for `b.test`)"), "it has expired");
}

#[test]
fn a_client_of_an_address_receives_its_certificate() {
    let scene = Scene::with_directory();
    scene.put("a.pem", &scene.authority.issue("a.test").both());
    let mut params = leaf("127.0.0.1");
    params.subject_alt_names.push(SanType::DnsName("b.test".try_into().unwrap()));
    scene.put("b.pem", &scene.authority.issue_as(&params).both());
    assert_eq!(scene.seen("127.0.0.1"), "CN=127.0.0.1");
    assert_eq!(scene.seen("a.test"), "CN=a.test", "a name says more than an address");
    assert_eq!(scene.seen("b.test"), "CN=127.0.0.1");
}

#[test]
fn one_bad_file_does_not_affect_others() {
    let scene = Scene::with_directory();
    scene.put("good.pem", &scene.authority.issue("a.test").both());
    let issued = scene.authority.issue("b.test");
    scene.put("cut.pem", &issued.both().replace("-----END CERTIFICATE-----", ""));
    scene.put("empty.pem", "");
    scene.put("key.pem", &scene.authority.issue("c.test").key);
    scene.put("leaf.pem", &scene.authority.issue("d.test").certificate);
    symlink("nowhere", scene.place.0.join("certs/gone.pem")).unwrap();
    symlink("/dev/zero", scene.place.0.join("certs/zero.pem")).unwrap();
    symlink(".", scene.place.0.join("certs/round")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        scene.place.0.join("certs/fifo.pem"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert_eq!(scene.seen("a.test"), "CN=a.test");
    let reading = scene.acceptor().store().unwrap().read_now();
    let root = scene.place.0.to_str().unwrap();
    let problems: Vec<_> =
        reading.problems.iter().map(|it| it.to_string().replace(root, "")).collect();
    assert_eq!(
        problems,
        [
            "`/certs/cut.pem` is damaged (expected the line `-----END CERTIFICATE-----`, \
             but found the end of the file)",
            "`/certs/empty.pem` is empty (expected certificates or keys in PEM form)",
            "cannot read `/certs/gone.pem`: no such file or directory (os error 2)",
            "the private key of the certificate `CN=d.test` in `/certs/leaf.pem` \
             is not in `/certs`",
            "the private key in `/certs/key.pem` belongs to no certificate in `/certs`",
        ]
    );
}

#[test]
fn a_directory_without_a_certificate_is_refused() {
    let mut scene = Scene::with_directory();
    let nothing = "there is no certificate to present in `/certs`";
    assert_eq!(scene.refused(), format!("{nothing} (no file in it ends in `.pem`)"));
    scene.put("root.pem", &scene.authority.pem);
    assert_eq!(scene.refused(), format!("{nothing} (there is no private key in it)"));
    let old = scene.put("a.pem", &scene.authority.issue_as(&until(2020, &["a.test"])).both());
    let expired = "the certificate `CN=2020` in `/certs/a.pem` expired on 2020-12-31 00:00:00 UTC";
    assert_eq!(scene.refused(), format!("{nothing} ({expired})"));
    scene.accept.identity = TlsIdentitySource::Directory(old);
    assert_eq!(scene.refused(), expired, "of one file there is no more to say");
    scene.accept.identity = TlsIdentitySource::Directory(scene.place.0.join("absent"));
    assert_eq!(scene.refused(), "cannot read `/absent`: no such file or directory (os error 2)");
}

#[test]
fn directories_have_size_limits() {
    let scene = Scene::with_directory();
    scene.put("a.pem", &scene.authority.issue("a.test").both());
    let deep = scene.place.0.join("certs").join(["x"; 17].join("/"));
    fs::create_dir_all(&deep).unwrap();
    assert_eq!(
        scene.refused(),
        "there are more than 16 levels of directories in `/certs`, the limit for directories of certificates"
    );
    fs::remove_dir(deep).unwrap();
    scene.put("long.pem", &"x".repeat(1024 * 1024 + 1));
    assert_eq!(scene.seen("a.test"), "CN=a.test");
    for number in 0..4096 {
        scene.put(&format!("{number}.pem"), "");
    }
    assert_eq!(
        scene.refused(),
        "there are more than 4096 `.pem` files in `/certs`, the limit for directories of certificates"
    );
}

#[test]
fn links_of_certbot_and_kubernetes_are_followed() {
    let scene = Scene::with_directory();
    let certs = scene.place.0.join("certs");
    let issued = scene.authority.issue("a.test");
    fs::create_dir_all(scene.place.0.join("archive")).unwrap();
    fs::create_dir_all(certs.join("a.test")).unwrap();
    scene.place.file("archive/cert1", &issued.certificate);
    scene.place.file("archive/key1", &issued.key);
    symlink("../../archive/cert1", certs.join("a.test/cert.pem")).unwrap();
    symlink("../../archive/cert1", certs.join("a.test/fullchain.pem")).unwrap();
    symlink("../../archive/key1", certs.join("a.test/privkey.pem")).unwrap();
    assert_eq!(
        scene.acceptor().store().unwrap().read_now().certificates,
        1,
        "though it stands in two files"
    );
    fs::create_dir(certs.join("..2030_01_01")).unwrap();
    scene.put("..2030_01_01/b.pem", &scene.authority.issue("b.test").both());
    symlink("..2030_01_01", certs.join("..data")).unwrap();
    symlink("..data/b.pem", certs.join("b.pem")).unwrap();
    assert_eq!(scene.seen("b.test"), "CN=b.test");
    assert_eq!(scene.acceptor().store().unwrap().read_now().certificates, 2);
    fs::remove_file(certs.join("b.pem")).unwrap();
    assert_eq!(
        scene.acceptor().store().unwrap().read_now().certificates,
        1,
        "only what is linked to counts"
    );
}

#[test]
fn a_certificate_with_an_unsupported_signature_is_skipped() {
    use rustls::SignatureScheme::{ECDSA_NISTP256_SHA256, ED25519, RSA_PSS_SHA256};
    let scene = Scene::with_directory();
    scene.put("rsa.pem", &scene.authority.issue_with("a.test", &PKCS_RSA_SHA256).both());
    let mut longer = leaf("a.test");
    longer.not_after += Duration::from_secs(60 * 60 * 24);
    scene.put("p256.pem", &scene.authority.issue_as(&longer).both());
    let unsettled = &Unsettled::default();
    let previous = Previous { identities: &[], unsettled, grace: GracePeriod::Over };
    let (path, now) = (scene.place.0.join("certs"), SystemTime::now());
    let (directory, _) =
        CertificateDirectory::read(&path, now, &previous, &mut Vec::new()).unwrap();
    let signs = |scheme| {
        let key = directory.select(Requested::Name("a.test"), &[scheme]);
        key.key.choose_scheme(&[scheme]).is_some()
    };
    assert!(signs(RSA_PSS_SHA256) && signs(ECDSA_NISTP256_SHA256) && !signs(ED25519));
}
