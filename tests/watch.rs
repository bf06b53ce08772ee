//! Watching a relay: lines for connections, the status line, metrics.
#![cfg(all(feature = "cli", feature = "relay"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::Value;
use support::closed_port::closed;
use support::{Scratch, strports};

const ANY_PORT: &str = "tcp:0:interface=127.0.0.1";

/// A relay, and its lines. It is killed on drop.
struct Relay {
    child: Child,
    lines: BufReader<std::process::ChildStderr>,
}

impl Relay {
    fn start(args: &[&str]) -> Self {
        let mut command = strports();
        command.arg("relay").args(args).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Returns the text after these words in the next line.
    #[track_caller]
    fn after(&mut self, words: &str) -> String {
        let line = self.line();
        line.strip_prefix(words).unwrap_or_else(|| panic!("unexpected line: {line}")).to_owned()
    }

    /// The address of the relay, from the first line.
    #[track_caller]
    fn address(&mut self) -> String {
        let line = self.after("listening on ");
        let (address, client) = line.split_once("; connect with ").unwrap();
        assert_eq!(client, format!("tcp:{address}"));
        address.to_owned()
    }

    #[track_caller]
    fn object(&mut self, event: &str) -> Value {
        let object: Value = serde_json::from_str(&self.line()).unwrap();
        assert_eq!(object["event"], event, "{object}");
        object
    }

    /// Sends SIGTERM, and returns the remaining lines.
    fn end(mut self) -> String {
        end(&mut self.child);
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn end(child: &mut Child) {
    kill_process(Pid::from_child(child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A server that sends `answer` for each request.
fn answering() -> String {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp:{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = server.accept() {
            let _ = stream.read_to_string(&mut String::new());
            let _ = stream.write_all(b"answer");
        }
    });
    place
}

/// Sends a request, and returns the address of the client.
fn ask(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"question").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "answer");
    stream.local_addr().unwrap().to_string()
}

#[test]
fn a_connection_has_a_text_line() {
    let target = answering();
    let mut relay = Relay::start(&["--access-log", "all", ANY_PORT, &target]);
    let address = relay.address();
    let peer = ask(&address);
    let line = relay.after(&format!("connection from {peer} to `{target}`: closed after "));
    assert!(line.ends_with(", 8 B there, 6 B back"), "{line}");
    assert_eq!(relay.end(), "");
}

#[test]
fn a_connection_has_a_json_object() {
    let target = answering();
    let args = ["--access-log=all", "--log-format=json", ANY_PORT, &target];
    let mut relay = Relay::start(&args);
    let address = relay.object("listening")["address"].as_str().unwrap().to_owned();
    let peer = ask(&address);
    let object = relay.object("connection");
    assert_eq!(
        (&object["level"], &object["id"], &object["peer"]),
        (&"info".into(), &1.into(), &peer.into())
    );
    assert_eq!((&object["server"], &object["target"]), (&ANY_PORT.into(), &target.as_str().into()));
    assert_eq!(format!("tcp:{}", object["target_address"].as_str().unwrap()), target);
    assert_eq!((&object["bytes_to_target"], &object["bytes_to_peer"]), (&8.into(), &6.into()));
    assert_eq!(
        (&object["end"], &object["error"], &object["tls"]),
        (&"closed".into(), &Value::Null, &Value::Null)
    );
    let (connecting, lasted) =
        (object["connecting"].as_f64().unwrap(), object["duration"].as_f64().unwrap());
    assert!(0.0 < connecting && connecting <= lasted && lasted < 60.0, "{object}");
    assert_eq!(relay.end(), "");
}

#[test]
fn only_failures_have_a_line_by_default() {
    let target = answering();
    let mut relay = Relay::start(&[ANY_PORT, &target]);
    let address = relay.address();
    ask(&address);
    assert_eq!(relay.end(), "");

    let closed = closed();
    let mut relay = Relay::start(&["--access-log=off", ANY_PORT, &closed]);
    let address = relay.address();
    let unreached = TcpStream::connect(address).unwrap().read(&mut [0]).unwrap_err();
    assert_eq!(unreached.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(relay.end(), "");

    let mut relay = Relay::start(&["--deny=127.0.0.0/8", ANY_PORT, &closed]);
    let address = relay.address();
    let stream = TcpStream::connect(address).unwrap();
    let peer = stream.local_addr().unwrap();
    assert_eq!(relay.line(), format!("connection from {peer} refused: its address is not allowed"));
    assert_eq!(relay.end(), "");
}

/// A terminal with this number of columns: both of its sides.
fn terminal(columns: u16) -> (File, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let theirs = ioctl_tiocgptpeer(&ours, OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&theirs, size).unwrap();
    (File::from(ours), theirs)
}

/// The output of a terminal up to this suffix.
fn until(terminal: &mut File, seen: &mut String, ending: impl Fn(&str) -> bool) {
    while !ending(seen) {
        let mut buffer = [0; 1024];
        let read = terminal.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "the terminal ended after {seen:?}");
        seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
}

#[test]
fn a_terminal_shows_a_status_line() {
    let target = answering();
    let (mut ours, theirs) = terminal(60);
    let mut command = strports();
    command.args(["relay", "--access-log=all", ANY_PORT, &target]);
    let mut child =
        command.env("TERM", "xterm").stdout(Stdio::null()).stderr(theirs).spawn().unwrap();
    drop(command);
    let mut seen = String::new();
    let status = "\r0 open, 0 in all; there 0 B/s (0 B), back 0 B/s (0 B); 0 s\x1b[K";
    until(&mut ours, &mut seen, |seen| seen.ends_with(status));
    let address = seen.strip_prefix("listening on ").unwrap().split_once(';').unwrap().0;
    let peer = ask(address);

    // The line of the connection replaces the status line, which is drawn again below it.
    until(&mut ours, &mut seen, |seen| seen.contains(", 8 B there, 6 B back\r\n"));
    assert!(seen.contains(&format!("\r\x1b[Kconnection from {peer} to")), "{seen:?}");
    // The next status lines contain it, and are not wider than the terminal.
    until(&mut ours, &mut seen, |seen| seen.ends_with("…\x1b[K") && seen.contains(" 1 in all"));
    let last = seen.rsplit('\r').next().unwrap().strip_suffix("\x1b[K").unwrap();
    assert_eq!(last.chars().count(), 59, "{last:?}");

    end(&mut child);
    // At the end, the status line is gone. Without a process, reading from the terminal is an
    // error.
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = ours.read(&mut buffer) {
        seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    assert!(seen.ends_with("\r\x1b[K"), "{seen:?}");
}

#[test]
fn a_quiet_relay_and_a_dumb_terminal_show_nothing() {
    for (arg, term) in [("--quiet", "xterm"), ("--access-log=off", "dumb")] {
        let scratch = Scratch::new();
        let socket = scratch.join("socket");
        let (mut ours, theirs) = terminal(80);
        let mut command = strports();
        command.args(["relay", arg, &format!("unix:{socket}"), "process:cat"]).env("TERM", term);
        let mut child = command.stdout(Stdio::null()).stderr(theirs).spawn().unwrap();
        drop(command);
        let mut stream = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break stream,
                Err(_) => std::thread::yield_now(),
            }
        };
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
        end(&mut child);
        let mut seen = String::new();
        // Without a process, reading from the terminal is an error.
        let _ = ours.read_to_string(&mut seen);
        assert!(!seen.contains('\x1b') && !seen.contains(" open"), "{seen:?}");
    }
}

/// Sends a request, and returns the whole answer.
fn requested(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn metrics_are_served_while_connections_are() {
    let target = answering();
    let mut relay = Relay::start(&["--metrics", ANY_PORT, ANY_PORT, &target]);
    let address = relay.address();
    let line = relay.after("metrics at http://");
    let scrapers = line.strip_suffix("/metrics").unwrap();

    let open = TcpStream::connect(&address).unwrap();
    (&open).write_all(b"question").unwrap();
    let metrics = loop {
        let answer = requested(scrapers, "GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("# EOF\n"),
            "{answer}"
        );
        if answer.contains("strports_relayed_bytes_total{to=\"target\"} 8\n") {
            break answer;
        }
    };
    let body = metrics.split_once("\r\n\r\n").unwrap().1;
    assert!(metrics.contains(&format!("\r\nContent-Length: {}\r\n", body.len())));
    for sample in [
        "strports_connections{state=\"open\"} 1",
        "strports_connections_accepted_total 1",
        "strports_connect_duration_seconds_count 1",
        &format!("strports_target_connections_open{{target=\"{target}\"}} 1"),
        &format!("strports_target_up{{target=\"{target}\"}} 1"),
        "strports_draining 0",
    ] {
        assert!(body.lines().any(|line| line == sample), "{sample} is missing in\n{body}");
    }
    // Unread input at the time of the answer does not reset the connection.
    let body = "x".repeat(10_000);
    let answer = requested(
        scrapers,
        &format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    );
    assert!(
        answer.starts_with("HTTP/1.1 405 ") && answer.ends_with("expected GET or HEAD\n"),
        "{answer}"
    );

    // A draining relay is alive, but not ready.
    kill_process(Pid::from_child(&relay.child), Signal::TERM).unwrap();
    assert_eq!(relay.line(), "1 connection has 30 s left (a second signal ends it at once)");
    let answer = requested(scrapers, "GET /ready HTTP/1.0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    drop(open);
    assert_eq!(relay.child.wait().unwrap().code(), Some(0));
}

#[test]
fn silent_connections_do_not_keep_a_probe_waiting() {
    let mut relay = Relay::start(&["--metrics", ANY_PORT, ANY_PORT, "tcp:127.0.0.1:1"]);
    relay.address();
    let line = relay.after("metrics at http://");
    let scrapers = line.strip_suffix("/metrics").unwrap();
    let silent: Vec<_> = (0..200).map(|_| TcpStream::connect(scrapers).unwrap()).collect();
    let mut probe = TcpStream::connect(scrapers).unwrap();
    // HAProxy marks a relay as down after this time.
    probe.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    probe.write_all(b"GET /ready HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    probe.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    // All of them are closed, in any state.
    for mut stream in silent {
        let _ = stream.read(&mut [0]);
    }
}

#[test]
fn answered_clients_make_room_first() {
    let mut relay = Relay::start(&["--metrics", ANY_PORT, ANY_PORT, "tcp:127.0.0.1:1"]);
    relay.address();
    let line = relay.after("metrics at http://");
    let scrapers = line.strip_suffix("/metrics").unwrap();
    let asked = |mut stream: TcpStream| {
        stream.write_all(b"GET /ready HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        stream
    };
    let connect = || TcpStream::connect(scrapers).unwrap();
    // As many as there is room for; none closes.
    let mut answered: Vec<_> = (0..64).map(|_| asked(connect())).collect();
    let late = connect();
    answered.extend((0..8).map(|_| asked(connect())));
    asked(late);
    assert_eq!(relay.end(), "");
}

#[test]
fn failed_handshakes_have_a_line_or_are_counted() {
    let server = "haproxy:tcp:0:interface=127.0.0.1";
    let fail = |address: &str, times: usize| {
        for _ in 0..times {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"no header\r\n").unwrap();
            // It ends with a reset, because the data may be incomplete.
            let _ = stream.read(&mut [0]);
        }
        // A probe sends nothing.
        drop(TcpStream::connect(address).unwrap());
    };
    let mut relay = Relay::start(&["--access-log", "off", server, "tcp:127.0.0.1:1"]);
    let line = relay.after("listening on ");
    let address = line.split(' ').next().unwrap().to_owned();
    fail(&address, 2);
    assert_eq!(relay.end(), "");

    let mut relay = Relay::start(&[server, "tcp:127.0.0.1:1"]);
    let line = relay.after("listening on ");
    let address = line.split(' ').next().unwrap().to_owned();
    fail(&address, 30);
    let said = relay.end();
    let more = |line: &str| line.split_once(" more handshake").map(|it| it.0.parse().unwrap());
    let counted: usize = said.lines().map(|line| more(line).unwrap_or(1)).sum();
    assert_eq!(counted, 30, "{said}");
}

#[test]
fn probes_are_answered_during_handovers() {
    let target = answering();
    let mut relay = Relay::start(&["--metrics", ANY_PORT, ANY_PORT, &target]);
    relay.address();
    let line = relay.after("metrics at http://");
    let scrapers = line.strip_suffix("/metrics").unwrap().to_owned();
    let is_over = Arc::new(AtomicBool::new(false));
    let probing = [(); 4].map(|()| {
        let (scrapers, is_over) = (scrapers.clone(), Arc::clone(&is_over));
        std::thread::spawn(move || {
            let mut lost = 0;
            while !is_over.load(Ordering::Relaxed) {
                let answer = std::panic::catch_unwind(|| {
                    requested(&scrapers, "GET /ready HTTP/1.0\r\n\r\n")
                });
                match answer.unwrap_or_default() {
                    none if none.is_empty() => lost += 1,
                    answer => assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}"),
                }
            }
            lost
        })
    });
    let mut main = Pid::from_child(&relay.child);
    for _ in 0..3 {
        kill_process(main, Signal::USR2).unwrap();
        main = loop {
            let line = relay.line();
            if let Some(pid) = line.strip_prefix("process ") {
                let pid = pid.strip_suffix(" has taken over").unwrap().parse().unwrap();
                break Pid::from_raw(pid).unwrap();
            }
        };
    }
    is_over.store(true, Ordering::Relaxed);
    let lost: u32 = probing.map(|thread| thread.join().unwrap()).into_iter().sum();
    assert_eq!(lost, 0, "probes without an answer");
    kill_process(main, Signal::TERM).unwrap();
    assert_eq!(relay.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_successor_serves_metrics() {
    let target = answering();
    let mut relay = Relay::start(&["--metrics", ANY_PORT, ANY_PORT, &target]);
    let address = relay.address();
    let line = relay.line();
    let scrapers =
        line.strip_prefix("metrics at http://").unwrap().strip_suffix("/metrics").unwrap();
    ask(&address);
    let accepted = |count: u32| {
        let answer = requested(scrapers, "GET /metrics HTTP/1.0\r\n\r\n");
        answer.contains(&format!("strports_connections_accepted_total {count}\n"))
    };
    assert!(accepted(1));

    kill_process(Pid::from_child(&relay.child), Signal::USR2).unwrap();
    assert_eq!(relay.child.wait().unwrap().code(), Some(0));
    // Both processes write to the same stream, at different times.
    let mut lines = [relay.line(), relay.line(), relay.line()];
    lines.sort();
    assert_eq!(
        lines[..2],
        [format!("listening on {address}; connect with tcp:{address}"), line.clone()]
    );
    assert!(accepted(0), "the counters are those of the new process");
    ask(&address);
    assert!(accepted(1));

    let pid = lines[2].strip_prefix("process ").unwrap();
    let pid = pid.strip_suffix(" has taken over").unwrap();
    kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap(), Signal::TERM).unwrap();
    let mut rest = String::new();
    relay.lines.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn only_one_process_draws_on_a_terminal_during_a_handover() {
    let (mut ours, theirs) = terminal(80);
    let mut command = strports();
    command.args(["relay", ANY_PORT, "tcp:127.0.0.1:1"]).env("TERM", "xterm");
    let mut child = command.stdout(Stdio::null()).stderr(theirs).spawn().unwrap();
    drop(command);
    let mut seen = String::new();
    until(&mut ours, &mut seen, |seen| seen.ends_with("; 0 s\x1b[K"));
    kill_process(Pid::from_child(&child), Signal::USR2).unwrap();
    // Both processes write to the same stream, at different times.
    until(&mut ours, &mut seen, |seen| {
        seen.contains(" has taken over\r\n") && seen.matches("listening on ").count() == 2
    });
    let (before, _) = seen.rsplit_once("listening on ").unwrap();
    assert!(before.ends_with("\r\x1b[K") || before.ends_with('\n'), "{seen:?}");
    let pid = seen.rsplit("process ").next().unwrap().split(' ').next().unwrap();
    kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap(), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn metrics_on_standard_streams_are_refused() {
    for metrics in ["stdio:", "haproxy:stdio:"] {
        let args = ["relay", "--metrics", metrics, ANY_PORT, "tcp:127.0.0.1:1"];
        let output = strports().args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("error: expected a server for `--metrics` that"), "{said}");
    }
}

#[test]
fn metrics_that_cannot_be_served_are_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let metrics = format!("tcp:{port}:interface=127.0.0.1");
    let output = strports()
        .args(["relay", "--metrics", &metrics, ANY_PORT, "tcp:127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("strports: `{metrics}`: cannot listen on")), "{said}");

    let output = strports()
        .args(["relay", "--metrics", "tcp:port", ANY_PORT, "tcp:127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.starts_with(b"error[not-an-integer]"), "{output:?}");
}

#[test]
fn the_failed_side_of_a_handshake_is_reported() {
    let server = r"haproxy:tcp:0:interface=127.0.0.1";
    let mut relay = Relay::start(&["--log-format", "json", server, "tcp:127.0.0.1:1"]);
    let address = relay.object("listening")["address"].as_str().unwrap().to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"no header\r\n").unwrap();
    let failed = relay.object("handshake-failed");
    assert_eq!(failed["peer"], stream.local_addr().unwrap().to_string());
    assert_eq!((&failed["level"], &failed["reason"]), (&"info".into(), &"proxy-header".into()));
    assert_eq!(relay.end(), "");
}
