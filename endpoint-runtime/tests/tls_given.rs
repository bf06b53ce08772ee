//! Tests of TLS from memory: certificates, roots, and rustls configurations of the program.

#![cfg(any(feature = "tls", feature = "ring"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::os::unix::net::UnixStream;
use std::sync::Arc;

use endpoint_runtime::plan::{
    ClientLayer, Host, ServerLayer, TlsAccept, TlsAcceptWith, TlsConnect, TlsConnectWith,
    TlsKeyPair,
};
use endpoint_runtime::{
    Blame, Client, Connection, Error, KeyLog, Listener, Server, client_from_string, rustls,
    server_from_string, wrap_client_tls, wrap_server_tls,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
#[cfg(feature = "tls")]
use rustls::crypto::aws_lc_rs::default_provider;
#[cfg(not(feature = "tls"))]
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};

use pki::{Authority, Issued};
use support::TempDir;

fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect()
}

fn key(issued: &Issued) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap()
}

fn key_pair(issued: &Issued) -> TlsKeyPair {
    TlsKeyPair::new(certificates(&issued.certificate), key(issued))
}

/// TLS for a client that verifies `a.test` and trusts only this authority.
fn trusting(authority: &Authority) -> TlsConnect {
    let mut tls = TlsConnect::new(Host::parse("a.test"));
    tls.trust_roots = Some(certificates(&authority.pem).into());
    tls
}

/// A TCP listener with TLS, and its port.
fn server(tls: impl Into<ServerLayer>) -> (Listener, u16) {
    let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
    let listener = smol::block_on(wrap_server_tls(server, tls).listen()).unwrap();
    let port = listener.local_address().port().unwrap();
    (listener, port)
}

fn client(port: u16, tls: impl Into<ClientLayer>) -> Client {
    wrap_client_tls(client_from_string(&format!("tcp:127.0.0.1:{port}")).unwrap(), tls)
}

/// Connects and transfers a few bytes; returns the client's end and the accepted one.
#[track_caller]
fn talk(listener: &mut Listener, client: &Client) -> (Connection, Connection) {
    smol::block_on(async {
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        let (mut ours, mut theirs) = (ours.unwrap(), theirs.unwrap());
        let mut word = [0; 8];
        ours.write_all(b"question").await.unwrap();
        ours.flush().await.unwrap();
        theirs.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"question");
        (ours, theirs)
    })
}

/// The error of a client that must not connect, because it rejects the server.
#[track_caller]
fn refused(listener: &mut Listener, client: &Client) -> Error {
    let accepting = async {
        listener.accept().await.unwrap();
        unreachable!("the client refuses the server");
    };
    smol::block_on(smol::future::or(client.connect(), accepting)).unwrap_err()
}

/// The message of a server that must fail to listen because of its certificates.
#[track_caller]
fn said(server: &Server) -> String {
    let error = smol::block_on(server.listen()).unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    error.problem().to_string()
}

#[test]
fn both_sides_have_everything_in_memory() {
    let authority = Authority::new("root");
    let middle = authority.below("middle");
    let issued = middle.issue("a.test");
    // The certificates may be in any order: here the intermediate one comes first.
    let chain = format!("{}{}", middle.pem, issued.certificate);
    let mut accept = TlsAccept::new(TlsKeyPair::new(certificates(&chain), key(&issued)));
    accept.client_cas = Some(certificates(&authority.pem).into());
    let (mut listener, port) = server(accept);
    let mut connect = trusting(&authority);
    connect.identity = Some(key_pair(&authority.issue("client.test")).into());
    let client = client(port, connect);
    assert_eq!(
        client.plan().to_string(),
        format!(
            "connect to `127.0.0.1`, TCP port {port}, within 30 seconds; speak TLS with `a.test`, \
             verified by the authorities of the program itself, \
             presenting a certificate and a key of the program itself if the server requests one"
        )
    );
    let (ours, theirs) = talk(&mut listener, &client);
    assert_eq!(ours.tls().unwrap().peer_certificates().len(), 2);
    assert_eq!(theirs.tls().unwrap().peer_certificates().len(), 1);
    // Nothing is reloaded, and the certificate stays the same.
    let reloaded = smol::block_on(listener.reloader().reload());
    assert_eq!((reloaded.certificates, reloaded.has_changed), (1, false));
    assert_eq!(listener.reloader().presented()[0].subject, "CN=a.test");
}

#[test]
fn roots_from_memory_are_the_only_ones() {
    let (authority, other) = (Authority::new("root"), Authority::new("other"));
    let (mut listener, port) = server(TlsAccept::new(key_pair(&authority.issue("a.test"))));
    let error = refused(&mut listener, &client(port, trusting(&other)));
    assert_eq!(error.blame(), Blame::Peer);
    assert!(error.to_string().contains("was issued by `CN=root`"), "{error}");
}

