//! Standard streams that end early, arrive in pieces, or are not text.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Output, Stdio};

use serde_json::Value;
use support::strports;

fn run(args: &[&OsStr], input: &[u8]) -> Output {
    let mut command = strports();
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    output
}

fn words<const N: usize>(words: [&str; N]) -> [&OsStr; N] {
    words.map(OsStr::new)
}

#[test]
fn a_closed_output_pipe_is_not_an_error() {
    for format in ["human", "json"] {
        let mut command = strports();
        command.args(["explain", "--format", format, "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"80\n").unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        // Standard output is closed now, with more output than a pipe holds.
        let writing = std::thread::spawn(move || while stdin.write_all(b"80\n").is_ok() {});
        let output = child.wait_with_output().unwrap();
        writing.join().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}

#[test]
fn each_record_is_answered_before_the_next_is_written() {
    let mut command = strports();
    command.args(["explain", "--format", "json", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for port in [80, 81] {
        // An incomplete next record must not delay the answer to this one.
        write!(stdin, "tcp:{port}\ntc").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(record["endpoint"]["port"], port);
        stdin.write_all(b"p:1\n").unwrap();
        stdout.read_line(&mut line).unwrap();
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn descriptions_may_be_any_bytes() {
    let path = OsStr::from_bytes(b"unix:/run/\xff");
    let output = run(&[OsStr::new("explain"), OsStr::new("--format=json"), path], b"");
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["description"], "unix:/run/\u{fffd}");
    assert_eq!(record["endpoint"]["address"], "/run/\u{fffd}");
    assert_eq!(record["arguments"][0]["span"], serde_json::json!([5, 11]));
    assert_eq!(record["lossy"], true);

    let output = run(&[OsStr::new("fmt"), path], b"");
    assert_eq!(output.stdout, b"unix:/run/\xff\n");
    let output = run(&[OsStr::new("quote"), OsStr::from_bytes(b"\xff:")], b"");
    assert_eq!(output.stdout, b"\xff\\:\n");
}

#[test]
fn the_keys_of_a_record_stand_in_their_order() {
    let output = run(&words(["explain", "--format=json", "tls:h:443:alpn=h2"]), b"");
    let text = String::from_utf8(output.stdout).unwrap();
    let keys = ["description", "role", "ok", "portable", "arguments", "endpoint", "canonical"];
    let places = keys.iter().chain(&["diagnostics"]).map(|key| text.find(&format!("\"{key}\":")));
    assert!(places.clone().all(|place| place.is_some()) && places.is_sorted(), "{text}");
    assert!(!text.contains("lossy") && !text.contains("more"), "{text}");
}

#[test]
fn findings_beyond_the_first_hundred_are_counted() {
    let description = format!("tcp:80{}", ":x=1".repeat(103));
    let output = run(&words(["explain", "--format=json", &description]), b"");
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["diagnostics"].as_array().unwrap().len(), 100);
    assert_eq!(record["more"], 3);
}

#[test]
fn a_record_of_two_million_bytes_has_one_answer() {
    let mut input = b"unix:/".to_vec();
    input.resize(2_000_000, b'a');
    input.extend(b"\ntcp:80\n");
    let output = run(&words(["explain", "--format=human", "-"]), &input);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.len() < 10_000, "only the beginning is shown");
    let output = run(&words(["explain", "--format=json", "-"]), &input);
    assert_eq!(output.stdout.lines().count(), 2);
}
