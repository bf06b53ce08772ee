//! A test of ten thousand idle connections: they stay open, and each takes little memory.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use endpoint_runtime::Connection;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{child, is_child, listen};

const CONNECTIONS: usize = 10_000;

/// The memory in bytes that an idle connection may use; about 400 were measured.
///
/// The share of the reactor's table is part of it. The table doubles when it grows.
const MOST_BYTES: usize = 512;

#[test]
fn ten_thousand_idle_connections_stay_open() {
    allow_descriptors();
    if is_child() {
        return hold_connections();
    }
    let mut listener = listen("tcp:0:interface=127.0.0.1:backlog=4096");
    let port = listener.local_address().port().unwrap();
    let mut child = child("ten_thousand_idle_connections_stay_open", ":")
        .env("PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child_says = BufReader::new(child.stdout.take().unwrap());

    smol::block_on(async {
        let mut held: Vec<Connection> = Vec::with_capacity(CONNECTIONS);
        held.push(listener.accept().await.unwrap());
        let before = resident_bytes();
        while held.len() < CONNECTIONS {
            held.push(listener.accept().await.unwrap());
        }
        let each = resident_bytes().saturating_sub(before) / CONNECTIONS;
        eprintln!("an idle connection takes {each} bytes");
        assert!(each <= MOST_BYTES, "{each} bytes for an idle connection");

        // The last connection works like the first, and the listener accepts another one.
        let mut further = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut accepted = listener.accept().await.unwrap();
        accepted.write_all(b"hello").await.unwrap();
        let mut greeting = [0; 5];
        further.read_exact(&mut greeting).unwrap();
        assert_eq!(&greeting, b"hello");

        // Checks that all connections are still open: each reads what its peer writes at the end.
        let mut line = String::new();
        while !line.contains("all are connected") {
            line.clear();
            assert_ne!(child_says.read_line(&mut line).unwrap(), 0, "the child has ended");
        }
        drop(child.stdin.take());
        for connection in &mut held {
            let mut end = Vec::new();
            connection.read_to_end(&mut end).await.unwrap();
            assert_eq!(end, b"bye");
        }
    });
    assert!(child.wait().unwrap().success());
}

/// Opens the other ends, in a child process: one process could not have both ends' descriptors.
fn hold_connections() {
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    let held: Vec<TcpStream> =
        (0..CONNECTIONS).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    println!("all are connected");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    for mut connection in held {
        connection.write_all(b"bye").unwrap();
    }
}

/// Raises the limit of descriptors to the maximum of this machine.
fn allow_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = CONNECTIONS as u64 + 100;
    assert!(
        limit.maximum.is_none_or(|most| most >= wanted),
        "this test needs {wanted} descriptors (ulimit -Hn)"
    );
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

/// The memory of this process that is in RAM, in bytes.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}
