//! Tests of a relay with half-closes in every order, over each pair of transports.
//!
//! No byte may be lost or added.

#![cfg(any(feature = "tls", feature = "ring"))]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use endpoint_runtime::{Connection, Listener, relay};
use pki::Authority;
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, listen, pair};

/// One action of one end of the relayed connections.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Sends a part of the data.
    Send,
    /// Ends the data of this end (half-close), which can still receive.
    End,
}

/// Every order in which two ends can each send two parts and then end; an end is 0 or 1.
fn orders() -> impl Iterator<Item = Vec<(usize, Step)>> {
    // The set bits are the positions of side 1's three steps among the six.
    let orders = (0..1_u32 << 6).filter(|bits| bits.count_ones() == 3);
    orders.map(|bits| {
        let steps = || [Step::Send, Step::Send, Step::End].into_iter();
        let mut left = [steps(), steps()];
        let sides = (0..6).map(|at| (bits >> at & 1) as usize);
        sides.map(|side| (side, left[side].next().unwrap())).collect()
    })
}

/// The length of a part in bytes: more than one buffer of the relay holds.
const PART: usize = 70_000;

/// A part of pseudo-random bytes, so that a lost or repeated block changes the data.
fn part(seed: usize) -> Vec<u8> {
    let mut state = seed as u64 + 1;
    let byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(byte).take(PART).collect()
}

/// Plays the steps in order. Each one has arrived at the other end before the next begins.
async fn play(order: &[(usize, Step)], mut ends: [Connection; 2]) {
    for (number, (side, step)) in order.iter().enumerate() {
        let [a, b] = &mut ends;
        let (from, to) = if *side == 0 { (a, b) } else { (b, a) };
        match step {
            Step::Send => {
                let (sent, mut received) = (part(number), vec![0; PART]);
                let (written, read) = zip(
                    async {
                        from.write_all(&sent).await?;
                        from.flush().await
                    },
                    to.read_exact(&mut received),
                )
                .await;
                written.unwrap();
                read.unwrap();
                assert!(received == sent, "step {number} of {order:?}");
            }
            Step::End => {
                from.close().await.unwrap();
                let mut more = [0];
                assert_eq!(to.read(&mut more).await.unwrap(), 0, "step {number} of {order:?}");
            }
        }
    }
}

#[test]
fn half_closes_in_every_order_lose_nothing() {
    let dir = TempDir::new();
    let authority = Authority::new("root");
    let (root, own) = (dir.text("root.pem"), dir.text("own.pem"));
    std::fs::write(&root, &authority.pem).unwrap();
    std::fs::write(&own, authority.issue("127.0.0.1").both()).unwrap();
    let unix = format!("unix:{}", dir.text("s"));
    // Each transport has two listeners, for relays between two of the same kind.
    let transports = |at: &str| {
        let tls = listen(&format!("ssl:0:privateKey={own}:interface=127.0.0.1"));
        let tls_port = tls.local_address().port().unwrap();
        let tcp = listen("tcp:0:interface=127.0.0.1");
        let tcp_port = tcp.local_address().port().unwrap();
        let unix = format!("{unix}{at}");
        [
            (tcp, format!("tcp:127.0.0.1:{tcp_port}")),
            (listen(&unix), unix),
            (tls, format!("tls:127.0.0.1:{tls_port}:trustRoots={root}")),
        ]
    };
    let (mut first, mut second) = (transports("1"), transports("2"));
    for (a, to_a) in &mut first {
        for (b, to_b) in &mut second {
            for order in orders() {
                between(a, to_a, b, to_b, &order);
            }
        }
    }
}

/// Relays between a connection to `a` and one to `b`, and plays the steps at their far ends.
#[track_caller]
fn between(a: &mut Listener, to_a: &str, b: &mut Listener, to_b: &str, order: &[(usize, Step)]) {
    let ((far_a, near_a), (far_b, near_b)) = (pair(a, to_a), pair(b, to_b));
    let relay = smol::spawn(relay(near_a, near_b));
    let transferred = smol::block_on(async {
        play(order, [far_a, far_b]).await;
        relay.await
    });
    let transferred = transferred.unwrap_or_else(|error| panic!("{to_a} to {to_b}: {error}"));
    let both = (transferred.a_to_b, transferred.b_to_a);
    assert_eq!(both, (2 * PART as u64, 2 * PART as u64), "{to_a} to {to_b}: {order:?}");
}
