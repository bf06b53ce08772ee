//! A test that connections, refusals, timeouts and dropped futures leak no resource.
//!
//! There is only one test, so that nothing else in this process opens descriptors during the count.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::ffi::OsString;
use std::future::Future;
use std::net::{TcpListener, TcpStream};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use endpoint_runtime::plan::{ClientPlan, ClientTransport};
use endpoint_runtime::{
    Client, Connection, Listener, Server, client_from_string, server_from_string,
};
use smol::channel::{self, Receiver};
use smol::future::{or, poll_once, zip};
use smol::io::AsyncReadExt;
use support::{TempDir, open_reactors};

/// How many times each of the ten cases is run.
const ROUNDS: usize = 1_000;

#[test]
fn nothing_leaks() {
    let directory = TempDir::new();
    let mut cases = Cases::new(&directory);
    // Measure after a few rounds, because dropped work may still be running on a thread.
    open_reactors();
    let before = Possessions::count(&directory);
    for round in 0..ROUNDS {
        cases.round(round);
    }
    // Work of a dropped future on another thread releases its resources only when it ends.
    let mut after = Possessions::count(&directory);
    for _ in 0..ROUNDS {
        if after == before {
            break;
        }
        smol::block_on(smol::unblock(std::thread::yield_now));
        after = Possessions::count(&directory);
    }
    assert_eq!(after, before);
}

/// The resources that the process has: open descriptors, child processes, files.
#[derive(Debug, PartialEq, Eq)]
struct Possessions {
    descriptors: usize,
    children: String,
    files: Vec<OsString>,
}

impl Possessions {
    fn count(directory: &TempDir) -> Self {
        let files = std::fs::read_dir(directory.path("")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        files.sort();
        let children = std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).ok())
            .collect();
        let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
        Self { descriptors, children, files }
    }
}

/// The endpoints of all cases. Their listeners stay open during the test.
struct Cases {
    tcp: (Listener, Client),
    unix: (Listener, Client),
    /// A server with a layer that reads one byte as a greeting.
    greeted: (Listener, Client),
    /// Receives a message when the layer of `greeted` has read a greeting or failed.
    heard: Receiver<()>,
    absent: Client,
    refusing: Client,
    silent: (TcpListener, Client),
    passing: Server,
    /// A server whose `listen` is dropped, with its own path: dropped work may still use it.
    dropped: Server,
    taken: Server,
}

impl Cases {
    fn new(directory: &TempDir) -> Self {
        let refusing = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            client_from_string(&format!("tcp:127.0.0.1:{port}")).unwrap()
        };
        let (tell, heard) = channel::unbounded();
        let tcp = served(&server_from_string("tcp:0:interface=127.0.0.1").unwrap());
        let greeted = server_from_string("tcp:0:interface=127.0.0.1").unwrap().wrapped(
            move |mut connection: Connection| {
                let tell = tell.clone();
                async move {
                    let greeting = connection.read_exact(&mut [0]).await;
                    tell.send(()).await.unwrap();
                    greeting.map(|()| connection)
                }
            },
        );
        let at =
            |name: &str| server_from_string(&format!("unix:{}", directory.text(name))).unwrap();
        Self {
            tcp,
            greeted: served(&greeted),
            heard,
            absent: client_from_string(&format!("unix:{}", directory.text("absent"))).unwrap(),
            refusing,
            silent: silent(),
            passing: at("passing"),
            dropped: at("dropped"),
            taken: at("lasting"),
            unix: served(&at("lasting")),
        }
    }

    fn round(&mut self, round: usize) {
        smol::block_on(async {
            connect(&mut self.tcp).await;
            connect(&mut self.unix).await;
            self.absent.connect().await.unwrap_err();
            self.refusing.connect().await.unwrap_err();
            self.silent.1.connect().await.unwrap_err();
            self.taken.listen().await.unwrap_err();
            self.passing.listen().await.unwrap().close().await.unwrap();
        });
        drop_half_way(self.tcp.1.connect(), round);
        drop_half_way(self.unix.1.connect(), round);
        drop_half_way(self.dropped.listen(), round);
        smol::block_on(async {
            // Clients that connected and hung up are still in the queues. One of them never sends a
            // greeting.
            while let Some(connection) = poll_once(self.tcp.0.accept()).await {
                connection.unwrap();
            }
            while let Some(connection) = poll_once(self.unix.0.accept()).await {
                connection.unwrap();
            }
            let silent = self.greeted.1.connect().await.unwrap();
            assert!(poll_once(self.greeted.0.accept()).await.is_none());
            drop(silent);
            let gone = async {
                self.heard.recv().await.unwrap();
                None
            };
            assert!(or(async { Some(self.greeted.0.accept().await) }, gone).await.is_none());
        });
    }
}

/// A running server, and a client that connects to it.
fn served(server: &Server) -> (Listener, Client) {
    let listener = smol::block_on(server.listen()).unwrap();
    let client = Client::new(&listener.client_endpoint().unwrap()).unwrap();
    (listener, client)
}

/// A listener that never accepts, with a full queue, so that connecting takes too long.
fn silent() -> (TcpListener, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = client_from_string(&format!("tcp:127.0.0.1:{port}")).unwrap();
    let ClientTransport::Tcp(mut plan) = client.plan().transport.clone() else { unreachable!() };
    plan.timeout = Duration::from_millis(1);
    // The queue holds one connection, which has to stay open as long as the listener.
    std::mem::forget(TcpStream::connect(("127.0.0.1", port)).unwrap());
    (listener, Client::from_plan(ClientPlan::from(plan)))
}

async fn connect((listener, client): &mut (Listener, Client)) {
    let (ours, theirs) = zip(client.connect(), listener.accept()).await;
    assert_eq!(ours.unwrap().endpoint(), client.endpoint());
    theirs.unwrap();
}

/// Polls a future up to three times, with a different number each round, and drops it.
fn drop_half_way(future: impl Future, round: usize) {
    let mut future = pin!(future);
    for _ in 0..=round % 3 {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            break;
        }
        std::thread::yield_now();
    }
}
