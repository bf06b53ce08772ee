//! Standard input and output as a connection, in a child process that has them to itself.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, ChildStdout, Stdio};

use endpoint_runtime::{Error, Transferred, client_from_string, relay, server_from_string};
use smol::stream::StreamExt;
use support::{TempDir, child, is_child};

const TEST: &str = "stdio_is_relayed";

/// The child: standard input and output to the socket in the environment, then that much more time.
fn run_child() -> ! {
    let socket = format!("unix:{}", std::env::var("TEST_SOCKET").unwrap());
    let result: Result<Transferred, Error> = smol::block_on(async {
        let mut listener = server_from_string("stdio:")?.listen().await?;
        let stdio = listener.accept().await?;
        assert!(listener.next().await.is_none(), "there is one connection");
        let error = client_from_string("stdio:")?.connect().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "`stdio:`: standard input and output can be taken once per process"
        );
        relay(stdio, client_from_string(&socket)?.connect().await?).await
    });
    result.unwrap();
    // Standard output has ended, but this process has not: it waits to be told.
    let mut told = UnixStream::connect(std::env::var("TEST_GATE").unwrap()).unwrap();
    told.read_to_end(&mut Vec::new()).unwrap();
    // The test program would fail for having nowhere to write its summary.
    std::process::exit(0);
}

/// The test program says something of its own before the child does.
fn payload(mut output: impl Read) -> String {
    let mut all = Vec::new();
    output.read_to_end(&mut all).unwrap();
    let all = String::from_utf8_lossy(&all).into_owned();
    all.split_once("running 1 test\n").expect("the head of the test program").1.to_owned()
}

struct Running {
    dir: TempDir,
    child: Child,
    far: UnixStream,
    gate: UnixListener,
}

fn start(stdin: impl Into<Stdio>, stdout: impl Into<Stdio>) -> Running {
    let dir = TempDir::new();
    let listener = UnixListener::bind(dir.path("s")).unwrap();
    let gate = UnixListener::bind(dir.path("gate")).unwrap();
    let child = child(TEST, ":")
        .env("TEST_SOCKET", dir.path("s"))
        .env("TEST_GATE", dir.path("gate"))
        .stdin(stdin)
        .stdout(stdout)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let far = listener.accept().unwrap().0;
    Running { dir, child, far, gate }
}

impl Running {
    fn finish(mut self) {
        drop(self.gate.accept().unwrap());
        assert!(self.child.wait().unwrap().success());
        drop(self.dir);
    }
}

fn read_all(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn stdio_is_relayed() {
    if is_child() {
        run_child();
    }
    over_pipes();
    over_files();
    over_one_socket();
    over_a_device();
}

fn over_pipes() {
    let mut running = start(Stdio::piped(), Stdio::piped());
    let mut stdin = running.child.stdin.take().unwrap();
    let stdout: ChildStdout = running.child.stdout.take().unwrap();
    stdin.write_all(b"question").unwrap();
    drop(stdin);
    assert_eq!(read_all(&mut running.far), "question");
    // More than a pipe holds: closing has to wait until the reader has all of it.
    let answer = "answer".repeat(100_000);
    let mut far = running.far.try_clone().unwrap();
    let sent = answer.clone();
    let writer = std::thread::spawn(move || {
        far.write_all(sent.as_bytes()).unwrap();
        far.shutdown(Shutdown::Write).unwrap();
    });
    assert!(payload(stdout) == answer, "the pipe ends while the child still runs");
    writer.join().unwrap();
    running.finish();
}

fn over_files() {
    let dir = TempDir::new();
    std::fs::write(dir.path("in"), "question").unwrap();
    let input = File::open(dir.path("in")).unwrap();
    let output = File::create_new(dir.path("out")).unwrap();
    let mut running = start(input, output);
    assert_eq!(read_all(&mut running.far), "question");
    running.far.write_all(b"answer").unwrap();
    running.far.shutdown(Shutdown::Write).unwrap();
    running.finish();
    assert_eq!(payload(File::open(dir.path("out")).unwrap()), "answer");
}

/// As inetd does it.
fn over_one_socket() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let input = OwnedFd::from(theirs.try_clone().unwrap());
    let mut running = start(input, OwnedFd::from(theirs));
    running.far.write_all(b"answer").unwrap();
    running.far.shutdown(Shutdown::Write).unwrap();
    assert_eq!(payload(&ours), "answer", "the write side has ended");
    (&ours).write_all(b"late question").unwrap();
    ours.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&mut running.far), "late question", "the read side went on");
    running.finish();
}

/// `/dev/null` is a character device, as a terminal is, and ends at once.
fn over_a_device() {
    let mut running = start(Stdio::null(), Stdio::null());
    assert_eq!(read_all(&mut running.far), "");
    running.far.write_all(b"unheard").unwrap();
    running.far.shutdown(Shutdown::Write).unwrap();
    running.finish();
}
