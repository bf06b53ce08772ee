//! A test that thousands of TLS handshakes leak no descriptor, however they end.
//!
//! There is only one test, so that nothing else in this process opens descriptors during the count.

#![cfg(all(any(feature = "tls", feature = "ring"), target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::pin::pin;
use std::task::{Context, Waker};

use endpoint_runtime::{Client, Connection, Error, Listener, client_from_string};
use smol::future::{or, poll_once, zip};

use pki::Authority;
use support::{TempDir, listen, open_reactors};

/// How many times each of the seven cases is run.
const ROUNDS: usize = 400;

#[test]
fn no_descriptor_is_left_behind() {
    let (directory, authority) = (TempDir::new(), Authority::new("root"));
    std::fs::write(directory.path("root.pem"), &authority.pem).unwrap();
    std::fs::write(directory.path("both.pem"), authority.issue("a.test").both()).unwrap();
    let mut cases = Cases::new(&directory);
    // The first uses open descriptors that stay open, so they come before the count.
    open_reactors();
    cases.round(0);
    let passes = (0..50).map(|_| {
        cases.pass();
        descriptors()
    });
    let before = passes.min().unwrap();
    for round in 0..ROUNDS {
        cases.round(round);
    }
    assert_eq!(cases.settle(before), before);
}

/// The servers of all cases, which stay open, and their clients.
struct Cases {
    /// A server and a client that fit.
    open: (Listener, Client),
    /// A client of the server `open` that verifies another name, and so rejects it.
    other: Client,
    /// A server that requires a client certificate, and a client that has none.
    closed: (Listener, Client),
}

impl Cases {
    fn new(directory: &TempDir) -> Self {
        let root = directory.text("root.pem");
        let files = format!("ssl:0:privateKey={}:interface=127.0.0.1", directory.text("both.pem"));
        let client = |listener: &Listener, name: &str| {
            let port = listener.local_address().port().unwrap();
            let text = format!("ssl:127.0.0.1:{port}:hostname={name}:caCertsDir={root}");
            client_from_string(&text).unwrap()
        };
        let (open, closed) = (listen(&files), listen(&format!("{files}:clientCAs={root}")));
        Self {
            other: client(&open, "b.test"),
            closed: {
                let it = client(&closed, "a.test");
                (closed, it)
            },
            open: {
                let it = client(&open, "a.test");
                (open, it)
            },
        }
    }

    fn round(&mut self, round: usize) {
        let (listener, client) = &mut self.open;
        smol::block_on(async {
            or(client.connect(), everybody(listener)).await.unwrap();
            assert!(
                refused(listener, &self.other).await.to_string().contains("is not for `b.test`")
            );
            // In TLS 1.3, a client is connected before the server has received its empty
            // certificate message.
            let (listener, client) = &mut self.closed;
            let _ = or(client.connect(), nobody(listener)).await.unwrap();
        });
        let port = listener.local_address().port().unwrap();
        // Three other clients: one sends HTTP and reads the answer, one is silent, and one hangs
        // up immediately.
        let mut stranger = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
        drop(TcpStream::connect(("127.0.0.1", port)).unwrap());
        // For the server, a handshake that its client dropped may have succeeded.
        while smol::block_on(poll_once(listener.accept())).is_some() {}
        let mut told = Vec::new();
        stranger.read_to_end(&mut told).unwrap();
        assert_eq!(told.first(), Some(&21), "an alert");
        drop((stranger, silent));
        drop_half_way(zip(client.connect(), listener.accept()), round);
    }

    /// Makes a successful connection, while both servers continue with other handshakes.
    fn pass(&mut self) {
        let (listener, client) = &mut self.open;
        let accepting = or(everybody(listener), nobody(&mut self.closed.0));
        smol::block_on(or(client.connect(), accepting)).unwrap();
    }

    /// Makes connections until at most `wanted` descriptors are open; returns how many are open.
    ///
    /// Gives up after a fixed number of connections.
    fn settle(&mut self, wanted: usize) -> usize {
        for _ in 0..10 * ROUNDS {
            if descriptors() <= wanted {
                break;
            }
            self.pass();
        }
        descriptors()
    }
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Accepts all connections and drops them; returns only an error.
async fn everybody(listener: &mut Listener) -> Result<Connection, Error> {
    loop {
        listener.accept().await?;
    }
}

/// The error of a client that must not connect, while the server accepts others.
async fn refused(listener: &mut Listener, client: &Client) -> Error {
    or(client.connect(), everybody(listener)).await.unwrap_err()
}

/// Runs a listener that must accept no connection; panics if it does.
async fn nobody(listener: &mut Listener) -> Result<Connection, Error> {
    let connection = listener.accept().await;
    unreachable!("{connection:?} came through");
}

/// Polls a future up to eight times, with a different number each round, and drops it.
fn drop_half_way(future: impl Future, round: usize) {
    let mut future = pin!(future);
    for _ in 0..=round % 8 {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            break;
        }
        smol::block_on(smol::unblock(std::thread::yield_now));
    }
}
