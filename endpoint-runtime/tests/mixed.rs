//! A random test of several executors in one program, in which no operation may hang.
//!
//! Threads enter and leave executors, futures are dropped, and tasks migrate between threads.
//! `MIXED_OPERATIONS=1000000 cargo test --release --test mixed` runs longer.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use endpoint_runtime::{Connection, client_from_string, relay, server_from_string};
use smol::future::{FutureExt, pending, yield_now, zip};
use smol::io::{AsyncReadExt, AsyncWriteExt, split};
use smol::{Executor, LocalExecutor};
use support::TempDir;

/// The executor that the servers and some operations share.
type Shared = &'static Executor<'static>;

/// The function that blocks a thread on a future.
#[derive(Clone, Copy, Debug)]
enum Driver {
    Own,
    Smol,
    AsyncIo,
    Tokio,
}

const DRIVERS: [Driver; 4] = [Driver::Own, Driver::Smol, Driver::AsyncIo, Driver::Tokio];

impl Driver {
    fn any() -> Self {
        DRIVERS[fastrand::usize(..DRIVERS.len())]
    }

    fn block_on<T>(self, future: impl Future<Output = T>) -> T {
        match self {
            Self::Own => endpoint_runtime::block_on(future),
            Self::Smol => smol::block_on(future),
            Self::AsyncIo => async_io::block_on(future),
            Self::Tokio => {
                tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
            }
        }
    }
}

/// The descriptions of clients for three servers: UNIX, TCP, and TCP relayed to UNIX.
struct Servers([String; 3]);

impl Servers {
    async fn open(executor: Shared, dir: &TempDir) -> Self {
        let unix = format!("unix:{}", dir.text("echo.sock"));
        let mut ports = Vec::new();
        for (index, server) in [
            unix.as_str(),
            "tcp:0:interface=127.0.0.1:backlog=1000",
            "haproxy:tcp:0:interface=127.0.0.1:backlog=1000",
        ]
        .into_iter()
        .enumerate()
        {
            let mut listener = server_from_string(server).unwrap().listen().await.unwrap();
            ports.extend(listener.local_address().port());
            let target = unix.clone();
            let serving = async move {
                loop {
                    // A client that has already disconnected is only an error of its connection.
                    let Ok(connection) = listener.accept().await else { continue };
                    let target = (index == 2).then(|| target.clone());
                    executor.spawn(serve(connection, target)).detach();
                }
            };
            executor.spawn(serving).detach();
        }
        let tcp = format!("tcp:127.0.0.1:{}", ports[0]);
        let relayed = format!("haproxy:tcp:127.0.0.1:{}", ports[1]);
        Self([unix, tcp, relayed])
    }

    fn any(&self) -> String {
        self.0[fastrand::usize(..self.0.len())].clone()
    }
}

/// Echoes what a connection sends, or relays it to the echo server `target`.
async fn serve(mut connection: Connection, target: Option<String>) {
    if let Some(target) = target {
        if let Ok(echo) = client_from_string(&target).unwrap().connect().await {
            let _ = relay(connection, echo).await;
        }
        return;
    }
    let mut bytes = [0; 4096];
    while let Ok(len @ 1..) = connection.read(&mut bytes).await {
        if connection.write_all(&bytes[..len]).await.is_err() {
            return;
        }
    }
}

/// One operation: connects, and compares up to three messages with their echoes.
async fn operate(target: String) {
    // The server closes connections that it cannot relay.
    let Ok(connection) = client_from_string(&target).unwrap().connect().await else { return };
    let (mut reader, mut writer) = split(connection);
    for _ in 0..=fastrand::usize(..3) {
        let most = if fastrand::u8(..) < 25 { 200_000 } else { 100 };
        let message = vec![fastrand::u8(..); fastrand::usize(1..most)];
        let mut echo = vec![0; message.len()];
        let both = zip(writer.write_all(&message), reader.read_exact(&mut echo)).await;
        let (Ok(()), Ok(())) = both else { return };
        assert!(echo == message, "the echo differs");
    }
}

/// Like [`operate`], but drops one operation in three before its end.
async fn operate_or_give_up(target: String) {
    let operation = operate(target);
    if fastrand::u8(..3) > 0 {
        return operation.await;
    }
    let limit = Duration::from_micros(fastrand::u64(..3000));
    let late = async {
        smol::Timer::after(limit).await;
    };
    operation.or(late).await;
}

/// Runs one or a few operations on a random executor, and returns their number.
fn step(executor: Shared, servers: &Servers) -> u64 {
    let operation = || operate_or_give_up(servers.any());
    let driver = Driver::any();
    match fastrand::u8(..5) {
        0 => driver.block_on(operation()),
        1 => {
            let local = LocalExecutor::new();
            let tasks: Vec<_> = (0..5).map(|_| local.spawn(operation())).collect();
            driver.block_on(local.run(async {
                for task in tasks {
                    task.await;
                }
            }));
            return 5;
        }
        // Runs on the shared executor, which has its own threads. This thread waits for the end.
        2 => driver.block_on(executor.spawn(operation())),
        // Runs the shared executor for a while, and leaves it with its tasks.
        3 => {
            driver.block_on(executor.run(async {
                for _ in 0..fastrand::usize(..20) {
                    yield_now().await;
                }
            }));
            return 0;
        }
        // Leaves a task behind, blocks, and continues.
        _ => driver.block_on(async {
            executor.spawn(operation()).detach();
            executor.tick().await;
            thread::sleep(Duration::from_millis(fastrand::u64(..3)));
            operation().await;
        }),
    }
    1
}

#[test]
fn mixed_executors_do_not_hang() {
    let operations: u64 = std::env::var("MIXED_OPERATIONS")
        .map_or(20_000, |count| count.parse().expect("MIXED_OPERATIONS is a number"));
    let dir = TempDir::new();
    let executor: Shared = Box::leak(Box::default());
    for driver in [Driver::Own, Driver::Smol] {
        thread::spawn(move || driver.block_on(executor.run(pending::<()>())));
    }
    let servers = Arc::new(smol::block_on(Servers::open(executor, &dir)));
    let (tell, told) = mpsc::channel();
    let started = Arc::new(AtomicU64::new(0));
    let workers: Vec<_> = (0..6)
        .map(|_| {
            let (tell, servers) = (tell.clone(), Arc::clone(&servers));
            let started = Arc::clone(&started);
            thread::spawn(move || {
                while started.load(Ordering::Relaxed) < operations {
                    started.fetch_add(step(executor, &servers), Ordering::Relaxed);
                    tell.send(()).unwrap();
                }
            })
        })
        .collect();
    drop(tell);
    // A step takes milliseconds. If there is none for a minute, the threads hang.
    while let Ok(()) | Err(mpsc::RecvTimeoutError::Timeout) =
        told.recv_timeout(Duration::from_secs(60)).inspect_err(|error| {
            let done = started.load(Ordering::Relaxed);
            assert_eq!(*error, mpsc::RecvTimeoutError::Disconnected, "hangs after {done}");
        })
    {}
    for worker in workers {
        worker.join().unwrap();
    }
}
