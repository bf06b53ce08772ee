//! Tests of successful handshakes, and of the negotiated parameters.

use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::pki::{leaf, self_signed};
use super::*;
use crate::plan::TlsVersions;
#[cfg(feature = "tls")]
use crate::step::Steps;
use crate::tls::{TlsHandshake, TlsProtocol};

/// Sends one byte in each direction, so that both sides have read all earlier messages.
pub(super) fn exchange(ends: &mut (Connection, Connection)) {
    smol::block_on(async {
        for _ in 0..2 {
            let mut byte = [0];
            ends.0.write_all(b"a").await.unwrap();
            ends.0.flush().await.unwrap();
            ends.1.read_exact(&mut byte).await.unwrap();
            std::mem::swap(&mut ends.0, &mut ends.1);
        }
    });
}

#[test]
fn both_sides_know_the_negotiated_parameters() {
    let scene = Scene::new();
    let (server, client) = scene.connected();
    for side in [&server, &client] {
        let facts = side.tls().unwrap();
        assert_eq!(facts.protocol(), TlsProtocol::Tls13);
        assert_eq!(facts.protocol().to_string(), "TLS 1.3");
        assert!(facts.cipher().starts_with("TLS_"), "{}", facts.cipher());
        assert_eq!(facts.server_name(), Some("a.test"));
        assert_eq!((facts.alpn(), facts.handshake()), (None, TlsHandshake::Full));
        #[cfg(feature = "tls")]
        assert_eq!(facts.group(), Some("X25519MLKEM768"), "post-quantum exchange comes first");
    }
    assert_eq!(server.tls().unwrap().peer_certificates().len(), 0);
    assert_eq!(client.tls().unwrap().peer_certificates().len(), 1);
    assert_eq!(server.peer_address(), client.local_address());
    let chosen_for_the_process = rustls::crypto::CryptoProvider::get_default();
    assert!(chosen_for_the_process.is_none(), "that is the business of programs");
}

#[cfg(feature = "tls")]
#[test]
fn post_quantum_exchange_is_offered_first() {
    let connector = Scene::new().connector();
    let (mut server, client) = smol::block_on(plain());
    let mut hello = vec![0; 16 * 1024];
    let read = smol::block_on(async {
        let connecting = async {
            let _ = connector.connect(client, &Steps::new(None, false)).await;
            unreachable!("the handshake does not end");
        };
        smol::future::or(server.read(&mut hello), connecting).await.unwrap()
    });
    // `supported_groups` (RFC 8446, section 4.2.7) with its two lengths, and X25519MLKEM768
    // (0x11ec).
    let mut places = hello[..read].windows(8);
    assert!(places.any(|it| it[..3] == [0, 10, 0] && it[6..] == [0x11, 0xec]));
}

#[test]
fn the_versions_are_those_of_the_description() {
    let mut scene = Scene::new();
    scene.accept.versions = TlsVersions::Tls12;
    let (server, client) = scene.connected();
    assert_eq!(server.tls().unwrap().protocol(), TlsProtocol::Tls12);
    assert_eq!(client.tls().unwrap().protocol(), TlsProtocol::Tls12);
}

#[test]
fn addresses_are_verified_against_those_of_the_certificate() {
    for address in ["127.0.0.1", "::1"] {
        let mut scene = Scene::new();
        scene.accept.identity =
            scene.place.identity("address.pem", &scene.authority.issue(address)).into();
        scene.connect.name = Host::parse(address);
        let (server, client) = scene.connected();
        assert_eq!(server.tls().unwrap().server_name(), None);
        assert_eq!(client.tls().unwrap().server_name(), None);
    }
}

#[test]
fn names_may_end_in_a_dot_and_be_written_in_any_script() {
    let mut scene = Scene::new();
    scene.connect.name = Host::parse("A.Test.");
    scene.connected();
    let issued = scene.authority.issue("xn--bcher-kva.example");
    scene.accept.identity = scene.place.identity("idna.pem", &issued).into();
    scene.connect.name = Host::parse("b\u{fc}cher.example");
    let (server, _client) = scene.connected();
    assert_eq!(server.tls().unwrap().server_name(), Some("xn--bcher-kva.example"));
}

