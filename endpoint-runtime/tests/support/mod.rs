//! Helpers for several tests: temporary directories, connected pairs, and child processes.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use endpoint_runtime::{
    Blame, Connection, Error, Listener, client_from_string, server_from_string,
};
use smol::future::{poll_once, zip};
use smol::io::{AsyncReadExt, AsyncWriteExt};

/// How many threads of this process watch files of certificates, by the names of threads.
pub(crate) fn watchers() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim_end() == "certificates").count()
}

/// A temporary directory that is removed with its files when this value is dropped.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    #[track_caller]
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("endpoint-{}-{count}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A path in the directory as text for a description. It contains nothing to escape.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
pub(crate) fn listen(description: &str) -> Listener {
    smol::block_on(server_from_string(description).unwrap().listen()).unwrap()
}

#[track_caller]
pub(crate) fn listen_error(description: &str) -> Error {
    smol::block_on(server_from_string(description).unwrap().listen()).unwrap_err()
}

#[track_caller]
pub(crate) fn connect(description: &str) -> Result<Connection, Error> {
    smol::block_on(client_from_string(description).unwrap().connect())
}

/// A TCP listener on 127.0.0.1, and the description of a client for it.
#[track_caller]
pub(crate) fn loopback() -> (Listener, String) {
    let listener = listen("tcp:0:interface=127.0.0.1");
    let port = listener.local_address().port().unwrap();
    (listener, format!("tcp:127.0.0.1:{port}"))
}

/// Opens the descriptors that the reactors of this crate and of async-io keep open.
///
/// Tests that count descriptors call this before the first count.
#[track_caller]
pub(crate) fn open_reactors() {
    let (mut listener, _) = loopback();
    smol::block_on(async {
        assert!(poll_once(listener.accept()).await.is_none());
        assert!(poll_once(smol::Timer::after(Duration::from_secs(3600))).await.is_none());
    });
}

/// Whether the loopback interface has IPv6; if not, prints that the test is skipped.
#[track_caller]
pub(crate) fn has_ipv6() -> bool {
    let has = std::net::TcpListener::bind("[::1]:0").is_ok();
    if !has {
        skipped("this machine has no IPv6");
    }
    has
}

/// Prints that a test is skipped, with the reason and the place in the source.
#[track_caller]
pub(crate) fn skipped(why: &str) {
    // Writes to the descriptor: the harness captures `eprintln!` of passing tests.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "SKIPPED {}: {why}", std::panic::Location::caller()).unwrap();
}

/// Connects a client to a listener: returns the client's connection and the accepted one.
#[track_caller]
pub(crate) fn pair(listener: &mut Listener, client: &str) -> (Connection, Connection) {
    let client = client_from_string(client).unwrap();
    let (ours, theirs) = smol::block_on(zip(client.connect(), listener.accept()));
    (ours.unwrap(), theirs.unwrap())
}

/// Checks that a question up to its half-close, and then an answer up to its end, arrive.
#[track_caller]
pub(crate) fn converse(mut ours: Connection, mut theirs: Connection) {
    smol::block_on(async {
        ours.write_all(b"question").await.unwrap();
        ours.close().await.unwrap();
        let mut question = String::new();
        theirs.read_to_string(&mut question).await.unwrap();
        assert_eq!(question, "question");
        theirs.write_all(b"answer").await.unwrap();
        drop(theirs);
        let mut answer = String::new();
        ours.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "answer");
    });
}

/// Checks that a connection outlives its listener, and that a closed listener accepts no others.
#[track_caller]
pub(crate) fn outlive(mut listener: Listener, client: &str) {
    let (mut ours, mut theirs) = pair(&mut listener, client);
    smol::block_on(listener.close()).unwrap();
    assert_eq!(connect(client).unwrap_err().blame(), Blame::Peer);
    smol::block_on(async {
        ours.write_all(b"still here").await.unwrap();
        let mut read = [0; 10];
        theirs.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"still here");
    });
}

/// Checks that a listener accepts a client of its address, and sends it a greeting.
#[track_caller]
pub(crate) fn greets(listener: &mut Listener, address: SocketAddr) {
    let mut client = TcpStream::connect(address).unwrap();
    let mut accepted = smol::block_on(listener.accept()).unwrap();
    assert_eq!(accepted.peer_address().as_tcp(), Some(client.local_addr().unwrap()));
    smol::block_on(accepted.write_all(b"hello")).unwrap();
    drop(accepted);
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
}

/// The blame and the message of a connection that must have failed.
#[track_caller]
pub(crate) fn refused(connection: Result<Connection, Error>) -> (Blame, String) {
    let error = connection.unwrap_err();
    (error.blame(), error.problem().to_string())
}

pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A command that runs one test of this program in a child process.
///
/// A shell runs the commands `limits` first, such as `ulimit -n 64`, or `:` for none.
pub(crate) fn child(test: &str, limits: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{limits}; exec \"$0\" \"$@\""));
    command.arg(std::env::current_exe().unwrap());
    // With one thread, the harness would print the name of the test before it runs.
    command.args(["--exact", test, "--nocapture", "--test-threads=2"]).env("TEST_CHILD", test);
    command
}

/// Whether this process was started by [`child`].
pub(crate) fn is_child() -> bool {
    std::env::var_os("TEST_CHILD").is_some()
}
