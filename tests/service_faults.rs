//! A relay service with faults on both sides: no data is lost that could be delivered, no data is
//! invented, and nothing is left behind.

#![cfg(all(feature = "relay", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/service.rs"]
mod service;
#[path = "support/runtime/mod.rs"]
mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_socket_linger;
use service::{Running, ask, echo, handed, named, rest, target};
use strports::relay::RelaySettings;
use strports::runtime::{Resolver, Resolving, client_from_string};
use support::{child, is_child, open_reactors};

/// Bytes without repetition, so that lost or doubled blocks are detected.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(len)
    .collect()
}

/// Ends a connection by a reset.
fn reset(stream: TcpStream) {
    set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// A service with one target, and both ends of its first connection.
fn joined() -> (Running, TcpStream, TcpStream) {
    let (place, given) = handed();
    let running = Running::start(&[place], RelaySettings::default());
    let near = running.connect();
    let far = given.recv().unwrap();
    (running, near, far)
}

#[track_caller]
fn is_reset(mut stream: &TcpStream) {
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_failed_target_ends_only_its_connection() {
    let (place, given) = handed();
    let running = Running::start(&[place], RelaySettings::default());
    let (mut dying, mut living) = (running.connect(), running.connect());
    let (first, second) = (given.recv().unwrap(), given.recv().unwrap());
    dying.write_all(b"1").unwrap();
    living.write_all(b"2").unwrap();
    // The connections reach the target in any order.
    let number = |mut stream: &TcpStream| {
        let mut number = [0];
        stream.read_exact(&mut number).unwrap();
        number
    };
    let (one, other) = (number(&first), number(&second));
    assert_ne!(one, other);
    let (mut dies, mut lives) = if one == *b"1" { (first, second) } else { (second, first) };
    dies.write_all(b"last words").unwrap();
    let mut words = [0; 10];
    dying.read_exact(&mut words).unwrap();
    reset(dies);
    is_reset(&dying);
    running.says("1 broken: 1 there, 10 back");
    lives.write_all(b"fine").unwrap();
    drop(lives);
    assert_eq!(rest(&living), "fine");
    drop(living);
    running.stop();
}

#[test]
fn a_client_that_resets_is_a_reset_to_the_target() {
    let (running, near, mut far) = joined();
    (&near).write_all(b"hello").unwrap();
    far.read_exact(&mut [0; 5]).unwrap();
    reset(near);
    is_reset(&far);
    running.says("1 broken: 5 there, 0 back");
    running.stop();
}

#[test]
fn a_target_may_close_after_its_answer() {
    let (running, near, mut far) = joined();
    let answer = noise(1_000_000);
    far.write_all(&answer).unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    let mut heard = Vec::new();
    (&near).read_to_end(&mut heard).unwrap();
    assert!(heard == answer);
    near.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&far), "");
    running.says("1 closed: 0 there, 1000000 back");
    running.stop();
}

/// Waits until a full socket accepts bytes again. Returns whether it did soon.
fn gets_room(stream: &TcpStream) -> bool {
    let long = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    poll(&mut [PollFd::new(stream, PollFlags::OUT)], Some(&long)).unwrap() > 0
}

#[test]
fn a_slow_reader_bounds_what_is_in_flight() {
    const MOST: usize = 64 << 20;
    let (running, near, mut far) = joined();
    near.set_nonblocking(true).unwrap();
    let block = noise(1 << 20);
    let mut written = 0;
    let moved = || running.handle.snapshot().transferred.a_to_b;
    // Until the socket stays full, and the relay moves no more data.
    loop {
        match (&near).write(&block[written % block.len()..]) {
            Ok(count) => written += count,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                let before = moved();
                if !gets_room(&near) && moved() == before {
                    break;
                }
            }
        }
        assert!(written < MOST, "{written} bytes are in flight");
    }
    near.shutdown(Shutdown::Write).unwrap();
    let mut heard = Vec::new();
    far.read_to_end(&mut heard).unwrap();
    assert_eq!(heard.len(), written);
    assert!(heard.chunks(block.len()).all(|chunk| chunk == &block[..chunk.len()]));
    drop((near, far));
    running.stop();
}

