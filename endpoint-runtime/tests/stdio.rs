//! Tests of `stdio` endpoints, in a child process whose standard input and output the test owns.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, ChildStdout, Stdio};

use endpoint_runtime::{Connection, client_from_string, relay, server_from_string};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::pipe::pipe;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use smol::future::poll_once;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::stream::StreamExt;
use support::{TempDir, child, connect, is_child};

/// In the child: reports to the parent that this point is reached, and waits until
/// [`Running::pass`].
fn arrive() {
    let mut gate = UnixStream::connect(std::env::var("TEST_GATE").unwrap()).unwrap();
    gate.read_to_end(&mut Vec::new()).unwrap();
}

fn stdio() -> Connection {
    connect("stdio:").unwrap()
}

/// In the child: relays standard input and output to the UNIX socket `TEST_SOCKET`, and exits.
fn run_relay() -> ! {
    let socket = format!("unix:{}", std::env::var("TEST_SOCKET").unwrap());
    smol::block_on(async {
        let mut listener = server_from_string("stdio:")?.listen().await?;
        let stdio = listener.accept().await?;
        assert!(listener.next().await.is_none(), "there is one connection");
        let error = client_from_string("stdio:")?.connect().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "`stdio:`: standard input and output are in use by another connection"
        );
        relay(stdio, client_from_string(&socket)?.connect().await?).await
    })
    .unwrap();
    let after = connect("stdio:").map_or_else(|error| error.to_string(), |_| String::new());
    assert_eq!(after, std::env::var("TEST_AFTER").unwrap());
    // Standard output is closed here, while the process still runs.
    arrive();
    // Returning would fail: the test program could not write its summary to standard output.
    std::process::exit(0);
}

/// The error of another `stdio:` connection after one has closed standard output.
const ENDED: &str = "`stdio:`: standard output was closed by an earlier connection";

/// The output of the child without the header that the test program prints before it.
fn payload(mut output: impl Read) -> Vec<u8> {
    let mut all = Vec::new();
    output.read_to_end(&mut all).unwrap();
    let head = b"running 1 test\n";
    let start = all.windows(head.len()).position(|window| window == head).expect("the head");
    all.split_off(start + head.len())
}

/// Reads until `wanted` is among the data; panics at the end of file.
fn read_until(mut from: impl Read, wanted: &str) {
    let (mut all, mut buf) = (Vec::<u8>::new(), [0; 256]);
    while !all.windows(wanted.len()).any(|window| window == wanted.as_bytes()) {
        let read = from.read(&mut buf).unwrap();
        assert_ne!(read, 0, "it ended before `{wanted}` came");
        all.extend(&buf[..read]);
    }
}

fn read_all(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

/// A child that runs, with the sockets on which it connects to the test.
struct Running {
    dir: TempDir,
    child: Child,
    /// Accepts the other end of the relay.
    far: UnixListener,
    /// Accepts a connection whenever the child arrives at a point where it waits.
    gate: UnixListener,
}

fn start(test: &str, after: &str, stdin: impl Into<Stdio>, stdout: impl Into<Stdio>) -> Running {
    let dir = TempDir::new();
    let far = UnixListener::bind(dir.path("s")).unwrap();
    let gate = UnixListener::bind(dir.path("gate")).unwrap();
    let child = child(test, ":")
        .env("TEST_SOCKET", dir.path("s"))
        .env("TEST_GATE", dir.path("gate"))
        .env("TEST_AFTER", after)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    Running { dir, child, far, gate }
}

impl Running {
    /// The other end of the relay.
    fn far(&self) -> UnixStream {
        self.far.accept().unwrap().0
    }

    /// Waits until the child arrives at a point ([`arrive`]), and lets it continue.
    fn pass(&self) {
        drop(self.gate.accept().unwrap());
    }

    fn finish(mut self) {
        assert!(self.child.wait().unwrap().success());
        drop(self.dir);
    }
}

/// Opens a pseudo-terminal: returns its master and its terminal.
fn pty() -> (OwnedFd, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let terminal = ioctl_tiocgptpeer(&master, flags).unwrap();
    (master, terminal)
}

fn copy_of(descriptor: &OwnedFd) -> OwnedFd {
    descriptor.try_clone().unwrap()
}

#[test]
fn stdio_is_relayed() {
    const TEST: &str = "stdio_is_relayed";
    if is_child() {
        run_relay();
    }
    over_pipes(TEST);
    over_files(TEST);
    over_one_socket(TEST);
    over_a_device(TEST);
}

fn over_pipes(test: &str) {
    let mut running = start(test, ENDED, Stdio::piped(), Stdio::piped());
    let mut far = running.far();
    let mut stdin = running.child.stdin.take().unwrap();
    let stdout: ChildStdout = running.child.stdout.take().unwrap();
    stdin.write_all(b"question").unwrap();
    drop(stdin);
    assert_eq!(read_all(&mut far), "question");
    // More than a pipe holds, so closing has to wait until the reader has read everything.
    let answer = b"answer".repeat(100_000);
    let sent = answer.clone();
    let writer = std::thread::spawn(move || {
        far.write_all(&sent).unwrap();
        far.shutdown(Shutdown::Write).unwrap();
    });
    assert!(payload(stdout) == answer, "the pipe ends while the child still runs");
    writer.join().unwrap();
    running.pass();
    running.finish();
}

fn over_files(test: &str) {
    let dir = TempDir::new();
    // More data than a thread reads from a file at once.
    let question = "question".repeat(50_000);
    std::fs::write(dir.path("in"), &question).unwrap();
    let input = File::open(dir.path("in")).unwrap();
    let output = File::create_new(dir.path("out")).unwrap();
    let running = start(test, "", input, output);
    let mut far = running.far();
    assert!(read_all(&mut far) == question);
    let answer = b"answer".repeat(50_000);
    far.write_all(&answer).unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    running.pass();
    running.finish();
    assert!(payload(File::open(dir.path("out")).unwrap()) == answer);
}

/// Tests one socket that is both standard input and output, as with inetd.
fn over_one_socket(test: &str) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let input = OwnedFd::from(theirs.try_clone().unwrap());
    let running = start(test, ENDED, input, OwnedFd::from(theirs));
    let mut far = running.far();
    far.write_all(b"answer").unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    assert_eq!(payload(&ours), b"answer", "the write side has ended");
    (&ours).write_all(b"late question").unwrap();
    ours.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&mut far), "late question", "the read side went on");
    running.pass();
    running.finish();
}

