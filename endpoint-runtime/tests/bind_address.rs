//! Tests of `bindAddress`, the local address of a TCP client.

#![cfg(feature = "net")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use endpoint_runtime::Blame;
use smol::io::AsyncReadExt;
use support::{connect, listen, loopback, pair};

#[test]
fn a_client_connects_from_its_bind_address() {
    let (mut listener, client) = loopback();
    let (_ours, theirs) = pair(&mut listener, &format!("{client}:bindAddress=127.0.0.2"));
    assert_eq!(theirs.peer_address().as_tcp().unwrap().ip().to_string(), "127.0.0.2");

    let (_ours, theirs) = pair(&mut listener, &format!("{client}:bindAddress=localhost"));
    assert!(theirs.peer_address().as_tcp().unwrap().ip().is_loopback());

    let error = connect(&format!(r"{client}:bindAddress=\:\:1")).unwrap_err();
    assert_eq!(error.blame(), Blame::Description);
    assert_eq!(
        error.problem().to_string(),
        "`bindAddress` is IPv6, but the host has no such address"
    );
}

#[test]
fn a_bind_address_may_have_a_port_which_can_be_used_again() {
    let (mut listener, client) = loopback();
    let port = free_port();
    for _ in 0..3 {
        let (ours, theirs) =
            pair(&mut listener, &format!(r"{client}:bindAddress=127.0.0.3\:{port}"));
        assert_eq!(theirs.peer_address().to_string(), format!("127.0.0.3:{port}"));
        // The side that closes first keeps the port in TIME_WAIT. Here it is the server, so that
        // the client can connect again.
        drop(theirs);
        let mut rest = Vec::new();
        smol::block_on({ ours }.read_to_end(&mut rest)).unwrap();
    }
}

#[test]
fn a_foreign_bind_address_is_an_error() {
    let error = connect(r"tcp:127.0.0.1:1:bindAddress=192.0.2.1\:4711").unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    assert_eq!(
        error.problem().to_string(),
        "cannot connect to 127.0.0.1:1: cannot bind to 192.0.2.1:4711: \
         cannot assign requested address (os error 99)"
    );
}

/// A port that a listener has just had, so it is probably free.
fn free_port() -> u16 {
    listen("tcp:0:interface=127.0.0.1").local_address().port().unwrap()
}
