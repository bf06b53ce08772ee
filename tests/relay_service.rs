//! `relay`, `listen` and `connect` as services: options, signals, and notifications of a service
//! manager.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::process::Signal;
use support::closed_port::{ClosedPort, closed};
use support::{Listening, Scratch, strports};

const ANY_PORT: &str = "tcp:0:interface=127.0.0.1";

/// A server that returns each connection when the test requests it.
struct Inner {
    listener: TcpListener,
    place: String,
}

impl Inner {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("tcp:{}", listener.local_addr().unwrap());
        Self { listener, place }
    }

    fn accept(&self) -> TcpStream {
        self.listener.accept().unwrap().0
    }
}

fn connect(relay: &Listening) -> TcpStream {
    TcpStream::connect(relay.place.strip_prefix("tcp:").unwrap()).unwrap()
}

fn rest(mut stream: &TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Both directions through the relay.
#[track_caller]
fn talk(outer: &TcpStream, inner: &TcpStream) {
    for (mut from, mut to) in [(outer, inner), (inner, outer)] {
        from.write_all(b"hello").unwrap();
        let mut text = [0; 5];
        to.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"hello");
    }
}

#[track_caller]
fn run(args: &[&str]) -> Output {
    strports().args(args).output().unwrap()
}

#[track_caller]
fn refused(args: &[&str], because: &str) {
    let output = run(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(because), "{said}");
}

#[test]
fn invalid_values_are_named_with_the_expected_ones() {
    let relay = |option, value| ["relay", option, value, ANY_PORT, "tcp:127.0.0.1:1"];
    refused(&relay("--idle-timeout", "soon"), "expected a length of time such as `30s`");
    refused(&relay("--max-lifetime", "0"), "expected more than 0");
    refused(&relay("--max-connections", "many"), "expected a number, 1 or more");
    refused(&relay("--allow", "10.0.0.0/33"), "expected a network such as `10.0.0.0/8`");
    refused(&relay("--when-full", "refuse"), "--max-connections");
    refused(&["relay", ANY_PORT], "<TARGET>");
}

#[test]
fn every_description_is_checked_before_anything_listens() {
    let output = run(&["relay", ANY_PORT, "tcp:127.0.0.1:1", "tcp:127.0.0.1:http"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("http"));
}

#[test]
fn the_first_answering_client_is_used() {
    let inner = Inner::new();
    let relay = Listening::start(&["relay", ANY_PORT, &closed(), &inner.place], Stdio::null());
    talk(&connect(&relay), &inner.accept());
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().0, Some(0));
}

#[test]
fn clients_take_turns() {
    let (first, second) = (Inner::new(), Inner::new());
    let args = ["relay", "--balance", "round-robin", ANY_PORT, &first.place, &second.place];
    let relay = Listening::start(&args, Stdio::null());
    for _ in 0..2 {
        talk(&connect(&relay), &first.accept());
        talk(&connect(&relay), &second.accept());
    }
}

#[test]
fn a_relay_of_one_connection_has_its_exit_code() {
    let inner = Inner::new();
    let relay = Listening::start(&["relay", "--once", ANY_PORT, &inner.place], Stdio::null());
    let (outer, upstream) = (connect(&relay), inner.accept());
    talk(&outer, &upstream);
    drop((outer, upstream));
    assert_eq!(relay.end().0, Some(0));

    let relay = Listening::start(&["relay", "--once", ANY_PORT, &closed()], Stdio::null());
    let error = connect(&relay).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "an end would be an answer");
    assert_eq!(relay.end().0, Some(1));
}

#[test]
fn standard_streams_without_a_target_are_a_failure() {
    let place = closed();
    let output = run(&["relay", "stdio:", &place]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("connection from standard input and output: "), "{said}");
}

