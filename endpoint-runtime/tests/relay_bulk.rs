//! Tests of a relay with megabytes of data between all kinds of sockets.
//!
//! No byte may be lost, repeated or reordered.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use endpoint_runtime::{Connection, Error, Listener, Traffic, Transferred, relay, relay_watched};
use smol::Task;
use smol::future::yield_now;
use support::{TempDir, listen, loopback};

/// The far end of a relayed connection: a blocking socket of std.
enum Far {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Far {
    fn shutdown(&self) {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write).unwrap(),
            Self::Unix(stream) => stream.shutdown(Shutdown::Write).unwrap(),
        }
    }

    fn reader(&self) -> Box<dyn Read + Send> {
        match self {
            Self::Tcp(stream) => Box::new(stream.try_clone().unwrap()),
            Self::Unix(stream) => Box::new(stream.try_clone().unwrap()),
        }
    }

    fn writer(&self) -> Box<dyn Write + Send> {
        match self {
            Self::Tcp(stream) => Box::new(stream.try_clone().unwrap()),
            Self::Unix(stream) => Box::new(stream.try_clone().unwrap()),
        }
    }
}

/// A TCP listener and a UNIX listener, for the connections of a test.
struct Place {
    dir: TempDir,
    tcp: Listener,
    unix: Listener,
}

impl Place {
    fn new() -> Self {
        let dir = TempDir::new();
        let unix = listen(&format!("unix:{}", dir.text("s")));
        Self { dir, tcp: loopback().0, unix }
    }

    /// Connects over TCP or a UNIX socket. Returns the far end and the end for the relay.
    fn connect(&mut self, is_tcp: bool) -> (Far, Connection) {
        let (far, listener) = if is_tcp {
            let address = self.tcp.local_address().as_tcp().unwrap();
            (Far::Tcp(TcpStream::connect(address).unwrap()), &mut self.tcp)
        } else {
            let path = self.dir.path("s");
            (Far::Unix(UnixStream::connect(path).unwrap()), &mut self.unix)
        };
        (far, smol::block_on(listener.accept()).unwrap())
    }
}

/// An endless stream of bytes: pseudo-random ones, which repeat after a prime number of bytes.
struct Noise(Vec<u8>);

impl Noise {
    fn new() -> Self {
        const LEN: usize = 1_000_003;
        let mut random = Random(5);
        Self((0..LEN).map(|_| random.next().to_be_bytes()[7]).collect())
    }

    /// The longest piece of the stream from this offset that is in one slice.
    fn from(&self, place: usize) -> &[u8] {
        &self.0[place % self.0.len()..]
    }
}

/// Pseudo-random numbers from a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).unwrap() % bound
    }
}

/// Sends `len` bytes of noise from the offset `place`, in pieces of all sizes, and then ends.
fn send(to: &Far, noise: &Noise, place: usize, len: usize) {
    let (mut writer, mut random) = (to.writer(), Random(place as u64));
    let mut sent = 0;
    while sent < len {
        let most = [100, 10_000, 1_000_000][random.below(3)];
        let piece = (1 + random.below(most)).min(len - sent);
        let rest = noise.from(place + sent);
        sent += writer.write(&rest[..piece.min(rest.len())]).unwrap();
    }
    to.shutdown();
}

/// Reads up to the end, and compares the data with what [`send`] sent.
#[track_caller]
fn expect(from: &Far, noise: &Noise, place: usize, len: usize) {
    let mut reader = from.reader();
    let mut buffer = vec![0; 300_000];
    let mut seen = 0;
    loop {
        let read = reader.read(&mut buffer).unwrap();
        let mut read = &buffer[..read];
        if read.is_empty() {
            break;
        }
        while !read.is_empty() {
            let expected = noise.from(place + seen);
            let most = expected.len().min(read.len());
            assert!(read[..most] == expected[..most], "within {most} bytes from {seen} on");
            (seen, read) = (seen + most, &read[most..]);
        }
    }
    assert_eq!(seen, len);
}

#[track_caller]
fn done(relay: Task<Result<Transferred, Error>>, a_to_b: usize, b_to_a: usize) {
    let transferred = smol::block_on(relay).unwrap();
    assert_eq!((transferred.a_to_b, transferred.b_to_a), (a_to_b as u64, b_to_a as u64));
}

#[test]
fn both_directions_at_once_between_all_kinds_of_sockets() {
    const LEN: usize = 12_000_000;
    let noise = Noise::new();
    let mut place = Place::new();
    for (from, to) in [(true, true), (true, false), (false, true), (false, false)] {
        let ((a, near_a), (b, near_b)) = (place.connect(from), place.connect(to));
        let relay = smol::spawn(relay(near_a, near_b));
        thread::scope(|scope| {
            scope.spawn(|| send(&a, &noise, 1, LEN));
            scope.spawn(|| send(&b, &noise, 2, LEN / 2));
            scope.spawn(|| expect(&a, &noise, 2, LEN / 2));
            expect(&b, &noise, 1, LEN);
        });
        done(relay, LEN, LEN / 2);
    }
}

#[test]
fn unread_data_comes_first() {
    let mut place = Place::new();
    let ((a, mut near_a), (b, near_b)) = (place.connect(true), place.connect(false));
    near_a.unread(b"given back, ");
    let relay = smol::spawn(relay(near_a, near_b));
    let rest = vec![b'x'; 3_000_000];
    thread::scope(|scope| {
        scope.spawn(|| {
            a.writer().write_all(&rest).unwrap();
            a.shutdown();
        });
        let mut heard = Vec::new();
        b.reader().read_to_end(&mut heard).unwrap();
        assert!(heard.strip_prefix(b"given back, ").unwrap() == rest);
    });
    b.shutdown();
    done(relay, 3_000_012, 0);
}

#[test]
fn more_waiting_readers_than_pipes_lose_nothing() {
    const CONNECTIONS: u64 = 80;
    const LEN: usize = 8_000_000;
    let noise = Noise::new();
    let mut place = Place::new();
    let traffic = Arc::new(Traffic::new());
    let mut relays = Vec::new();
    let mut far = Vec::new();
    for _ in 0..CONNECTIONS {
        let ((a, near_a), (b, near_b)) = (place.connect(true), place.connect(false));
        let traffic = Arc::clone(&traffic);
        relays.push(smol::spawn(async move { relay_watched(near_a, near_b, &traffic).await }));
        far.push((a, b));
    }
    thread::scope(|scope| {
        let noise = &noise;
        for (index, (a, _)) in far.iter().enumerate() {
            scope.spawn(move || send(a, noise, index, LEN));
        }
        // Waits until much data is in transit in each relay, of which nothing has been read.
        smol::block_on(async {
            while traffic.so_far().a_to_b < CONNECTIONS * 100_000 {
                yield_now().await;
            }
        });
        for (index, (_, b)) in far.iter().enumerate() {
            scope.spawn(move || expect(b, noise, index, LEN));
        }
    });
    for (relay, (_, b)) in relays.into_iter().zip(&far) {
        b.shutdown();
        done(relay, LEN, 0);
    }
}
