//! `connect process:…`: a program as the client.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use support::{Scratch, strports};

fn connect(script: &str) -> Command {
    let script = script.replace('\\', r"\\").replace(':', r"\:").replace('=', r"\=");
    let mut command = strports();
    command.args(["connect", &format!("process:sh:-c:{script}")]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

#[track_caller]
fn said(child: &mut Child, expected: &str) {
    let mut text = vec![0; expected.len()];
    child.stdout.as_mut().unwrap().read_exact(&mut text).unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), expected);
}

#[test]
fn connect_ends_when_the_program_has_ended() {
    // Standard input stays open.
    let mut child = connect("echo done; exit 5").spawn().unwrap();
    let stdin = child.stdin.take();
    said(&mut child, "done\n");
    assert_eq!(child.wait().unwrap().code(), Some(5));
    drop(stdin);
}

#[test]
fn output_is_complete_when_the_program_ends_early() {
    let mut child = connect("head -c 1000000 /dev/zero").spawn().unwrap();
    let stdin = child.stdin.take();
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    assert_eq!(output.len(), 1_000_000);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(stdin);
}

#[test]
fn unread_input_is_not_an_error() {
    let mut child =
        connect("exec <&-; echo ready; read line <$0; echo late".replace("$0", "fifo").as_str());
    let scratch = Scratch::new();
    let fifo = scratch.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut child = child.current_dir(scratch.path()).spawn().unwrap();
    said(&mut child, "ready\n");
    // More than a pipe holds, so that a write fails on the closed pipe.
    child.stdin.as_mut().unwrap().write_all(&vec![b'x'; 1 << 20]).unwrap();
    std::fs::write(&fifo, "go\n").unwrap();
    said(&mut child, "late\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_signal_ends_the_program_before_the_command_ends() {
    let scratch = Scratch::new();
    let script = "sleep 1000 & trap 'echo bye >words; exit' TERM; echo ready; wait";
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut child = connect(script).current_dir(scratch.path()).spawn().unwrap();
        said(&mut child, "ready\n");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let words = scratch.path().join("words");
        assert_eq!(std::fs::read_to_string(&words).unwrap(), "bye\n");
        std::fs::remove_file(words).unwrap();
    }
}