/// Tests `/dev/null`, which cannot be polled and is at its end from the beginning.
fn over_a_device(test: &str) {
    let running = start(test, "", Stdio::null(), Stdio::null());
    let mut far = running.far();
    assert_eq!(read_all(&mut far), "");
    far.write_all(b"write_closed").unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    running.pass();
    running.finish();
}

#[test]
fn large_data_is_relayed_unchanged() {
    const TEST: &str = "large_data_is_relayed_unchanged";
    if is_child() {
        run_relay();
    }
    let mut running = start(TEST, ENDED, Stdio::piped(), Stdio::piped());
    let (mut far, mut stdin) = (running.far(), running.child.stdin.take().unwrap());
    let sent: Vec<u8> = (0..2 * 1024 * 1024_u64).flat_map(|i| (i * i).to_be_bytes()).collect();
    let expected = sent.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&sent).unwrap());
    let echo = std::thread::spawn(move || {
        std::io::copy(&mut far.try_clone().unwrap(), &mut far).unwrap();
        far.shutdown(Shutdown::Write).unwrap();
    });
    assert!(payload(running.child.stdout.take().unwrap()) == expected);
    writer.join().unwrap();
    echo.join().unwrap();
    running.pass();
    running.finish();
}

#[test]
fn flags_are_left_as_found_even_by_a_crash() {
    const TEST: &str = "flags_are_left_as_found_even_by_a_crash";
    if is_child() {
        run_relay();
    }
    let (input, writer) = pipe().unwrap();
    let (reader, output) = pipe().unwrap();
    crash(TEST, [&input, &output], [&writer, &reader]);
    let (master, terminal) = pty();
    crash(TEST, [&terminal, &terminal], [&master, &master]);
    // Now the child has the master instead of the terminal, as a terminal emulator does.
    crash(TEST, [&master, &master], [&terminal, &terminal]);
    let (theirs, ours) = UnixStream::pair().unwrap();
    let (theirs, ours) = (theirs.into(), ours.into());
    crash(TEST, [&theirs, &theirs], [&ours, &ours]);
}

/// Transfers bytes in both directions, kills the child, and checks the flags of all descriptors.
///
/// A killed child cannot restore flags, so it must not change any.
fn crash(test: &str, [input, output]: [&OwnedFd; 2], [writer, reader]: [&OwnedFd; 2]) {
    let flags = || [input, output, writer, reader].map(|shared| fcntl_getfl(shared).unwrap());
    let before = flags();
    assert!(!before.iter().any(|flags| flags.contains(OFlags::NONBLOCK)));
    let mut running = start(test, "", copy_of(input), copy_of(output));
    let mut far = running.far();
    rustix::io::write(writer, b"question\n").unwrap();
    read_until(&far, "question");
    far.write_all(b"answer\n").unwrap();
    read_until(File::from(copy_of(reader)), "answer");
    assert_eq!(flags(), before, "while it runs");
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    assert_eq!(flags(), before, "after a crash");
}

