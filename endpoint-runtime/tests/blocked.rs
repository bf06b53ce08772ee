//! Tests of code that blocks the thread inside `block_on`: all connections are still served.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use endpoint_runtime::{Client, block_on, client_from_string, server_from_string};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use smol::Executor;
use smol::future::pending;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{child, is_child};

/// Starts an echo server of std on its own threads, and returns a client for it.
fn echo() -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut bytes = [0; 64];
                while let Ok(len @ 1..) = stream.read(&mut bytes) {
                    stream.write_all(&bytes[..len]).unwrap();
                }
            });
        }
    });
    client_from_string(&format!("tcp:127.0.0.1:{port}")).unwrap()
}

/// Connects, and compares three bytes with their echoes. Returns the last one: 3.
async fn ask(client: &Client) -> u8 {
    let mut connection = client.connect().await.unwrap();
    let mut byte = [0];
    for sent in 1..=3 {
        connection.write_all(&[sent]).await.unwrap();
        connection.read_exact(&mut byte).await.unwrap();
    }
    byte[0]
}

#[test]
fn another_block_on_inside_ends() {
    let client = echo();
    for _ in 0..3 {
        assert_eq!(block_on(async { smol::block_on(ask(&client)) }), 3);
        assert_eq!(block_on(async { async_io::block_on(ask(&client)) }), 3);
        assert_eq!(block_on(async { block_on(ask(&client)) }), 3);
    }
}

#[test]
fn a_task_that_another_thread_takes_over_ends() {
    let client = echo();
    let executor: &'static Executor<'static> = Box::leak(Box::default());
    let (tell, told) = mpsc::channel();
    let answer = block_on(async move {
        executor.spawn(async move { tell.send(ask(&client).await).unwrap() }).detach();
        executor.tick().await;
        thread::spawn(|| smol::block_on(executor.run(pending::<()>())));
        told.recv().unwrap()
    });
    assert_eq!(answer, 3);
}

#[test]
fn a_call_back_that_blocks_delays_its_server_only() {
    let collector = echo();
    let (tell, told) = mpsc::channel();
    let serving = async move {
        let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
        let mut listener = server.listen().await.unwrap();
        tell.send(listener.local_address().port().unwrap()).unwrap();
        for _ in 0..3 {
            let mut connection = listener.accept().await.unwrap();
            assert_eq!(smol::block_on(ask(&collector)), 3);
            connection.write_all(b"answer").await.unwrap();
        }
    };
    let asking = thread::spawn(move || {
        let port = told.recv().unwrap();
        for _ in 0..3 {
            let mut answer = String::new();
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.read_to_string(&mut answer).unwrap();
            assert_eq!(answer, "answer");
        }
    });
    block_on(serving);
    asking.join().unwrap();
}

/// Lowers the limit of this process so that `left` more descriptors can be opened.
fn leave_descriptors(left: u64) {
    let next = std::fs::File::open("/dev/null").unwrap();
    let next = u64::try_from(std::os::fd::AsRawFd::as_raw_fd(&next)).unwrap();
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(next + left), ..limit }).unwrap();
}

#[test]
fn a_lack_of_descriptors_is_an_error() {
    let test = "a_lack_of_descriptors_is_an_error";
    if !is_child() {
        assert!(child(test, ":").status().unwrap().success());
        return;
    }
    let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
    let unlimited = getrlimit(Resource::Nofile);
    for left in 0..3 {
        leave_descriptors(left);
        // This executor does not drive the reactor of this crate, so the socket belongs to
        // async-io. That would panic without descriptors if this crate did not check first.
        let elsewhere = smol::future::block_on(server.listen());
        for listening in [elsewhere, block_on(server.listen())] {
            let error = listening.unwrap_err().to_string();
            assert!(error.contains("too many open files"), "{error}");
        }
        setrlimit(Resource::Nofile, unlimited).unwrap();
    }
    assert!(smol::future::block_on(server.listen()).is_ok());
    assert!(block_on(server.listen()).is_ok());
}
