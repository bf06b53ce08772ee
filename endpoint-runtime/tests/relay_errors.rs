//! Tests that a reset on one side of a relay reaches the other side, after all earlier data.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use endpoint_runtime::{
    Blame, Connection, Error, Listener, Traffic, Transferred, relay, relay_watched,
};
use rustix::net::sockopt::set_socket_linger;
use smol::Task;
use smol::future::yield_now;
use support::{TempDir, listen, loopback};

/// Connects: returns the far end as a blocking socket, and the end for the relay.
fn tcp(listener: &mut Listener) -> (TcpStream, Connection) {
    let far = TcpStream::connect(listener.local_address().as_tcp().unwrap()).unwrap();
    (far, smol::block_on(listener.accept()).unwrap())
}

fn unix(listener: &mut Listener, path: &std::path::Path) -> (UnixStream, Connection) {
    let far = UnixStream::connect(path).unwrap();
    (far, smol::block_on(listener.accept()).unwrap())
}

/// Closes a connection with a reset, and drops data that was not sent yet.
fn reset(stream: TcpStream) {
    set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// Reads all data; `None` if it ends with the end of file, otherwise the kind of error.
fn rest(mut from: impl Read) -> (Vec<u8>, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = from.read_to_end(&mut bytes).err().map(|error| error.kind());
    (bytes, end)
}

#[track_caller]
fn failed(relay: Task<Result<Transferred, Error>>) -> Error {
    smol::block_on(relay).unwrap_err()
}

#[test]
fn an_earlier_reset_crosses_after_the_last_data() {
    let (mut listener, _) = loopback();
    let ((mut far_a, near_a), (far_b, near_b)) = (tcp(&mut listener), tcp(&mut listener));
    far_a.write_all(b"last words").unwrap();
    reset(far_a);
    let relay = smol::spawn(relay(near_a, near_b));
    assert_eq!(rest(far_b), (b"last words".to_vec(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(failed(relay).blame(), Blame::Peer);
}

#[test]
fn a_reset_does_not_overtake_unread_data() {
    const LEN: u64 = 1_000_000;
    let (mut listener, _) = loopback();
    let ((mut far_a, near_a), (far_b, near_b)) = (tcp(&mut listener), tcp(&mut listener));
    let traffic = Arc::new(Traffic::new());
    let watching = Arc::clone(&traffic);
    let relay = smol::spawn(async move { relay_watched(near_a, near_b, &traffic).await });
    far_a.write_all(&vec![b'x'; usize::try_from(LEN).unwrap()]).unwrap();
    // All data is in transit to B, which has not read any.
    smol::block_on(async {
        while watching.so_far().a_to_b < LEN {
            yield_now().await;
        }
    });
    reset(far_a);
    let (bytes, end) = rest(far_b);
    assert_eq!((bytes.len() as u64, end), (LEN, Some(ErrorKind::ConnectionReset)));
    assert_eq!(failed(relay).endpoint(), "tcp:0:interface=127.0.0.1");
}

#[test]
fn a_sender_to_a_closed_side_gets_the_last_data_and_a_reset() {
    let (mut listener, _) = loopback();
    let ((mut far_a, near_a), (mut far_b, near_b)) = (tcp(&mut listener), tcp(&mut listener));
    let relay = smol::spawn(relay(near_a, near_b));
    far_b.write_all(b"goodbye").unwrap();
    drop(far_b);
    let mut goodbye = [0; 8];
    assert_eq!(far_a.read(&mut goodbye).unwrap(), 7);
    assert_eq!(far_a.read(&mut goodbye).unwrap(), 0, "one way has ended as it should");
    // The first write causes a reset, on which later writes fail.
    while far_a.write_all(b"too late").is_ok() {}
    assert_eq!(failed(relay).blame(), Blame::Peer);
}

#[test]
fn a_unix_peer_with_unread_data_sees_a_reset() {
    let dir = TempDir::new();
    let (mut first, _) = loopback();
    let mut second = listen(&format!("unix:{}", dir.text("s")));
    let (far_a, near_a) = tcp(&mut first);
    let (mut far_b, near_b) = unix(&mut second, &dir.path("s"));
    far_b.write_all(b"unread").unwrap();
    reset(far_a);
    let relay = smol::spawn(relay(near_a, near_b));
    assert_eq!(rest(far_b), (vec![], Some(ErrorKind::ConnectionReset)));
    failed(relay);
}

#[test]
fn a_unix_peer_that_has_sent_nothing_sees_an_end() {
    let dir = TempDir::new();
    let (mut first, _) = loopback();
    let mut second = listen(&format!("unix:{}", dir.text("s")));
    let (mut far_a, near_a) = tcp(&mut first);
    let (far_b, near_b) = unix(&mut second, &dir.path("s"));
    far_a.write_all(b"last words").unwrap();
    reset(far_a);
    let relay = smol::spawn(relay(near_a, near_b));
    assert_eq!(rest(far_b), (b"last words".to_vec(), None));
    failed(relay);
}

#[test]
fn a_unix_peer_that_leaves_data_unread_resets_the_other_side() {
    let dir = TempDir::new();
    let mut first = listen(&format!("unix:{}", dir.text("s")));
    let (mut second, _) = loopback();
    let (mut far_a, near_a) = unix(&mut first, &dir.path("s"));
    let (mut far_b, near_b) = tcp(&mut second);
    let traffic = Arc::new(Traffic::new());
    let watching = Arc::clone(&traffic);
    let relay = smol::spawn(async move { relay_watched(near_a, near_b, &traffic).await });
    far_a.write_all(b"last words").unwrap();
    far_b.write_all(b"unread").unwrap();
    smol::block_on(async {
        while watching.so_far() != transferred(10, 6) {
            yield_now().await;
        }
    });
    drop(far_a);
    assert_eq!(rest(far_b), (b"last words".to_vec(), Some(ErrorKind::ConnectionReset)));
    failed(relay);
}

fn transferred(a_to_b: u64, b_to_a: u64) -> Transferred {
    let mut transferred = Transferred::default();
    (transferred.a_to_b, transferred.b_to_a) = (a_to_b, b_to_a);
    transferred
}