#[test]
fn open_connections_have_a_grace_period() {
    let inner = Inner::new();
    let mut relay = Listening::start(&["relay", ANY_PORT, &inner.place], Stdio::null());
    let (outer, upstream) = (connect(&relay), inner.accept());
    talk(&outer, &upstream);
    relay.signal(Signal::TERM);
    assert_eq!(
        relay.error_line(),
        "1 connection has 30 s left (a second signal ends it at once)\n"
    );
    talk(&outer, &upstream);
    drop((outer, upstream));
    assert_eq!(relay.end().0, Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let inner = Inner::new();
    let mut relay = Listening::start(&["relay", ANY_PORT, &inner.place], Stdio::null());
    let (outer, upstream) = (connect(&relay), inner.accept());
    talk(&outer, &upstream);
    relay.signal(Signal::INT);
    assert!(relay.error_line().contains("a second signal"));
    relay.signal(Signal::INT);
    assert_eq!(relay.end().0, Some(0));
    for mut stream in [&outer, &upstream] {
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "it was no end");
    }
}

#[test]
fn a_second_signal_does_not_wait_for_stalled_peers() {
    const MUCH: usize = 512 * 1024;
    let (scratch, inner) = (Scratch::new(), Inner::new());
    // Most of the data has to wait in the relay.
    set_socket_recv_buffer_size(&inner.listener, 4096).unwrap();
    let path = scratch.join("s");
    let server = format!("unix:{path}");
    let mut relay = Listening::start(&["relay", &server, &inner.place], Stdio::null());
    let mut outer = UnixStream::connect(&path).unwrap();
    let mut upstream = inner.accept();
    outer.write_all(&vec![b'x'; MUCH]).unwrap();
    upstream.write_all(&vec![b'x'; MUCH]).unwrap();
    relay.signal(Signal::TERM);
    assert!(relay.error_line().contains("a second signal"));
    let began = Instant::now();
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().0, Some(0));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    let error = upstream.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "it was no end");
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "files are removed");
}

/// Sends signals until the process has ended, which must be faster than all of its waits.
#[track_caller]
fn end_at_once(relay: &mut Listening) -> Option<i32> {
    let began = Instant::now();
    loop {
        if let Some(status) = relay.child.try_wait().unwrap() {
            assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
            return status.code();
        }
        relay.signal(Signal::TERM);
        std::thread::yield_now();
    }
}

