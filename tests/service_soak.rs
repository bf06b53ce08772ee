//! Many connections through a relay service, with random pauses and half-closes: every byte arrives
//! once and in order.
//!
//! The environment variables are `SOAK_MIB` (32), `SOAK_CONNECTIONS` (1000), and `SEED` to repeat a
//! run.

#![cfg(feature = "relay")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/service.rs"]
mod service;
#[path = "support/runtime/mod.rs"]
mod support;

use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use service::Running;
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::lock::Semaphore;
use smol::{Async, Executor, Timer};
use strports::relay::RelaySettings;

/// The number of simultaneous connections.
const AT_ONCE: usize = 100;

/// Random numbers (splitmix64), and bytes made of them.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let block = self.next().to_le_bytes();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// The plan of one connection. Both sides know it from the first 24 bytes of the data.
#[derive(Clone, Copy)]
struct Task {
    seed: u64,
    there: u64,
    back: u64,
}

impl Task {
    const LENGTH: usize = 24;

    fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        for (place, number) in bytes.chunks_mut(8).zip([self.seed, self.there, self.back]) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn of_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        let number = |i: usize| u64::from_le_bytes(bytes[i..i + 8].try_into().unwrap());
        Self { seed: number(0), there: number(8), back: number(16) }
    }
}

/// Sends this number of bytes in random pieces, with pauses, and ends the sending side.
async fn send(stream: &Async<TcpStream>, seed: u64, length: u64) {
    let (mut bytes, mut chance) = (Chance(seed), Chance(!seed));
    // Blocks of eight bytes, so that the pieces do not affect the data.
    let mut buffer = vec![0; 1 << 16];
    let mut left = usize::try_from(length).unwrap();
    while left > 0 {
        let piece = match chance.below(4) {
            0 => 8,
            1 => 8 * 32,
            _ => buffer.len(),
        };
        let piece = &mut buffer[..piece.min(left)];
        bytes.fill(piece);
        (&mut &*stream).write_all(piece).await.unwrap();
        left -= piece.len();
        if chance.below(64) == 0 {
            Timer::after(Duration::from_millis(chance.below(20))).await;
        }
    }
    stream.get_ref().shutdown(Shutdown::Write).unwrap();
}

/// Reads this number of bytes and the end, with pauses, and compares them.
async fn receive(stream: &Async<TcpStream>, seed: u64, length: u64) {
    let (mut bytes, mut chance) = (Chance(seed), Chance(seed.rotate_left(32)));
    let (mut buffer, mut expected) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut left = usize::try_from(length).unwrap();
    while left > 0 {
        let piece = left.min(buffer.len());
        (&mut &*stream).read_exact(&mut buffer[..piece]).await.unwrap();
        bytes.fill(&mut expected[..piece]);
        assert!(buffer[..piece] == expected[..piece], "{left} bytes before the end");
        left -= piece;
        if chance.below(64) == 0 {
            Timer::after(Duration::from_millis(chance.below(20))).await;
        }
    }
    assert_eq!((&mut &*stream).read(&mut buffer).await.unwrap(), 0, "there is more");
}

/// Both directions at the same time, or one after the other, at random: a direction must stay open
/// after the end of the other.
async fn exchange(stream: &Async<TcpStream>, out: (u64, u64), into: (u64, u64), order: u64) {
    match order {
        0 => {
            send(stream, out.0, out.1).await;
            receive(stream, into.0, into.1).await;
        }
        1 => {
            receive(stream, into.0, into.1).await;
            send(stream, out.0, out.1).await;
        }
        _ => drop(zip(send(stream, out.0, out.1), receive(stream, into.0, into.1)).await),
    }
}

async fn serve(stream: Async<TcpStream>) {
    let mut bytes = [0; Task::LENGTH];
    (&mut &stream).read_exact(&mut bytes).await.unwrap();
    let task = Task::of_bytes(bytes);
    // Different from the client: if both waited for an end first, neither would send.
    let order = if task.seed.is_multiple_of(3) { 1 } else { 2 };
    exchange(&stream, (!task.seed, task.back), (task.seed, task.there), order).await;
}

async fn ask(stream: Async<TcpStream>, task: Task) {
    (&mut &stream).write_all(&task.to_bytes()).await.unwrap();
    let order = match task.seed % 3 {
        0 => 0,
        1 => 1,
        _ => 2,
    };
    exchange(&stream, (task.seed, task.there), (!task.seed, task.back), order).await;
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn every_byte_arrives() {
    let connections = from_environment("SOAK_CONNECTIONS", 1000);
    let bytes = from_environment("SOAK_MIB", 32) << 20;
    let seed = from_environment("SEED", u64::from(std::process::id()));
    eprintln!("SEED={seed}");

    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp:{}", target.local_addr().unwrap());
    std::thread::spawn(move || {
        let executor = Executor::new();
        let target = Async::new(target).unwrap();
        smol::block_on(executor.run(async {
            loop {
                let (stream, _) = target.accept().await.unwrap();
                executor.spawn(serve(stream)).detach();
            }
        }));
    });
    let running = Running::start(&[place], RelaySettings::default());
    let address = running.address;

    let mut chance = Chance(seed);
    let mean = bytes / connections / 2;
    let room = Semaphore::new(AT_ONCE);
    let executor = Executor::new();
    let (mut there, mut back) = (0, 0);
    smol::block_on(executor.run(async {
        let mut asking = Vec::new();
        for _ in 0..connections {
            let (up, down) = (chance.below(2 * mean + 1), chance.below(2 * mean + 1));
            let task = Task { seed: chance.next(), there: up, back: down };
            there += up + Task::LENGTH as u64;
            back += down;
            let place = room.acquire().await;
            asking.push(executor.spawn(async move {
                let stream = Async::<TcpStream>::connect(address).await.unwrap();
                ask(stream, task).await;
                drop(place);
            }));
        }
        for asking in asking {
            asking.await;
        }
    }));
    while running.handle.snapshot().ended.total() < connections {
        std::thread::yield_now();
    }
    let counters = running.stop().counters;
    assert_eq!((counters.accepted, counters.ended.closed), (connections, connections));
    assert_eq!((counters.transferred.a_to_b, counters.transferred.b_to_a), (there, back));
}
