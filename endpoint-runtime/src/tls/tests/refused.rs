//! Tests of rejected certificates, and of the messages on each side.

use rcgen::{ExtendedKeyUsagePurpose, SanType, date_time_ymd};

use super::pki::{leaf, self_signed};
use super::*;
use crate::plan::TlsVersions;

/// The error messages of a failed handshake, at the server and at the client.
#[track_caller]
fn refusal(acceptor: &Acceptor, connector: &Connector) -> (String, String) {
    let (server, client) = smol::block_on(meet(acceptor, connector));
    (server.unwrap_err(), client.unwrap_err())
}

#[test]
fn a_certificate_for_others_is_refused() {
    let mut scene = Scene::new();
    scene.connect.name = Host::parse("b.test");
    let (server, client) = refusal(&scene.acceptor(), &scene.connector());
    assert_eq!(client, "its certificate `CN=a.test` is not for `b.test` (it is for `a.test`)");
    assert_eq!(server, "it says `bad certificate` (of the certificate of this side)");

    let mut params = leaf("a.test");
    params.subject_alt_names = Vec::new();
    let (_, client) =
        refusal(&scene.showing(&scene.authority.issue_as(&params)), &scene.connector());
    assert_eq!(
        client,
        "its certificate `CN=a.test` is not for `b.test` \
         (it is for no name at all; a name in its subject does not count)"
    );
    params.subject_alt_names = (0..7)
        .map(|n| SanType::DnsName(format!("{n}.test").try_into().unwrap()))
        .chain([SanType::IpAddress([192, 0, 2, 1].into())])
        .collect();
    scene.connect.name = Host::parse("192.0.2.2");
    let (_, client) =
        refusal(&scene.showing(&scene.authority.issue_as(&params)), &scene.connector());
    assert_eq!(
        client,
        "its certificate `CN=a.test` is not for `192.0.2.2` \
         (it is for `0.test`, `1.test`, `2.test`, `3.test`, `4.test` and 3 more)"
    );
}

#[test]
fn a_certificate_of_another_time_is_refused() {
    let scene = Scene::new();
    let mut params = leaf("a.test");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 2, 3);
    let expired = scene.authority.issue_as(&params);
    let (server, client) = refusal(&scene.showing(&expired), &scene.connector());
    assert_eq!(client, "its certificate `CN=a.test` expired on 2021-02-03 00:00:00 UTC");
    assert_eq!(server, "it says `certificate expired` (of the certificate of this side)");

    params.not_before = date_time_ymd(2999, 1, 1);
    params.not_after = date_time_ymd(3000, 1, 1);
    let early = scene.authority.issue_as(&params);
    let (_, client) = refusal(&scene.showing(&early), &scene.connector());
    assert_eq!(client, "its certificate `CN=a.test` is not valid before 2999-01-01 00:00:00 UTC");
}

#[test]
fn a_certificate_that_is_named_is_checked_too() {
    let mut scene = Scene::new();
    let mut params = leaf("a.test");
    params.not_after = date_time_ymd(2021, 2, 3);
    let issued = self_signed(&params);
    scene.connect.trust_roots = Some(scene.place.file("own.pem", &issued.certificate).into());
    let (_, client) = refusal(&scene.showing(&issued), &scene.connector());
    assert_eq!(client, "its certificate `CN=a.test` expired on 2021-02-03 00:00:00 UTC");
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let scene = Scene::new();
    let stranger = Authority::new("stranger").issue("a.test");
    let (server, client) = refusal(&scene.showing(&stranger), &scene.connector());
    assert_eq!(
        client,
        "its certificate `CN=a.test` was issued by `CN=stranger`, and no chain leads from there to a trusted authority"
    );
    assert_eq!(
        server,
        "it says `unknown ca` (it does not trust the issuer of the certificate of this side)"
    );

    let alone = self_signed(&leaf("a.test"));
    let (_, client) = refusal(&scene.showing(&alone), &scene.connector());
    assert_eq!(client, "its certificate `CN=a.test` is self-signed, and is not trusted here");
}

#[test]
fn a_certificate_for_something_else_is_refused() {
    let scene = Scene::new();
    let mut params = leaf("a.test");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let (server, client) =
        refusal(&scene.showing(&scene.authority.issue_as(&params)), &scene.connector());
    assert_eq!(client, "its certificate `CN=a.test` is not meant for servers");
    assert_eq!(server, "it says `unsupported certificate` (of the certificate of this side)");
}

#[test]
fn a_client_without_a_certificate_is_refused_where_it_needs_one() {
    let mut scene = Scene::new();
    scene.accept.client_cas = scene.connect.trust_roots.clone();
    scene.accept.versions = TlsVersions::Tls12;
    let (server, client) = refusal(&scene.acceptor(), &scene.connector());
    assert_eq!(server, "it presented no certificate");
    assert_eq!(client, "it says `certificate required` (it requires a certificate from this side)");
}

