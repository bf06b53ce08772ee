//! Tests of servers that accept clients by the names in their certificates.

use rcgen::{CertificateParams, DnType, SanType};

use super::*;
use crate::plan::NamePattern;

/// A certificate with the common name `common` and these alternative names.
fn named(common: &str, names: Vec<SanType>) -> CertificateParams {
    let mut params = pki::leaf("ignored.test");
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, common);
    params.subject_alt_names = names;
    params
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn uri(name: &str) -> SanType {
    SanType::URI(name.try_into().unwrap())
}

/// The result of a client's handshake at the server: the client's name, or the error.
fn meet_named(patterns: &[&str], params: &CertificateParams) -> Result<String, String> {
    let mut scene = Scene::new();
    scene.accept.client_cas = scene.connect.trust_roots.clone();
    scene.accept.client_names = patterns.iter().map(|it| NamePattern::new(it).unwrap()).collect();
    let issued = scene.authority.issue_as(params);
    scene.connect.identity = Some(scene.place.identity("client.pem", &issued).into());
    let (server, _client) = scene.meet();
    Ok(server?.tls().unwrap().peer_name().unwrap())
}

#[test]
fn a_name_that_matches_one_pattern_is_admitted() {
    let patterns = ["*.ok.test", "spiffe://example.org/*/web", "192.0.2.7"];
    let all = [
        (dns("A.OK.test"), "A.OK.test"),
        (uri("spiffe://example.org/prod/web"), "spiffe://example.org/prod/web"),
        (SanType::IpAddress([192, 0, 2, 7].into()), "192.0.2.7"),
    ];
    for (name, said) in all {
        let params = named("someone", vec![name]);
        assert_eq!(meet_named(&patterns, &params), Ok(said.to_owned()));
    }
    let second = named("someone", vec![dns("other.test"), dns("b.ok.test")]);
    assert_eq!(meet_named(&patterns, &second), Ok("other.test".to_owned()));
}

#[test]
fn a_client_without_such_a_name_is_refused_and_named() {
    let params = named("bob", vec![dns("x.y.ok.test"), uri("spiffe://example.org/a/b/web")]);
    assert_eq!(
        meet_named(&["*.ok.test", "spiffe://example.org/*/web"], &params).unwrap_err(),
        "its certificate `CN=bob` is not allowed here (it is for `spiffe://example.org/a/b/web`, `x.y.ok.test`)"
    );
}

#[test]
fn the_common_name_counts_only_without_alternative_names() {
    assert_eq!(meet_named(&["alice"], &named("Alice", vec![])), Ok("Alice".to_owned()));
    let refused = meet_named(&["alice"], &named("alice", vec![dns("mallory.test")]));
    assert!(refused.unwrap_err().contains("not allowed"));
    let mail = SanType::Rfc822Name("mallory@example.org".try_into().unwrap());
    assert!(meet_named(&["alice"], &named("alice", vec![mail])).is_err());
}

#[test]
fn a_refused_client_receives_an_alert() {
    let mut scene = Scene::new();
    scene.accept.client_cas = scene.connect.trust_roots.clone();
    scene.accept.client_names = vec![NamePattern::new("other.test").unwrap()];
    let issued = scene.authority.issue("bob.test");
    scene.connect.identity = Some(scene.place.identity("client.pem", &issued).into());
    let (server, client) = scene.meet();
    assert!(server.is_err());
    let mut client = client.unwrap();
    let error = smol::block_on(smol::io::AsyncReadExt::read(&mut client, &mut [0])).unwrap_err();
    assert_eq!(error.to_string(), "it says `access denied`");
}
