//! Tests of connections after a change of certificates.

use std::os::unix::fs::MetadataExt;

use rcgen::date_time_ymd;

use super::directories::first;
use super::pki::leaf;
use super::verified::exchange;
use super::*;
use crate::plan::TlsIdentitySource;
use crate::tls::TlsHandshake;
use crate::tls::store::directory::CertificateDirectory;
use crate::tls::store::reader::CurrentPath;
use crate::tls::store::retain::Previous;
use crate::tls::store::unsettled::{GracePeriod, Unsettled};

/// Both ends of a connection, after bytes were exchanged.
#[track_caller]
fn connected(acceptor: &Acceptor, connector: &Connector) -> (Connection, Connection) {
    let (server, client) = smol::block_on(meet(acceptor, connector));
    let mut ends = (server.unwrap(), client.unwrap());
    exchange(&mut ends);
    ends
}

#[test]
fn an_old_session_does_not_hide_a_new_certificate() {
    let scene = Scene::new();
    let (acceptor, connector) = (scene.acceptor(), scene.connector());
    let how = |expected: TlsHandshake| {
        let (server, client) = connected(&acceptor, &connector);
        assert_eq!(server.tls().unwrap().handshake(), expected);
        client.tls().unwrap().peer_certificates().next().unwrap().to_vec()
    };
    let old = how(TlsHandshake::Full);
    assert_eq!(how(TlsHandshake::Resumed), old);
    assert!(!acceptor.store().unwrap().read_now().has_changed);
    assert_eq!(how(TlsHandshake::Resumed), old, "nothing has changed");
    scene.place.identity("server.pem", &scene.authority.issue("a.test"));
    acceptor.store().unwrap().read_now();
    let new = how(TlsHandshake::Full);
    assert_ne!(new, old);
    assert_eq!(how(TlsHandshake::Resumed), new);
}

#[test]
fn the_authorities_of_clients_are_read_again_too() {
    let mut scene = Scene::new();
    let other = Authority::new("other");
    let root = scene.place.file("clients.pem", &scene.authority.pem);
    scene.accept.client_cas = Some(root.clone().into());
    let issued = scene.authority.issue("client");
    scene.connect.identity = Some(scene.place.identity("client.pem", &issued).into());
    let (acceptor, connector) = (scene.acceptor(), scene.connector());
    connected(&acceptor, &connector);
    std::fs::write(root, &other.pem).unwrap();
    assert!(acceptor.store().unwrap().read_now().has_changed);
    let (server, _) = smol::block_on(meet(&acceptor, &connector));
    assert_eq!(
        server.unwrap_err(),
        "its certificate `CN=client` was issued by `CN=root`, and no chain leads from there to a trusted authority"
    );
}

#[test]
fn handshakes_read_no_files() {
    let scene = Scene::with_directory();
    scene.put("a.pem", &scene.authority.issue("a.test").both());
    let acceptor = scene.showing_directory();
    scene.put("b.pem", &scene.authority.issue("b.test").both());
    let mut connect = scene.connect.clone();
    connect.name = Host::parse("b.test");
    let connector = Connector::load(&connect, None).unwrap();
    let asked = || smol::block_on(meet(&acceptor, &connector)).1;
    let other = "its certificate `CN=a.test` is not for `b.test` (it is for `a.test`)";
    assert_eq!(asked().unwrap_err(), other);
    assert_eq!(asked().unwrap_err(), other);
    acceptor.store().unwrap().read_now();
    assert_eq!(first(&asked().unwrap()), "CN=b.test");
}

#[test]
fn a_lasting_problem_is_reported_once() {
    let scene = Scene::with_directory();
    scene.put("a.pem", &scene.authority.issue("a.test").both());
    let acceptor = scene.showing_directory();
    let read = |grace| read_again(&acceptor, &Unsettled::default(), grace);
    assert!(!read(GracePeriod::Running), "nothing is wrong");
    assert_eq!(counted(&acceptor), (1, 0));
    scene.put("b.pem", "");
    assert!(read(GracePeriod::Running), "it may pass");
    assert_eq!(counted(&acceptor), (1, 0), "it is not over");
    assert!(!read(GracePeriod::Over), "it was said");
    assert!(!read(GracePeriod::Running), "and is not said again");
    assert_eq!(counted(&acceptor), (1, 2), "it is counted for as long as it lasts");
    scene.put("c.pem", "");
    assert!(read(GracePeriod::Running), "this is something else");
    std::fs::remove_file(scene.place.0.join("certs/c.pem")).unwrap();
    assert!(!read(GracePeriod::Running), "it has passed");
    std::fs::remove_file(scene.place.0.join("certs/b.pem")).unwrap();
    acceptor.store().unwrap().read_now();
    assert_eq!(counted(&acceptor), (2, 3));
}

