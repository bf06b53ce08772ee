//! The log of running commands: text and JSON, with slow readers, closed pipes and full disks.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use support::closed_port::closed;
use support::{Scratch, strports};

const ANY_PORT: &str = "tcp:0:interface=127.0.0.1";

fn spawn(args: &[&str], stderr: impl Into<Stdio>) -> Child {
    strports().args(args).stdout(Stdio::null()).stderr(stderr).spawn().unwrap()
}

/// Sends SIGTERM, and returns the exit code.
fn end(mut child: Child) -> Option<i32> {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap().code()
}

fn line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    line
}

fn object(line: &str) -> Value {
    let object: Value = serde_json::from_str(line).unwrap();
    let time = object["time"].as_str().unwrap();
    assert!(time.len() == 27 && time.starts_with("20") && time.ends_with('Z'), "{time}");
    object
}

/// Gets an echo from a relay on a UNIX socket, as soon as possible.
fn echoed(path: &str) -> String {
    let stream = loop {
        match std::os::unix::net::UnixStream::connect(path) {
            Ok(stream) => break stream,
            Err(_) => std::thread::yield_now(),
        }
    };
    (&stream).write_all(b"echo").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    (&stream).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn every_json_line_is_an_object() {
    let target = closed();
    let mut relay = spawn(&["relay", "--log-format", "json", ANY_PORT, &target], Stdio::piped());
    let mut lines = BufReader::new(relay.stderr.take().unwrap());

    let listening = object(&line(&mut lines));
    assert_eq!((&listening["level"], &listening["event"]), (&"info".into(), &"listening".into()));
    let address = listening["address"].as_str().unwrap();
    assert_eq!(listening["client"], format!("tcp:{address}"));
    let message = format!("listening on {address}; connect with tcp:{address}");
    assert_eq!(listening["message"], message);
    assert_eq!(listening["client_needs"], json!([]));

    let stream = TcpStream::connect(address).unwrap();
    let failed = object(&line(&mut lines));
    assert_eq!((&failed["level"], &failed["event"]), (&"warn".into(), &"connection".into()));
    let peer = stream.local_addr().unwrap().to_string();
    assert!(failed["message"].as_str().unwrap().contains(&peer), "{failed}");
    assert_eq!(end(relay), Some(0));
}

#[test]
fn the_result_of_sighup_is_an_object() {
    let relay = ["relay", "--log-format", "json", "tcp:0:interface=127.0.0.1", "tcp:127.0.0.1:1"];
    let mut child = spawn(&relay, Stdio::piped());
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    assert_eq!(object(&line(&mut errors))["event"], "listening");
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    let said = object(&line(&mut errors));
    assert_eq!(said["message"], "SIGHUP: there are no certificates to reload");
    assert_eq!(end(child), Some(0));
}

#[test]
fn the_final_error_is_an_object() {
    let output =
        strports().args(["connect", "--log-format=json", "unix:absent.sock"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let failed = object(std::str::from_utf8(&output.stderr).unwrap());
    assert_eq!((&failed["level"], &failed["event"]), (&"error".into(), &"failed".into()));
    assert!(failed["message"].as_str().unwrap().starts_with("`unix:absent.sock`: cannot connect"));

    let output = strports().args(["listen", "--log-format=json", "tcp:port"]).output().unwrap();
    let refused = object(std::str::from_utf8(&output.stderr).unwrap());
    assert_eq!(
        (&refused["event"], &refused["code"]),
        (&"description".into(), &"not-an-integer".into())
    );
    assert_eq!(
        (&refused["description"], &refused["span"]),
        (&"tcp:port".into(), &vec![4, 8].into())
    );
}

#[test]
fn a_wrong_description_is_logged_without_its_secrets() {
    let wrong = "process:x:env=TOKEN=s3cret:uid=x";
    let output = strports().args(["connect", "--log-format=json", wrong]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let refused = object(text.lines().last().unwrap());
    assert_eq!(refused["description"], "process:x:env=TOKEN=******:uid=x");
    assert_eq!(refused["span"], Value::from(vec![31, 32]));
    assert!(!text.contains("s3cret"));
}

#[test]
fn a_quiet_command_only_prints_its_final_error() {
    let scratch = Scratch::new();
    let socket = scratch.join("socket");
    let server = format!("unix:{socket}");
    let mut relay =
        spawn(&["relay", "--quiet", &server, "process:sh:-c:echo loud >&2; cat"], Stdio::piped());
    assert_eq!(echoed(&socket), "echo");
    let mut said = String::new();
    let mut errors = relay.stderr.take().unwrap();
    assert_eq!(end(relay), Some(0));
    errors.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");

    let output = strports().args(["connect", "-q", "unix:absent.sock"]).output().unwrap();
    assert!(output.stderr.starts_with(b"strports: `unix:absent.sock`: cannot connect"));
}

#[test]
fn a_full_disk_of_the_log_is_harmless() {
    let scratch = Scratch::new();
    let socket = scratch.join("socket");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let server = format!("unix:{socket}");
    let relay = spawn(&["relay", &server, "process:sh:-c:echo loud >&2; cat"], full);
    for _ in 0..3 {
        assert_eq!(echoed(&socket), "echo");
    }
    assert_eq!(end(relay), Some(0));
}

#[test]
fn a_closed_log_pipe_is_harmless() {
    let scratch = Scratch::new();
    let socket = scratch.join("socket");
    let server = format!("unix:{socket}");
    let mut relay = spawn(&["relay", &server, "process:sh:-c:echo loud >&2; cat"], Stdio::piped());
    drop(relay.stderr.take());
    for _ in 0..3 {
        assert_eq!(echoed(&socket), "echo");
    }
    assert_eq!(end(relay), Some(0));
}

#[test]
fn an_unread_log_blocks_nothing_and_counts_lost_lines() {
    let scratch = Scratch::new();
    let socket = scratch.join("socket");
    let server = format!("unix:{socket}");
    // The program writes more than the pipe and the queue hold before it echoes.
    let loud = "process:sh:-c:yes 'a line that is as long as lines of a log are, more or less' | head -50000 >&2; cat";
    let mut relay = spawn(&["relay", &server, loud], Stdio::piped());
    assert_eq!(echoed(&socket), "echo");

    let mut lines = BufReader::new(relay.stderr.take().unwrap());
    let mut said = 0;
    let lost = loop {
        let line = line(&mut lines);
        match line.split_once(" lines of this log were dropped") {
            Some((count, _)) => break count.parse::<usize>().unwrap(),
            None => said += usize::from(line.starts_with("a line that is as long as lines")),
        }
    };
    assert!(said > 1000 && lost > 1000, "said {said}, lost {lost}");
    // Data in the program's pipe may be unread at the end.
    assert!((48_000..=50_000).contains(&(said + lost)), "said {said}, lost {lost}");
    assert_eq!(end(relay), Some(0));
}

#[test]
fn an_unread_log_does_not_delay_the_end() {
    let scratch = Scratch::new();
    let socket = scratch.join("socket");
    let server = format!("unix:{socket}");
    let loud = "process:sh:-c:yes | head -c 200000 >&2; cat";
    let mut relay = spawn(&["relay", &server, loud], Stdio::piped());
    let unread = relay.stderr.take();
    assert_eq!(echoed(&socket), "echo");
    assert_eq!(end(relay), Some(0));
    drop(unread);
}