#[test]
fn a_wildcard_matches_one_label() {
    let mut scene = Scene::new();
    scene.accept.identity =
        scene.place.identity("wild.pem", &scene.authority.issue("*.b.test")).into();
    scene.connect.name = Host::parse("A.b.test");
    scene.connected();
    scene.connect.name = Host::parse("a.a.b.test");
    assert_eq!(
        scene.meet().1.unwrap_err(),
        "its certificate `CN=*.b.test` is not for `a.a.b.test` (it is for `*.b.test`)"
    );
}

#[test]
fn the_chain_may_come_from_a_file_of_its_own() {
    let mut scene = Scene::new();
    let middle = scene.authority.below("middle");
    let mut identity = scene.place.identity("leaf.pem", &middle.issue("a.test"));
    identity.chain = Some(scene.place.file("chain.pem", &middle.pem.replace('\n', "\r\n")));
    scene.accept.identity = identity.into();
    let (_, client) = scene.connected();
    assert_eq!(client.tls().unwrap().peer_certificates().len(), 2);
}

#[test]
fn a_client_presents_its_certificate_on_request() {
    let mut scene = Scene::new();
    let issued = scene.authority.issue("client");
    let key = scene.place.file("client.key", &issued.key);
    let certificate = scene.place.file("client.pem", &issued.certificate);
    scene.connect.identity = Some(TlsIdentity::new(certificate).with_key(key).into());
    let (server, _client) = scene.connected();
    assert_eq!(server.tls().unwrap().peer_certificates().len(), 0, "none was requested");
    scene.accept.client_cas = scene.connect.trust_roots.clone();
    let (server, _client) = scene.connected();
    assert_eq!(server.tls().unwrap().peer_certificates().len(), 1);
}

#[test]
fn the_server_chooses_the_protocol() {
    let mut scene = Scene::new();
    scene.accept.alpn = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    scene.connect.alpn = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    let (server, client) = scene.connected();
    assert_eq!(server.tls().unwrap().alpn(), Some(&b"h2"[..]));
    assert_eq!(client.tls().unwrap().alpn(), Some(&b"h2"[..]));
    scene.connect.alpn = Vec::new();
    assert_eq!(
        scene.connected().0.tls().unwrap().alpn(),
        None,
        "a client without protocols is served"
    );
    scene.connect.alpn = vec![b"smtp".to_vec()];
    scene.accept.alpn = Vec::new();
    assert_eq!(
        scene.connected().1.tls().unwrap().alpn(),
        None,
        "a server without protocols accepts any"
    );
}

#[test]
fn a_session_is_resumed() {
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let mut scene = Scene::new();
        scene.accept.versions = versions;
        scene.accept.client_cas = scene.connect.trust_roots.clone();
        let issued = scene.authority.issue("client");
        scene.connect.identity = Some(scene.place.identity("client.pem", &issued).into());
        let (acceptor, connector) = (scene.acceptor(), scene.connector());
        for expected in [TlsHandshake::Full, TlsHandshake::Resumed, TlsHandshake::Resumed] {
            let (server, client) = smol::block_on(meet(&acceptor, &connector));
            let mut ends = (server.unwrap(), client.unwrap());
            exchange(&mut ends);
            for end in [&ends.0, &ends.1] {
                let facts = end.tls().unwrap();
                assert_eq!(facts.handshake(), expected, "{versions}");
                assert_eq!(facts.peer_certificates().len(), 1, "known from the first one");
            }
        }
    }
}

#[test]
fn a_directly_trusted_certificate_needs_no_authority() {
    let mut scene = Scene::new();
    let mut params = leaf("a.test");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issued = self_signed(&params);
    scene.connect.trust_roots = Some(scene.place.file("own.pem", &issued.certificate).into());
    let (acceptor, connector) = (scene.showing(&issued), scene.connector());
    let (server, client) = smol::block_on(meet(&acceptor, &connector));
    assert!(server.is_ok() && client.is_ok(), "as `openssl req -x509` makes it");
    scene.accept.client_cas = scene.connect.trust_roots.clone();
    scene.connect.identity = Some(scene.place.identity("mine.pem", &issued).into());
    let (server, _client) = smol::block_on(meet(&scene.showing(&issued), &scene.connector()));
    assert_eq!(server.unwrap().tls().unwrap().peer_certificates().len(), 1, "clients, too");
    scene.connect.name = Host::parse("b.test");
    let (_, client) = smol::block_on(meet(&acceptor, &scene.connector()));
    assert_eq!(
        client.unwrap_err(),
        "its certificate `CN=a.test` is not for `b.test` (it is for `a.test`)"
    );
}