#[test]
fn errors_in_memory_are_described() {
    let authority = Authority::new("root");
    let (mine, other) = (authority.issue("a.test"), authority.issue("b.test"));
    let plain = || server_from_string("tcp:0:interface=127.0.0.1").unwrap();
    let mixed = TlsKeyPair::new(certificates(&mine.certificate), key(&other));
    assert_eq!(
        said(&wrap_server_tls(plain(), TlsAccept::new(mixed))),
        "the private key in `<memory>` does not belong to the certificate `CN=a.test` in `<memory>`"
    );
    let mut nobody = TlsAccept::new(key_pair(&mine));
    nobody.client_cas = Some(Vec::new().into());
    assert_eq!(
        said(&wrap_server_tls(plain(), nobody)),
        "there is no authority to trust in `<memory>`"
    );
    let secret = format!("{:?}", &key(&mine).secret_der()[36..40]);
    let shown = format!("{:?}", TlsAccept::new(key_pair(&mine)));
    assert!(!shown.contains(secret.trim_matches(['[', ']'])), "{shown}");
}

fn server_config(issued: &Issued) -> ServerConfig {
    ServerConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates(&issued.certificate), key(issued))
        .unwrap()
}

fn client_config(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn connect_with(config: ClientConfig) -> TlsConnectWith {
    TlsConnectWith::new(Host::parse("a.test"), config)
}

#[test]
fn configurations_of_the_program_are_used_as_they_are() {
    let authority = Authority::new("root");
    let mut config = server_config(&authority.issue("a.test"));
    config.alpn_protocols = vec![b"own".to_vec()];
    let (mut listener, port) = server(TlsAcceptWith::new(config));
    assert!(listener.client_endpoint().is_none(), "only the configuration knows the name");
    assert!(listener.reloader().is_empty());

    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&authority.pem));
    let mut config = client_config(roots);
    config.alpn_protocols = vec![b"h2".to_vec(), b"own".to_vec()];
    let client = client(port, connect_with(config));
    assert!(
        client
            .plan()
            .to_string()
            .ends_with("; speak TLS with `a.test`, as the program configured it")
    );
    let (ours, theirs) = talk(&mut listener, &client);
    for side in [&ours, &theirs] {
        assert_eq!(side.tls().unwrap().alpn(), Some(&b"own"[..]));
    }
}

#[test]
fn a_configuration_that_verifies_refuses_strangers() {
    let (mut listener, port) =
        server(TlsAcceptWith::new(server_config(&Authority::new("root").issue("a.test"))));
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&Authority::new("other").pem));
    let error = refused(&mut listener, &client(port, connect_with(client_config(roots))));
    assert_eq!(error.blame(), Blame::Peer);
    assert!(error.to_string().contains("no TLS with 127.0.0.1"), "{error}");
}

/// A verifier that accepts every certificate and every signature.
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

#[test]
fn only_a_configuration_of_the_program_turns_verification_off() {
    let issued = Authority::new("root").issue("b.test");
    let (mut listener, port) = server(TlsAcceptWith::new(server_config(&issued)));
    let mut config = client_config(RootCertStore::empty());
    config.dangerous().set_certificate_verifier(Arc::new(Credulous));
    let (ours, _) = talk(&mut listener, &client(port, connect_with(config)));
    assert!(ours.tls().is_some());
}

#[test]
fn the_key_log_reaches_a_configuration_of_the_program() {
    let (authority, dir) = (Authority::new("root"), TempDir::new());
    let log = KeyLog::append(dir.path("keys")).unwrap();
    let (mut listener, port) =
        server(TlsAcceptWith::new(server_config(&authority.issue("a.test"))));
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&authority.pem));
    talk(&mut listener, &client(port, connect_with(client_config(roots))).key_log(&log));
    assert!(std::fs::read_to_string(dir.path("keys")).unwrap().contains("SECRET"));
}

#[test]
fn tls_is_put_on_sockets_of_the_program() {
    let authority = Authority::new("root");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = wrap_server_tls(
        Server::from_listener(listener).unwrap(),
        TlsAccept::new(key_pair(&authority.issue("a.test"))),
    );
    let mut listener = smol::block_on(server.listen()).unwrap();
    let stream = std::net::TcpStream::connect(address).unwrap();
    let client = wrap_client_tls(Client::from_stream(stream).unwrap(), trusting(&authority));
    talk(&mut listener, &client);

    let (stream, _peer) = UnixStream::pair().unwrap();
    let client = Client::from_stream(stream).unwrap();
    assert_eq!(
        client.plan().to_string(),
        "use the socket connected to an unnamed UNIX socket that the program opened"
    );
}