#[test]
fn a_connection_that_is_dropped_loses_no_byte() {
    const TEST: &str = "a_connection_that_is_dropped_loses_no_byte";
    if is_child() {
        take_again();
    }
    let dir = TempDir::new();
    std::fs::write(dir.path("in"), "0123456\nlate\n").unwrap();
    let file = File::open(dir.path("in")).unwrap();
    let null = || File::options().write(true).open("/dev/null").unwrap();
    let running = start(TEST, "late\n", file, null());
    running.pass();
    running.finish();

    let (input, writer) = pipe().unwrap();
    feed(start(TEST, "late\n", input, null()), writer, "late\n");
    let (master, terminal) = pty();
    feed(start(TEST, "late\n", terminal, null()), copy_of(&master), "late\n");
    // The output on a terminal arrives at its master with carriage returns.
    let (master, terminal) = pty();
    let running = start(TEST, "\nlate\r\n", copy_of(&master), null());
    feed(running, terminal, "late\n");
}

fn feed(running: Running, writer: OwnedFd, late: &str) {
    let mut writer = File::from(writer);
    writer.write_all(b"0123456\n").unwrap();
    running.pass();
    writer.write_all(late.as_bytes()).unwrap();
    running.finish();
}

/// In the child: reads pieces through several connections in turn, and drops a pending read.
fn take_again() -> ! {
    let late = std::env::var("TEST_AFTER").unwrap();
    smol::block_on(async {
        let (mut piece, mut open) = ([0; 4], Vec::new());
        for expected in [b"0123", if late.starts_with('\n') { b"456\r" } else { b"456\n" }] {
            stdio().read_exact(&mut piece).await.unwrap();
            assert_eq!(&piece, expected);
            open.push(std::fs::read_dir("/proc/self/fd").unwrap().count());
        }
        assert_eq!(open.first(), open.last(), "what a connection opens is closed");
        let mut rest = vec![0; 64];
        // If the input is a file, the read succeeds at once; otherwise it is dropped.
        let read = poll_once(stdio().read(&mut rest)).await.map_or(0, Result::unwrap);
        rest.truncate(read);
        arrive();
        let mut more = vec![0; late.len() - rest.len()];
        stdio().read_exact(&mut more).await.unwrap();
        rest.extend(more);
        assert_eq!(rest, late.as_bytes());
    });
    std::process::exit(0);
}

#[test]
fn an_unread_pipe_accepts_only_its_capacity() {
    const TEST: &str = "an_unread_pipe_accepts_only_its_capacity";
    const MUCH: u32 = 1024 * 1024;
    let much: Vec<u8> = (0..MUCH).map(|i| (i % 251) as u8).collect();
    if is_child() {
        let mut stdio = stdio();
        let mut taken = 0;
        smol::block_on(async {
            while let Some(written) = poll_once(stdio.write(&much[taken..])).await {
                taken += written.unwrap();
            }
            assert!(taken <= 64 * 1024, "{taken}");
            arrive();
            stdio.write_all(&much[taken..]).await.unwrap();
            stdio.close().await.unwrap();
        });
        std::process::exit(0);
    }
    let mut running = start(TEST, "", Stdio::null(), Stdio::piped());
    running.pass();
    assert!(payload(running.child.stdout.take().unwrap()) == much);
    running.finish();
}

#[test]
fn descriptor_0_can_be_taken_by_its_number() {
    const TEST: &str = "descriptor_0_can_be_taken_by_its_number";
    if is_child() {
        let held = stdio();
        assert_eq!(
            connect("fd:0").unwrap_err().to_string(),
            "`fd:0`: descriptor 0 is already in use (it can be used once per process)"
        );
        drop(held);
        let mut connection = connect("fd:0").unwrap();
        // Descriptor 0 is now `/dev/null`, so that no new descriptor becomes standard input.
        assert_eq!(read_all(std::io::stdin()), "");
        assert!(connect("fd:0").is_err() && connect("stdio:").is_err());
        smol::block_on(async {
            connection.write_all(b"hello").await.unwrap();
            connection.close().await.unwrap();
        });
        return;
    }
    let (ours, theirs) = UnixStream::pair().unwrap();
    let running = start(TEST, "", OwnedFd::from(theirs), Stdio::null());
    assert_eq!(read_all(ours), "hello");
    running.finish();
}
