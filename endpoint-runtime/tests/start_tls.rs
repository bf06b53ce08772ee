//! Tests of TLS that begins on a connection after plain text, as with STARTTLS.

#![cfg(any(feature = "tls", feature = "ring"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::os::unix::net::UnixStream;

use endpoint_runtime::plan::{Host, TlsAccept, TlsConnect, TlsIdentity, TlsKeyPair};
use endpoint_runtime::rustls::pki_types::pem::PemObject;
use endpoint_runtime::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use endpoint_runtime::{Blame, Connection};
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};

use pki::{Authority, Issued};
use support::{loopback, pair};

/// The certificates in a PEM text.
fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect()
}

/// TLS for a server with this certificate and key, from memory.
fn accepting(issued: &Issued) -> TlsAccept {
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    TlsAccept::new(TlsKeyPair::new(certificates(&issued.certificate), key))
}

/// TLS for a client that verifies `name` and trusts only this authority.
fn connecting(name: &str, authority: &Authority) -> TlsConnect {
    let mut tls = TlsConnect::new(Host::parse(name));
    tls.trust_roots = Some(certificates(&authority.pem).into());
    tls
}

/// Exchanges `STARTTLS` and `ok` in plain text, after which both sides begin TLS.
async fn agree(ours: &mut Connection, theirs: &mut Connection) {
    let mut line = [0; 8];
    ours.write_all(b"STARTTLS").await.unwrap();
    theirs.read_exact(&mut line).await.unwrap();
    assert_eq!(&line, b"STARTTLS");
    theirs.write_all(b"ok").await.unwrap();
    ours.read_exact(&mut line[..2]).await.unwrap();
}

#[test]
fn tls_begins_in_the_middle_of_a_connection() {
    let authority = Authority::new("root");
    let (mut listener, client) = loopback();
    let (mut ours, mut theirs) = pair(&mut listener, &client);
    smol::block_on(async {
        agree(&mut ours, &mut theirs).await;
        let (ours, theirs) = zip(
            ours.start_client_tls(connecting("a.test", &authority)),
            theirs.start_server_tls(accepting(&authority.issue("a.test"))),
        )
        .await;
        let (mut ours, mut theirs) = (ours.unwrap(), theirs.unwrap());
        assert_eq!(ours.tls().unwrap().peer_certificates().len(), 1);
        assert_eq!(theirs.tls().unwrap().server_name(), Some("a.test"));
        assert_eq!((ours.endpoint(), theirs.endpoint()), (&*client, "tcp:0:interface=127.0.0.1"));
        ours.write_all(b"secret").await.unwrap();
        ours.flush().await.unwrap();
        let mut text = [0; 6];
        theirs.read_exact(&mut text).await.unwrap();
        assert_eq!(&text, b"secret");
    });
}

#[test]
fn both_sides_have_the_reason_of_a_tls_failure() {
    let authority = Authority::new("root");
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (ours, theirs) =
        (Connection::from_stream(ours).unwrap(), Connection::from_stream(theirs).unwrap());
    let (ours, theirs) = smol::block_on(zip(
        ours.start_client_tls(connecting("b.test", &authority)),
        theirs.start_server_tls(accepting(&authority.issue("a.test"))),
    ));
    let (ours, theirs) = (ours.unwrap_err(), theirs.unwrap_err());
    assert_eq!((ours.blame(), theirs.blame()), (Blame::Peer, Blame::Peer));
    assert!(ours.to_string().contains("is not for `b.test`"), "{ours}");
    assert!(theirs.to_string().contains("it says `"), "{theirs}");
}

#[test]
fn files_that_cannot_be_read_are_an_error_of_this_machine() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let connection = Connection::from_stream(ours).unwrap();
    let tls = TlsAccept::new(TlsIdentity::new("/does/not/exist.pem"));
    let error = smol::block_on(connection.start_server_tls(tls)).unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    assert!(error.to_string().contains("`/does/not/exist.pem`"), "{error}");
}
