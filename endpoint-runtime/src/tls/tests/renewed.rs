//! What a change of certificates means for those who come after it.

use super::directories::first;
use super::verified::exchange;
use super::*;
use crate::plan::TlsShown;
use crate::tls::TlsHandshake;
use crate::tls::directory::{Directory, Past};
use crate::tls::reload::Patience;
use crate::tls::watch::Unsettled;

/// Both ends of a connection, after something was said.
#[track_caller]
fn connected(acceptor: &Acceptor, connector: &Connector) -> (Connection, Connection) {
    let (server, client) = smol::block_on(meet(acceptor, connector));
    let mut ends = (server.unwrap(), client.unwrap());
    exchange(&mut ends);
    ends
}

#[test]
fn a_session_from_before_does_not_hide_a_new_certificate() {
    let scene = Scene::new();
    let (acceptor, connector) = (scene.acceptor(), scene.connector());
    let how = |expected: TlsHandshake| {
        let (server, client) = connected(&acceptor, &connector);
        assert_eq!(server.tls().unwrap().handshake(), expected);
        client.tls().unwrap().peer_certificates().next().unwrap().to_vec()
    };
    let old = how(TlsHandshake::Full);
    assert_eq!(how(TlsHandshake::Resumed), old);
    assert!(!acceptor.state().read_now().has_changed);
    assert_eq!(how(TlsHandshake::Resumed), old, "nothing has changed");
    scene.place.identity("server.pem", &scene.authority.issue("a.test"));
    acceptor.state().read_now();
    let new = how(TlsHandshake::Full);
    assert_ne!(new, old);
    assert_eq!(how(TlsHandshake::Resumed), new);
}

#[test]
fn the_authorities_of_clients_are_read_again_too() {
    let mut scene = Scene::new();
    let other = Authority::new("other");
    let root = scene.place.file("clients.pem", &scene.authority.pem);
    scene.accept.client_cas = Some(root.clone());
    let issued = scene.authority.issue("client");
    scene.connect.identity = Some(scene.place.identity("client.pem", &issued));
    let (acceptor, connector) = (scene.acceptor(), scene.connector());
    connected(&acceptor, &connector);
    std::fs::write(root, &other.pem).unwrap();
    assert!(acceptor.state().read_now().has_changed);
    let (server, _) = smol::block_on(meet(&acceptor, &connector));
    assert_eq!(
        server.unwrap_err(),
        "its certificate `CN=client` comes from `CN=root`, \
         and no authority that is trusted here stands for that"
    );
}

#[test]
fn nothing_is_read_because_somebody_asks() {
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
    acceptor.state().read_now();
    assert_eq!(first(&asked().unwrap()), "CN=b.test");
}

#[test]
fn what_is_wrong_is_said_when_it_lasts_and_once() {
    let scene = Scene::with_directory();
    scene.put("a.pem", &scene.authority.issue("a.test").both());
    let acceptor = scene.showing_directory();
    let read = |patience| acceptor.state().read_again(&Unsettled::default(), patience);
    assert!(!read(Patience::Left), "nothing is wrong");
    scene.put("b.pem", "");
    assert!(read(Patience::Left), "it may pass");
    assert!(!read(Patience::Ended), "it was said");
    assert!(!read(Patience::Left), "and is not said again");
    scene.put("c.pem", "");
    assert!(read(Patience::Left), "this is something else");
    std::fs::remove_file(scene.place.0.join("certs/c.pem")).unwrap();
    assert!(!read(Patience::Left), "it has passed");
}

#[test]
fn what_was_removed_stays_for_a_moment() {
    let scene = Scene::with_directory();
    scene.put("a.pem", &scene.authority.issue("a.test").both());
    let gone = scene.put("b.pem", &scene.authority.issue("b.test").both());
    let acceptor = scene.showing_directory();
    std::fs::remove_file(gone).unwrap();
    let read = |patience| acceptor.state().read_again(&Unsettled::default(), patience);
    assert!(read(Patience::Left));
    assert_eq!(acceptor.state().current().shown.len(), 2);
    assert!(!read(Patience::Ended));
    assert_eq!(acceptor.state().current().shown.len(), 1);
}

impl Scene {
    /// A server whose directory nobody watches.
    fn showing_directory(&self) -> Acceptor {
        let TlsShown::Directory(path) = &self.accept.identity else { unreachable!() };
        let unsettled = &Unsettled::default();
        let past = Past { before: None, unsettled, patience: Patience::Ended };
        let now = SystemTime::now();
        let (directory, _) = Directory::read(path, now, &past, &mut Vec::new()).unwrap();
        Acceptor::showing(Shown::Directory(directory.into()), &self.accept).unwrap()
    }
}
