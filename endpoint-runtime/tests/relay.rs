//! Tests of a relay between two connections: data, half-close, resets, and dropping its future.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{ErrorKind, Write};
use std::net::TcpStream;

use endpoint_runtime::{Blame, Connection, Error, Listener, Transferred, relay};
use rustix::net::sockopt::set_socket_linger;
use smol::Task;
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, listen, loopback, pair};

/// A running relay between two connections, and the far end of each connection.
struct Joined {
    a: Connection,
    b: Connection,
    relay: Task<Result<Transferred, Error>>,
}

#[track_caller]
fn join(a: &mut Listener, to_a: &str, b: &mut Listener, to_b: &str) -> Joined {
    let (far_a, near_a) = pair(a, to_a);
    let (far_b, near_b) = pair(b, to_b);
    Joined { a: far_a, b: far_b, relay: smol::spawn(relay(near_a, near_b)) }
}

/// Pseudo-random bytes, so that a lost or repeated block changes the data.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    std::iter::repeat_with(|| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

async fn send(mut to: impl smol::io::AsyncWrite + Unpin, bytes: &[u8]) {
    to.write_all(bytes).await.unwrap();
    to.close().await.unwrap();
}

async fn receive(mut from: impl smol::io::AsyncRead + Unpin) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).await.unwrap();
    bytes
}

#[test]
fn megabytes_both_ways_at_once_arrive_as_they_were_sent() {
    let dir = TempDir::new();
    let unix = format!("unix:{}", dir.text("s"));
    let (mut tcp_listener, tcp) = loopback();
    let mut unix_listener = listen(&unix);
    let Joined { a, b, relay } = join(&mut tcp_listener, &tcp, &mut unix_listener, &unix);
    let (question, answer) = (noise(1, 5_000_001), noise(2, 3_000_003));
    let (a_in, a_out) = smol::io::split(a);
    let (b_in, b_out) = smol::io::split(b);
    smol::block_on(async {
        let (sent, received) =
            (zip(send(a_out, &question), send(b_out, &answer)), zip(receive(a_in), receive(b_in)));
        let (_, (at_a, at_b)) = zip(sent, received).await;
        assert!(at_b == question, "what B reads is what A wrote");
        assert!(at_a == answer, "what A reads is what B wrote");
        let transferred = relay.await.unwrap();
        assert_eq!((transferred.a_to_b, transferred.b_to_a), (5_000_001, 3_000_003));
    });
}

#[test]
fn the_other_direction_stays_open_after_an_end() {
    let (mut first, one) = loopback();
    let (mut second, other) = loopback();
    for swapped in [false, true] {
        let Joined { a, b, relay } = join(&mut first, &one, &mut second, &other);
        let (mut asking, mut answering) = if swapped { (b, a) } else { (a, b) };
        let (question, answer) = (noise(3, 2_000_000), noise(4, 2_000_000));
        smol::block_on(async {
            let ((), heard) = zip(send(&mut asking, &question), receive(&mut answering)).await;
            assert!(heard == question);
            let ((), heard) = zip(send(&mut answering, &answer), receive(&mut asking)).await;
            assert!(heard == answer);
            relay.await.unwrap();
        });
    }
}

#[test]
fn a_reset_is_the_fault_of_the_peer_and_ends_both_ways() {
    let (mut first, _) = loopback();
    let (mut second, other) = loopback();
    let address = first.local_address().as_tcp().unwrap();
    let mut far_a = TcpStream::connect(address).unwrap();
    let near_a = smol::block_on(first.accept()).unwrap();
    let (mut far_b, near_b) = pair(&mut second, &other);
    let relay = smol::spawn(relay(near_a, near_b));

    far_a.write_all(b"hello").unwrap();
    smol::block_on(async {
        let mut hello = [0; 5];
        far_b.read_exact(&mut hello).await.unwrap();
        assert_eq!(&hello, b"hello");
        set_socket_linger(&far_a, Some(std::time::Duration::ZERO)).unwrap();
        let port = far_a.local_addr().unwrap().port();
        drop(far_a);
        let seen = far_b.read(&mut hello).await.unwrap_err();
        assert_eq!(seen.kind(), ErrorKind::ConnectionReset, "the other side sees a reset, too");
        let error = relay.await.unwrap_err();
        assert_eq!(error.blame(), Blame::Peer);
        assert_eq!(error.endpoint(), "tcp:0:interface=127.0.0.1");
        assert_eq!(
            error.problem().to_string(),
            format!("cannot read from 127.0.0.1:{port}: connection reset by peer (os error 104)")
        );
    });
}

#[test]
fn a_closed_side_ends_the_relay() {
    let dir = TempDir::new();
    let unix = format!("unix:{}", dir.text("s"));
    let (mut first, one) = loopback();
    let mut second = listen(&unix);
    let Joined { mut a, b, relay } = join(&mut first, &one, &mut second, &unix);
    drop(b);
    smol::block_on(async {
        assert_eq!(receive(&mut a).await, b"", "the end of B is passed on");
        // B cannot receive any more, so the relay does not wait for the end of A.
        let transferred = relay.await.unwrap();
        assert_eq!((transferred.a_to_b, transferred.b_to_a), (0, 0));
    });
}

#[test]
fn a_finished_relay_future_holds_no_connection() {
    let (mut a_listener, to_a) = loopback();
    let (mut b_listener, to_b) = loopback();
    let (mut far_a, near_a) = pair(&mut a_listener, &to_a);
    let (mut far_b, near_b) = pair(&mut b_listener, &to_b);
    let mut relay = Box::pin(relay(near_a, near_b));
    smol::block_on(async {
        far_a.write_all(b"last words").await.unwrap();
        far_a.close().await.unwrap();
        far_b.close().await.unwrap();
        relay.as_mut().await.unwrap();
        assert_eq!(receive(&mut far_b).await, b"last words");
        // The future still exists, but the relay has closed A normally, without a reset.
        assert_eq!(receive(&mut far_a).await, b"");
    });
    drop(relay);
}

#[test]
fn dropping_the_future_closes_both_connections() {
    let (mut first, one) = loopback();
    let (mut second, other) = loopback();
    let Joined { mut a, mut b, relay } = join(&mut first, &one, &mut second, &other);
    smol::block_on(async {
        a.write_all(b"x").await.unwrap();
        b.read_exact(&mut [0]).await.unwrap();
        relay.cancel().await;
        assert_eq!(zip(receive(a), receive(b)).await, (vec![], vec![]));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_unix_peer_that_closes_after_its_end_is_noticed_outside_the_reactor_of_this_crate() {
    let dir = TempDir::new();
    let unix = format!("unix:{}", dir.text("s"));
    let (mut unix_listener, (mut tcp_listener, tcp)) = (listen(&unix), loopback());
    let Joined { mut a, mut b, relay } = join(&mut unix_listener, &unix, &mut tcp_listener, &tcp);
    smol::block_on(async {
        a.close().await.unwrap();
        assert_eq!(b.read(&mut [0]).await.unwrap(), 0);
        b.write_all(b"!").await.unwrap();
        a.read_exact(&mut [0]).await.unwrap();
        // B neither sends nor ends, so only the hang-up of A can end the relay.
        drop(a);
        let transferred = relay.await.unwrap();
        assert_eq!((transferred.a_to_b, transferred.b_to_a), (0, 1));
    });
}