/// A client that reads 20 kB per second would need minutes for the data.
#[test]
fn a_slow_reader_does_not_extend_a_limit() {
    let place = target(|mut stream| while stream.write_all(&[7; 1 << 14]).is_ok() {});
    let mut settings = RelaySettings::default();
    settings.time.lifetime = Some(Duration::from_millis(500));
    settings.max_connections = Some(1);
    let running = Running::start(&[place], settings);
    let (mut slow, next) = (running.connect(), running.connect());
    let reading = std::thread::spawn(move || {
        while slow.read_exact(&mut [0; 1024]).is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let began = Instant::now();
    running.says("1 too-old");
    // The ended connection has made room.
    running.says("2 accepted");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    drop(next);
    reading.join().unwrap();
    running.stop();
}

#[test]
fn bytes_one_by_one_arrive() {
    let (running, mut near, mut far) = joined();
    near.set_nodelay(true).unwrap();
    let bytes = noise(5000);
    for byte in &bytes {
        near.write_all(std::slice::from_ref(byte)).unwrap();
    }
    near.shutdown(Shutdown::Write).unwrap();
    let mut heard = Vec::new();
    far.read_to_end(&mut heard).unwrap();
    assert!(heard == bytes);
    far.set_nodelay(true).unwrap();
    drop(far);
    running.says("1 closed: 5000 there, 0 back");
    running.stop();
}

#[test]
fn a_slow_writer_delays_no_other_connection() {
    let (place, given) = handed();
    let running = Running::start(&[place], RelaySettings::default());
    let mut slow = running.connect();
    let mut far = given.recv().unwrap();
    for number in 0..100_u8 {
        slow.write_all(&[number]).unwrap();
        let mut byte = [0];
        far.read_exact(&mut byte).unwrap();
        assert_eq!(byte, [number]);
        far.write_all(&[number]).unwrap();
        slow.read_exact(&mut byte).unwrap();
        // Other connections come and go in the meantime.
        let (quick, quick_far) = (running.connect(), given.recv().unwrap());
        (&quick_far).write_all(b"!").unwrap();
        drop(quick_far);
        assert_eq!(rest(&quick), "!");
    }
    drop((slow, far));
    running.stop();
}

/// Names without an address, and names without an answer of the resolver.
struct Silent {
    is_endless: bool,
}

impl Resolver for Silent {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        if self.is_endless {
            Box::pin(smol::future::pending())
        } else {
            Box::pin(smol::future::ready(Ok(Vec::new())))
        }
    }
}

#[test]
fn unknown_and_unanswered_names_time_out() {
    for is_endless in [true, false] {
        let mut settings = RelaySettings::default();
        settings.connect_timeout = Some(Duration::from_millis(100));
        let unknown = client_from_string("tcp:nobody.example:1").unwrap();
        let unknown = unknown.with_resolver(Arc::new(Silent { is_endless }));
        let known = client_from_string(&named("known")).unwrap();
        let running = Running::start_with(vec![unknown, known], settings);
        assert_eq!(rest(&running.connect()), "known");
        running.says("1 failed at 0");
        running.says("target 0 down");
        running.stop();
    }
}

#[test]
fn a_shortage_of_descriptors_is_temporary() {
    if is_child() {
        return be_short_of_descriptors();
    }
    let test = "a_shortage_of_descriptors_is_temporary";
    // An odd or even number of descriptors for connections makes no difference.
    for limit in [40, 41] {
        assert!(child(test, &format!("ulimit -S -n {limit}")).status().unwrap().success());
    }
}

/// With so few descriptors, and two for each relayed connection, most clients have to wait.
fn be_short_of_descriptors() {
    let mut cpu = Cpu::open();
    // The other ends are in another process, because they would use the same descriptors.
    let mut crowd = child("a_crowd_connects", "ulimit -S -n 1000");
    crowd.env("CROWD", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut crowd = crowd.spawn().unwrap();
    let mut says = BufReader::new(crowd.stdout.take().unwrap()).lines();
    let mut hears = move |wanted: &str| loop {
        let line = says.next().unwrap().unwrap();
        if let Some(said) = line.strip_prefix(wanted) {
            return said.to_owned();
        }
    };
    let target = format!("tcp:{}", hears("target at "));
    let running = Running::start(&[target], RelaySettings::default());
    writeln!(crowd.stdin.as_ref().unwrap(), "{}", running.address).unwrap();
    hears("all are connected");
    let used = cpu.of_half_a_second();
    assert!(used < 20, "{used} ticks of a hundredth of a second within 50");
    let short = running.handle.snapshot();
    assert!(short.ended.total() < CROWD, "{short:?}");
    // Clients that cannot be served wait. None is reset because of missing descriptors.
    assert_eq!((short.ended.total(), short.connecting), (0, 0), "{short:?}");
    drop(crowd.stdin.take());
    assert!(crowd.wait().unwrap().success());
    // All clients have got an end, and new ones are served.
    while running.handle.snapshot().ended.total() < CROWD {
        std::thread::yield_now();
    }
    assert!(running.handle.snapshot().ended.closed > 0);
    running.stop();
}

const CROWD: u64 = 100;

#[test]
fn a_crowd_connects() {
    if std::env::var_os("CROWD").is_none() {
        return;
    }
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("target at {}", target.local_addr().unwrap());
    std::thread::spawn(move || target.incoming().map(Result::unwrap).collect::<Vec<_>>());
    let mut address = String::new();
    std::io::stdin().read_line(&mut address).unwrap();
    let connect = |_| TcpStream::connect(address.trim()).unwrap();
    let streams: Vec<_> = (0..CROWD).map(connect).collect();
    println!("all are connected");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    drop(streams);
}

/// The CPU time of this process in hundredths of a second. The file stays open, because descriptors
/// may run out.
struct Cpu(File);

impl Cpu {
    fn open() -> Self {
        Self(File::open("/proc/self/stat").unwrap())
    }

    fn ticks(&mut self) -> u64 {
        let mut stat = String::new();
        self.0.rewind().unwrap();
        self.0.read_to_string(&mut stat).unwrap();
        // proc_pid_stat(5): utime and stime are fields 14 and 15, and the name in field 2 may
        // contain spaces.
        let fields = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace();
        fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }

    /// The CPU time within half a second.
    fn of_half_a_second(&mut self) -> u64 {
        let before = self.ticks();
        std::thread::sleep(Duration::from_millis(500));
        self.ticks() - before
    }
}

#[test]
fn no_descriptors_are_left_over() {
    if is_child() {
        return come_and_go();
    }
    assert!(child("no_descriptors_are_left_over", ":").status().unwrap().success());
}

/// The descriptors that stay reserved for the next connections (`endpoint-runtime/src/reserve.rs`).
const SURPLUS: usize = 4;

/// Connections end in all ways. Then the same descriptors are open as before.
fn come_and_go() {
    let mut cpu = Cpu::open();
    open_reactors();
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let running =
        Running::start(&[echo(), service::closed_port::closed()], RelaySettings::default());
    assert_eq!(ask(&running.connect(), "x"), "x");
    running.says("1 closed");
    let before = open();
    for round in 0..200 {
        let mut stream = running.connect();
        match round % 4 {
            0 => assert_eq!(ask(&stream, "hello"), "hello"),
            1 => reset(stream),
            2 => {
                stream.write_all(b"hello").unwrap();
                reset(stream);
            }
            _ => drop(stream),
        }
    }
    while running.handle.snapshot().ended.total() < 201 {
        std::thread::yield_now();
    }
    // The threads of the target close theirs a little later.
    let patience = Instant::now() + Duration::from_secs(20);
    let most = before + SURPLUS;
    while open() > most {
        assert!(Instant::now() < patience, "{} descriptors, not {most}", open());
        std::thread::yield_now();
    }
    let used = cpu.of_half_a_second();
    assert!(used < 5, "{used} ticks of a hundredth of a second with nothing to do");
    running.stop();
}