#[test]
fn a_client_with_a_bad_certificate_is_refused() {
    let mut scene = Scene::new();
    scene.accept.client_cas = scene.connect.trust_roots.clone();
    let stranger = Authority::new("stranger").issue("client");
    scene.connect.identity = Some(scene.place.identity("client.pem", &stranger).into());
    let (server, _) = scene.meet();
    assert_eq!(
        server.unwrap_err(),
        "its certificate `CN=client` was issued by `CN=stranger`, and no chain leads from there to a trusted authority"
    );
    let mut params = leaf("client");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let issued = scene.authority.issue_as(&params);
    scene.connect.identity = Some(scene.place.identity("client.pem", &issued).into());
    let (server, _) = scene.meet();
    assert_eq!(server.unwrap_err(), "its certificate `CN=client` is not meant for clients");
}

#[test]
fn without_a_common_protocol_the_handshake_fails() {
    let mut scene = Scene::new();
    scene.accept.alpn = vec![b"h2".to_vec()];
    scene.connect.alpn = vec![b"smtp".to_vec()];
    let (server, client) = refusal(&scene.acceptor(), &scene.connector());
    assert_eq!(server, "it offers none of the protocols of `alpn`");
    assert_eq!(
        client,
        "it says `no application protocol` (it supports none of the protocols of `alpn`)"
    );
}

#[test]
fn without_a_common_version_the_handshake_fails() {
    let mut scene = Scene::new();
    scene.accept.versions = TlsVersions::Tls13;
    scene.connect.versions = TlsVersions::Tls12;
    let (server, client) = refusal(&scene.acceptor(), &scene.connector());
    assert_eq!(server, "it offers no TLS version that this side supports");
    assert_eq!(
        client,
        "it says `protocol version` (it supports neither of the TLS versions of this side)"
    );
}

#[test]
fn tls_1_2_has_the_same_messages() {
    let scene = || {
        let mut scene = Scene::new();
        scene.connect.versions = TlsVersions::Tls12;
        scene
    };
    let mut wrong = scene();
    wrong.connect.name = Host::parse("b.test");
    assert_eq!(
        refusal(&wrong.acceptor(), &wrong.connector()),
        (
            "it says `bad certificate` (of the certificate of this side)".to_owned(),
            "its certificate `CN=a.test` is not for `b.test` (it is for `a.test`)".to_owned()
        )
    );
    let strange = scene();
    let stranger = Authority::new("stranger").issue("a.test");
    let unknown =
        "it says `unknown ca` (it does not trust the issuer of the certificate of this side)";
    let nobody =
        "was issued by `CN=stranger`, and no chain leads from there to a trusted authority";
    assert_eq!(
        refusal(&strange.showing(&stranger), &strange.connector()),
        (unknown.to_owned(), format!("its certificate `CN=a.test` {nobody}"))
    );
    let mut demanding = scene();
    demanding.accept.client_cas = demanding.connect.trust_roots.clone();
    let stranger = Authority::new("stranger").issue("client");
    demanding.connect.identity = Some(demanding.place.identity("client.pem", &stranger).into());
    assert_eq!(
        refusal(&demanding.acceptor(), &demanding.connector()),
        (format!("its certificate `CN=client` {nobody}"), unknown.to_owned())
    );
    let mut old = scene();
    old.accept.versions = TlsVersions::Tls13;
    assert_eq!(
        refusal(&old.acceptor(), &old.connector()).0,
        "it offers no TLS version that this side supports"
    );
}

#[test]
fn a_certificate_that_breaks_the_rules_is_refused() {
    let scene = Scene::new();
    let mut params = leaf("a.test");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let (_, client) =
        refusal(&scene.showing(&scene.authority.issue_as(&params)), &scene.connector());
    assert_eq!(
        client,
        "its certificate `CN=a.test` cannot be verified: it is the certificate of an authority"
    );
    let unknown = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 1], vec![5, 0]);
    let mut params = leaf("a.test");
    params.custom_extensions.push({
        let mut it = unknown;
        it.set_criticality(true);
        it
    });
    let (_, client) =
        refusal(&scene.showing(&scene.authority.issue_as(&params)), &scene.connector());
    assert_eq!(
        client,
        "its certificate `CN=a.test` cannot be verified: \
         it has a critical extension that is not supported"
    );
}

#[test]
fn authorities_must_exist() {
    let mut scene = Scene::new();
    let directory = scene.place.0.join("empty");
    std::fs::create_dir(&directory).unwrap();
    scene.connect.trust_roots = Some(directory.clone().into());
    let problem = Connector::load(&scene.connect, None).err().unwrap();
    assert_eq!(
        problem.to_string(),
        format!("there is no authority to trust in `{}`", directory.display())
    );
    // One invalid file is skipped; the file names are those that Twisted reads.
    std::fs::write(directory.join("bad.pem"), "bad").unwrap();
    std::fs::create_dir(directory.join("directory.pem")).unwrap();
    std::fs::write(directory.join("root.txt"), &scene.authority.pem).unwrap();
    assert!(Connector::load(&scene.connect, None).is_err());
    std::fs::write(directory.join("root.PEM"), &scene.authority.pem).unwrap();
    scene.connected();

    scene.connect.trust_roots = Some("/nonexistent".into());
    assert_eq!(
        Connector::load(&scene.connect, None).err().unwrap().to_string(),
        "cannot read `/nonexistent`: no such file or directory (os error 2)"
    );
}
