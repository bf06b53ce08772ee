//! Thousands of idle connections through a relay service: each needs little memory, and the last
//! one works like the first.

#![cfg(all(feature = "relay", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/service.rs"]
mod service;
#[path = "support/runtime/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use service::Running;
use strports::relay::RelaySettings;
use support::{child, is_child};

const CONNECTIONS: usize = 4000;

/// The memory in bytes that an idle relayed connection may use, for both of its sockets.
const MOST_BYTES: usize = 1800;

#[test]
fn idle_relayed_connections_need_little_memory() {
    allow_descriptors();
    if is_child() {
        return be_both_ends();
    }
    let mut ends = child("idle_relayed_connections_need_little_memory", ":");
    let mut ends = ends.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut says = BufReader::new(ends.stdout.take().unwrap()).lines();
    let mut hears = move |wanted: &str| loop {
        let line = says.next().unwrap().unwrap();
        if let Some(said) = line.strip_prefix(wanted) {
            return said.to_owned();
        }
    };
    let target = format!("tcp:{}", hears("target at "));
    let mut settings = RelaySettings::default();
    settings.time.idle = Some(std::time::Duration::from_secs(3600));
    let running = Running::start(&[target], settings);
    // Memory for the first connection is shared by all.
    drop(running.connect());
    running.says("1 closed");
    running.stop_listening();
    let before = resident_bytes();
    writeln!(ends.stdin.as_ref().unwrap(), "{}", running.address).unwrap();
    hears("all are connected");
    while running.handle.snapshot().open < CONNECTIONS {
        std::thread::yield_now();
    }
    let each = resident_bytes().saturating_sub(before) / CONNECTIONS;
    eprintln!("an idle relayed connection takes {each} bytes");
    assert!(each <= MOST_BYTES, "{each} bytes for an idle relayed connection");
    // Each sends its number on request, and receives it again.
    drop(ends.stdin.take());
    assert!(ends.wait().unwrap().success());
    let counters = running.stop().counters;
    assert_eq!(counters.transferred.a_to_b, 8 * CONNECTIONS as u64);
}

/// The clients, and the target that they are connected to.
fn be_both_ends() {
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&target, 4096).unwrap();
    println!("target at {}", target.local_addr().unwrap());
    let accepting = std::thread::spawn(move || -> Vec<TcpStream> {
        let mut first = target.accept().unwrap().0;
        assert_eq!(first.read(&mut [0]).unwrap(), 0);
        drop(first);
        (0..CONNECTIONS).map(|_| target.accept().unwrap().0).collect()
    });
    let mut address = String::new();
    std::io::stdin().read_line(&mut address).unwrap();
    let connect = |_| TcpStream::connect(address.trim()).unwrap();
    let near: Vec<_> = (0..CONNECTIONS).map(connect).collect();
    let far = accepting.join().unwrap();
    println!("all are connected");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    for (number, mut stream) in near.iter().enumerate() {
        stream.write_all(&number.to_be_bytes()).unwrap();
    }
    let mut seen: Vec<usize> = far
        .iter()
        .map(|mut stream| {
            let mut number = [0; 8];
            stream.read_exact(&mut number).unwrap();
            usize::from_be_bytes(number)
        })
        .collect();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..CONNECTIONS));
}

/// Raises the limit of descriptors to the maximum of this machine.
fn allow_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = 2 * CONNECTIONS as u64 + 100;
    assert!(
        limit.maximum.is_none_or(|most| most >= wanted),
        "this test needs {wanted} descriptors (ulimit -Hn)"
    );
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}
