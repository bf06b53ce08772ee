//! A test of a thousand clients that connect to a TLS server and stay silent.
//!
//! They delay no others, are closed for newer ones or at their time limit, and leak nothing.
//!
//! There is only one test, so that nothing else in this process opens descriptors during the count.

#![cfg(all(any(feature = "tls", feature = "ring"), target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::Duration;

use endpoint_runtime::{Client, HandshakeLimits, Listener, client_from_string, server_from_string};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use smol::future::{or, poll_once, zip};

use pki::Authority;
use support::{TempDir, open_reactors, watchers};

const STALLED: usize = 1_000;
/// A time limit that no test reaches.
const NEVER: Duration = Duration::from_secs(3600);

#[test]
fn silent_clients_delay_nothing_and_leave_nothing() {
    // Many descriptors are needed: both ends of each connection are in this process, and a server
    // uses at most half of the limit for handshakes.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let (directory, authority) = (TempDir::new(), Authority::new("root"));
    std::fs::write(directory.path("root.pem"), &authority.pem).unwrap();
    std::fs::write(directory.path("both.pem"), authority.issue("a.test").both()).unwrap();

    // The first use of each kind opens descriptors that stay open, so it comes before the count.
    open_reactors();
    hold_up_nobody(&directory);
    go_when_their_time_is_up(&directory);
    unwatched();
    let (before, memory) = (descriptors(), resident());
    for _ in 0..2 {
        hold_up_nobody(&directory);
        make_room(&directory);
        go_when_their_time_is_up(&directory);
    }
    unwatched();
    assert_eq!(descriptors(), before);
    // There are a few threads for blocking calls, but none for each handshake.
    assert!(entries("/proc/self/task") < 20);
    // A thousand TLS sessions that were not freed would take more than ten times this limit.
    let grown = resident().saturating_sub(memory);
    assert!(grown < 2 * 1024, "{grown} KiB are still there");
}

/// Checks that another client can connect while all silent ones are in their handshakes.
fn hold_up_nobody(directory: &TempDir) {
    let (mut listener, client) = served(directory, STALLED + 1, NEVER);
    // The first connection of a client starts the watch of its files.
    smol::block_on(async {
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        assert!(ours.is_ok() && theirs.is_ok());
    });
    let before = descriptors();
    let silent = silent(&mut listener, STALLED);
    assert_eq!(descriptors(), before + 2 * STALLED, "each is waited for");
    smol::block_on(async {
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        assert!(ours.unwrap().tls().is_some() && theirs.unwrap().tls().is_some());
    });
    drop(silent);
    // Clients that hang up are dropped while others connect.
    while descriptors() > before {
        smol::block_on(async {
            let (ours, theirs) = zip(client.connect(), listener.accept()).await;
            assert!(ours.is_ok() && theirs.is_ok());
        });
    }
}

/// Checks that the oldest handshakes are closed if there are more clients than the limit.
fn make_room(directory: &TempDir) {
    const AT_ONCE: usize = 100;
    let (mut listener, client) = served(directory, AT_ONCE, NEVER);
    let before = descriptors();
    let mut silent = silent(&mut listener, STALLED);
    assert_eq!(descriptors(), before + STALLED + AT_ONCE);
    smol::block_on(async {
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        assert!(ours.is_ok() && theirs.is_ok());
    });
    let (pushed_out, waiting) = silent.split_at_mut(STALLED - AT_ONCE + 1);
    assert!(pushed_out.iter_mut().all(is_over));
    assert!(!waiting.iter_mut().any(is_over));
}

/// Checks that silent clients are closed at their time limit, even if no others connect.
fn go_when_their_time_is_up(directory: &TempDir) {
    let (mut listener, _) = served(directory, STALLED, Duration::from_millis(10));
    let silent = silent(&mut listener, STALLED);
    let ends = smol::unblock(move || {
        for mut stream in silent {
            stream.set_nonblocking(false).unwrap();
            // The connection ends, or is reset.
            assert!(!matches!(stream.read(&mut [0]), Ok(1..)));
        }
    });
    let accepting = async {
        listener.accept().await.unwrap();
        unreachable!("no client completes its handshake");
    };
    smol::block_on(or(ends, accepting));
}

/// A server with these limits on pending handshakes, and a client for it.
fn served(directory: &TempDir, at_once: usize, time: Duration) -> (Listener, Client) {
    let files = format!("privateKey={}", directory.text("both.pem"));
    let mut limits = HandshakeLimits::default();
    (limits.at_once, limits.time) = (at_once, time);
    let server = format!("ssl:0:{files}:interface=127.0.0.1:backlog=2000");
    let server = server_from_string(&server).unwrap().handshakes(limits);
    // The threads that watched files for an earlier server may still have descriptors open.
    unwatched();
    let listener = smol::block_on(server.listen()).unwrap();
    let port = listener.local_address().port().unwrap();
    let root = directory.text("root.pem");
    let client = format!("ssl:127.0.0.1:{port}:hostname=a.test:caCertsDir={root}");
    (listener, client_from_string(&client).unwrap())
}

/// Opens connections that the server has accepted, and on which no client sends anything.
fn silent(listener: &mut Listener, count: usize) -> Vec<TcpStream> {
    let port = listener.local_address().port().unwrap();
    let connect = || TcpStream::connect(("127.0.0.1", port)).unwrap();
    let silent: Vec<_> = (0..count).map(|_| connect()).collect();
    smol::block_on(async { assert!(poll_once(listener.accept()).await.is_none()) });
    for stream in &silent {
        stream.set_nonblocking(true).unwrap();
    }
    silent
}

/// Whether the server has ended a connection.
fn is_over(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

/// Waits until no thread watches files of certificates any more.
fn unwatched() {
    while watchers() > 0 {
        std::thread::yield_now();
    }
}

fn descriptors() -> usize {
    entries("/proc/self/fd")
}

fn entries(path: &str) -> usize {
    std::fs::read_dir(path).unwrap().count()
}

/// The memory of this process that is in RAM, in units of 1024 bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