#[test]
fn a_second_signal_kills_programs() {
    let program = r#"process:sh:-c:trap "" TERM; echo ready; exec sleep 1000"#;
    let mut relay = Listening::start(&["relay", ANY_PORT, program], Stdio::null());
    let mut stream = connect(&relay);
    stream.read_exact(&mut [0; 6]).unwrap();
    assert_eq!(end_at_once(&mut relay), Some(0));
    // The program had the same standard error as the relay.
    assert!(relay.end().2.contains("a second signal"));

    let mut command = strports();
    command.args(["connect", program]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut connect = Listening::of(command.spawn().unwrap());
    connect.child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    assert_eq!(end_at_once(&mut connect), Some(143));
}

#[test]
#[cfg(target_os = "linux")]
fn a_second_signal_does_not_wait_for_an_unread_log() {
    use rustix::pipe::{fcntl_getpipe_size, pipe};
    for args in [&["relay", ANY_PORT, "tcp:127.0.0.1:1"][..], &["listen", "--keep", ANY_PORT]] {
        let (reader, writer) = pipe().unwrap();
        let mut filler = std::fs::File::from(writer.try_clone().unwrap());
        let child = strports().args(args).stdin(Stdio::piped()).stderr(writer).spawn().unwrap();
        let mut line = String::new();
        let mut reader = BufReader::with_capacity(1, std::fs::File::from(reader));
        reader.read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on"), "{line}");
        // The pipe is full, so the last lines are lost.
        filler.write_all(&vec![b'x'; fcntl_getpipe_size(&filler).unwrap()]).unwrap();
        let mut child = Listening::of(child);
        child.signal(Signal::HUP);
        assert_eq!(end_at_once(&mut child), Some(0), "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_relay_without_programs_raises_its_descriptor_limit() {
    let allowed = |client: &str| {
        let script = r#"ulimit -Sn 64; exec "$0" relay tcp:0:interface=127.0.0.1 "$1""#;
        let mut child = Command::new("sh");
        child.args(["-c", script, env!("CARGO_BIN_EXE_strports"), client]);
        let mut child = child.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on"), "{line}");
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        let words: Vec<_> = files.split_whitespace().map(str::to_owned).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        (words[3].clone(), words[4].clone())
    };
    let (soft, hard) = allowed(&closed());
    assert_eq!(soft, hard);
    assert_eq!(allowed("process:cat").0, "64");
}

#[test]
fn slow_connections_are_closed() {
    let inner = Inner::new();
    let args = ["relay", "--drain-timeout", "0", ANY_PORT, &inner.place];
    let relay = Listening::start(&args, Stdio::null());
    let (outer, upstream) = (connect(&relay), inner.accept());
    talk(&outer, &upstream);
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().0, Some(0));
    drop((outer, upstream));
}

#[test]
fn an_unused_relay_ends() {
    let args = ["relay", "--exit-idle", "100ms", ANY_PORT, "tcp:127.0.0.1:1"];
    assert_eq!(Listening::start(&args, Stdio::null()).end().0, Some(0));
}

#[test]
fn a_service_manager_is_notified() {
    let scratch = Scratch::new();
    let path = scratch.join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let hears = || {
        let mut said = [0; 100];
        let length = manager.recv(&mut said).unwrap();
        String::from_utf8(said[..length].to_vec()).unwrap()
    };
    let relay = Listening::start_with(&["relay", ANY_PORT, &closed()], Stdio::null(), |command| {
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "20000");
    });
    assert_eq!(hears(), "READY=1");
    for _ in 0..3 {
        assert_eq!(hears(), "WATCHDOG=1");
    }
    relay.signal(Signal::HUP);
    let reloading = loop {
        match hears() {
            said if said == "WATCHDOG=1" => {}
            said => break said,
        }
    };
    let micros = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
    assert!(micros.parse::<u64>().unwrap() > 0);
    while hears() != "READY=1" {}
    relay.signal(Signal::TERM);
    while hears() != "STOPPING=1" {}
    assert_eq!(relay.end().0, Some(0));
}

#[test]
fn a_missing_service_manager_is_only_reported() {
    let inner = Inner::new();
    let mut relay =
        Listening::start_with(&["relay", ANY_PORT, &inner.place], Stdio::null(), |command| {
            command.env("NOTIFY_SOCKET", "/absent/notify");
        });
    assert!(relay.error_line().starts_with("cannot reach the service manager: "));
    talk(&connect(&relay), &inner.accept());
}

#[test]
fn listen_waits_for_an_admitted_client() {
    let args = ["listen", "--deny", "127.0.0.1", "--keep", ANY_PORT];
    let listening = Listening::start(&args, Stdio::null());
    assert_eq!(rest(&connect(&listening)), "");
    let args = ["listen", "--allow", "127.0.0.0/8", ANY_PORT];
    let listening = Listening::start(&args, Stdio::null());
    let stream = connect(&listening);
    (&stream).write_all(b"hello").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&stream), "");
    assert_eq!(listening.end().1, "hello");
}

#[test]
fn an_idle_connection_of_listen_or_connect_ends_with_a_failure() {
    let args = ["listen", "--idle-timeout", "100ms", ANY_PORT];
    let listening = Listening::start(&args, Stdio::piped());
    let stream = connect(&listening);
    let (code, _, said) = listening.end();
    assert_eq!((code, &*said), (Some(1), "strports: nothing was sent for 0.1 seconds\n"));
    drop(stream);

    let inner = Inner::new();
    let mut command = strports();
    command.args(["connect", "--max-lifetime", "100ms", &inner.place]).stdin(Stdio::piped());
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let stream = inner.accept();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "strports: the connection was open for 0.1 seconds\n");
    drop(stream);
}

#[test]
fn connect_tries_again() {
    let port = ClosedPort::new();
    let mut command = strports();
    command.args(["connect", "--retry", "100", &port.client()]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = [0; 1];
    child.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
    // The first attempt has failed.
    let (mut stream, _) = port.listen().accept().unwrap();
    stream.write_all(b"at last").unwrap();
    drop((stream, child.stdin.take()));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b"at last"[..]));

    assert_eq!(run(&["connect", "--retry", "1", &closed()]).status.code(), Some(1));
}
