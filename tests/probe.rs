//! `strports test`: its exit codes, its JSON, and its steps.
#![cfg(all(feature = "cli", feature = "relay", feature = "__tls"))]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::Value;
use support::{Scratch, strports};

/// The output and exit code of `test ARGS`.
#[track_caller]
fn test(args: &[&str]) -> (String, Option<i32>) {
    let output = strports().arg("test").args(args).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[track_caller]
fn json(args: &[&str]) -> Vec<Value> {
    let (text, _) = test(&[&["--format", "json"], args].concat());
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A listener that greets each connection, and its port.
fn greeting(text: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(text.as_bytes());
            // Wait until the client disconnects.
            let _ = stream.read(&mut [0]);
        }
    });
    port
}

#[test]
fn exit_codes_and_the_summary_are_for_monitoring() {
    let open = format!("tcp:127.0.0.1:{}", greeting(""));
    let (said, code) = test(&[&open]);
    assert_eq!(code, Some(0), "{said}");
    let (said, code) = test(&[&open, "tcp:127.0.0.1:1", "tcp:h:port"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("3 descriptions tested: 1 ok, 2 failed"), "{said}");
    assert!(said.contains("error[not-an-integer]"), "{said}");
    assert_eq!(test_code(&["--timeout", "0", &open]), Some(2));
    assert_eq!(test_code(&[]), Some(2));
}

#[test]
fn package_types_are_skipped_without_a_failure() {
    let (said, code) = test(&["onion:80"]);
    let why = "it cannot be tried here: Twisted has the `onion` server only with the package";
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.starts_with(&format!("onion:80 (server) skip parse {why}")), "{said}");
    assert_eq!(code, Some(0), "{said}");
    let open = format!("tcp:127.0.0.1:{}", greeting(""));
    let args = ["txsni:/certs:tcp:443", &open, "haproxy:onion:80"];
    let (said, code) = test(&args);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.ends_with("1 description tested: 1 ok, 0 failed; 2 cannot be tried here\n"),
        "{said}"
    );
    let objects = json(&args);
    assert_eq!((&objects[0]["ok"], &objects[1]["ok"]), (&Value::Null, &true.into()));
    assert_eq!(objects[0]["steps"][0]["ok"], true);
    assert!(objects[0]["steps"][0]["message"].as_str().unwrap().contains("cannot be tried here"));
    // Errors in a description of a plugin type are reported, too.
    let (said, code) = test(&["txsni:/certs:tcp:443x"]);
    assert_eq!(code, Some(1), "{said}");
}

fn test_code(args: &[&str]) -> Option<i32> {
    strports().arg("test").args(args).output().unwrap().status.code()
}

#[test]
fn each_description_has_an_object_with_its_steps_and_their_times() {
    let port = greeting("SSH-2.0-test\r\n");
    let open = format!("tcp:127.0.0.1:{port}");
    let objects = json(&["--read", "10s", &open, "tcp:127.0.0.1:1", "tcp:h:port"]);
    let [greeted, refused, wrong] = &objects[..] else { panic!("{objects:?}") };
    assert_eq!(greeted["description"], open.as_str());
    assert_eq!((&greeted["role"], &greeted["ok"]), (&"client".into(), &true.into()));
    let steps = greeted["steps"].as_array().unwrap();
    let kinds: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["parse", "connect", "read"]);
    assert!(steps.iter().all(|step| step["seconds"].is_f64() && step["ok"] == true));
    assert_eq!(steps[1]["attempts"][0]["result"], "connected");
    assert_eq!(steps[1]["address"], format!("127.0.0.1:{port}"));
    assert_eq!(steps[2]["protocol"], "SSH");
    assert_eq!(steps[2]["text"], "SSH-2.0-test\r\n");
    let last = |object: &Value| object["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last(refused)["attempts"][0]["result"], "failed");
    assert_eq!(refused["ok"], false);
    assert_eq!((&last(wrong)["step"], &last(wrong)["ok"]), (&"parse".into(), &false.into()));
}

#[test]
fn a_server_without_a_greeting_is_not_a_failure() {
    let port = greeting("");
    let (said, code) = test(&["--read", "50ms", &format!("tcp:127.0.0.1:{port}")]);
    assert_eq!(code, Some(0));
    assert!(said.contains("waits for the client to speak first"), "{said}");
}

#[test]
fn a_program_is_started_only_if_asked_for() {
    let scratch = Scratch::new();
    let mark = scratch.join("mark");
    let description = format!("process:touch:{mark}");
    let (said, code) = test(&[&description]);
    assert_eq!(code, Some(0));
    assert!(said.contains("touch` can be executed") && said.contains("`--start`"), "{said}");
    assert!(!std::path::Path::new(&mark).exists());
    let (said, code) = test(&["--start", "--read", "10s", &description]);
    assert_eq!(code, Some(0), "{said}");
    assert!(std::path::Path::new(&mark).exists());
    let (said, code) = test(&["--start", "process:sh:-c:exit 3"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`sh` ended with an error (exit status: 3)"), "{said}");
}

#[test]
fn descriptions_come_from_standard_input_and_are_answered_at_once() {
    let open = format!("tcp:127.0.0.1:{}", greeting(""));
    let mut child = strports();
    child.args(["test", "--format", "json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    for _ in 0..2 {
        writeln!(input, "{open}").unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(object["ok"], true);
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let scratch = Scratch::new();
    let missing = scratch.join("a.sock");
    let descriptions =
        [format!("unix:{missing}"), "tcp:127.0.0.1:1".to_owned(), "process:true".to_owned()];
    for columns in ["30", "40", "60", "80"] {
        let mut command = strports();
        command.args(["test", "--role", "client"]).args(&descriptions);
        let output = command.env("COLUMNS", columns).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let widest: usize = columns.parse().unwrap();
        // Longer words are not broken, so that they can be copied.
        let breakable = |line: &&str| line.trim_start().contains(' ');
        for line in said.lines().filter(breakable) {
            if !line.ends_with("(client)") && !line.contains(&missing) {
                assert!(line.chars().count() <= widest, "{columns}: {line}\n{said}");
            }
        }
    }
}

#[test]
fn secrets_of_a_program_are_not_repeated() {
    let (said, _) = test(&["--format", "json", "process:true:env=PASSWORD=hunter2"]);
    assert!(!said.contains("hunter2"), "{said}");
}