#[test]
fn a_partly_written_file_is_retried() {
    let scene = Scene::new();
    let acceptor = scene.acceptor();
    let shown = &scene.accept.identity;
    let TlsIdentitySource::Certificate(TlsIdentity { certificate: path, .. }) = shown else {
        panic!()
    };
    let file = path.metadata().unwrap();
    let written = Unsettled::from_iter([(file.dev(), file.ino())]);
    assert!(!read_again(&acceptor, &written, GracePeriod::Running));
    assert_eq!(counted(&acceptor), (0, 0));
    assert!(!read_again(&acceptor, &Unsettled::default(), GracePeriod::Running));
    assert_eq!(counted(&acceptor), (1, 0));
}

#[test]
fn a_chain_expires_with_its_first_certificate() {
    let scene = Scene::with_directory();
    let expires = |year| SystemTime::from(date_time_ymd(year, 1, 1));
    let middle = scene.authority.below_until("middle", 2990);
    let mut params = leaf("a.test");
    params.not_after = date_time_ymd(2995, 1, 1);
    let issued = middle.issue_as(&params);
    let path = scene.put("a.pem", &[issued.both(), middle.pem].concat());
    let other = scene.put("b.pem", &scene.authority.issue_as(&params).both());
    let acceptor = scene.showing_directory();
    let shown = acceptor.store().unwrap().presented();
    let shown: Vec<_> = shown.iter().map(|it| (&*it.path, &*it.subject, it.expires)).collect();
    let all = [(&*path, "CN=a.test", expires(2990)), (&*other, "CN=a.test", expires(2995))];
    assert_eq!(shown, all);

    let one = Scene::new();
    let shown = one.acceptor().store().unwrap().presented();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].path, one.place.0.join("server.pem"));
}

/// Reads and reports files like the watch; `true` if a problem may disappear in the grace period.
fn read_again(acceptor: &Acceptor, unsettled: &Unsettled, grace: GracePeriod) -> bool {
    let store = acceptor.store().unwrap();
    let reading = store.read(unsettled, grace, &CurrentPath::new(""));
    store.report(&reading, unsettled, grace)
}

/// The numbers of successful and failed readings.
fn counted(acceptor: &Acceptor) -> (u64, u64) {
    let reloads = acceptor.store().unwrap().reloads();
    (reloads.succeeded, reloads.failed)
}

#[test]
fn removed_certificates_stay_for_a_moment() {
    let scene = Scene::with_directory();
    scene.put("a.pem", &scene.authority.issue("a.test").both());
    let gone = scene.put("b.pem", &scene.authority.issue("b.test").both());
    let acceptor = scene.showing_directory();
    std::fs::remove_file(gone).unwrap();
    let read = |grace| read_again(&acceptor, &Unsettled::default(), grace);
    assert!(read(GracePeriod::Running));
    assert_eq!(acceptor.store().unwrap().current().loaded.presented.as_ref().unwrap().len(), 2);
    assert!(!read(GracePeriod::Over));
    assert_eq!(acceptor.store().unwrap().current().loaded.presented.as_ref().unwrap().len(), 1);
}

impl Scene {
    /// A server with a directory that is not watched.
    fn showing_directory(&self) -> Acceptor {
        let TlsIdentitySource::Directory(path) = &self.accept.identity else { unreachable!() };
        let unsettled = &Unsettled::default();
        let previous = Previous { identities: &[], unsettled, grace: GracePeriod::Over };
        let now = SystemTime::now();
        let (directory, _) =
            CertificateDirectory::read(path, now, &previous, &mut Vec::new()).unwrap();
        Acceptor::presenting(Presented::Directory(directory.into()), &self.accept).unwrap()
    }
}
