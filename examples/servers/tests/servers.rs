//! Tests each server as a process, on TCP, UNIX, TLS, PROXY and inherited sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use endpoint_runtime::client_from_string;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const AXUM: &[&str] = &[env!("CARGO_BIN_EXE_serve-axum")];
const HYPER: &[&str] = &[env!("CARGO_BIN_EXE_serve-hyper")];
const TONIC: &[&str] = &[env!("CARGO_BIN_EXE_serve-tonic"), "serve"];

/// A running server.
struct Program {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// The description of a client for it.
    client: String,
}

impl Program {
    fn start(command: &[&str], description: &str) -> Self {
        Self::start_with(command, description, Stdio::null())
    }

    fn start_with(command: &[&str], description: &str, stdin: Stdio) -> Self {
        let mut child = Command::new(command[0])
            .args(&command[1..])
            .arg(description)
            .stdin(stdin)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let first = line(&mut stderr);
        let Some((_, client)) = first.split_once("; connect with ") else { panic!("{first}") };
        Self { child, stderr, client: client.to_owned() }
    }

    /// Sends SIGINT, and expects exit code 0.
    fn stop(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

/// Kills the server if the test fails.
impl Drop for Program {
    fn drop(&mut self) {
        // An error means that the program has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// The server's whole response to a GET request; `before` is sent first.
async fn get(client: &str, before: &str) -> String {
    let mut connection = client_from_string(client).unwrap().connect().await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    connection.write_all(format!("{before}{request}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    answer
}

/// Writes a certificate for 127.0.0.1 and its key to one file.
fn certificate(dir: &TempDir) -> String {
    let issued = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let path = dir.path().join("server.pem");
    fs::write(&path, issued.signing_key.serialize_pem() + &issued.cert.pem()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn socket(dir: &TempDir) -> String {
    dir.path().join("app.sock").to_str().unwrap().to_owned()
}

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn axum_and_hyper_serve_on_tcp() {
    for command in [AXUM, HYPER] {
        let program = Program::start(command, "tcp:0:interface=127.0.0.1");
        assert!(get(&program.client, "").await.contains("127.0.0.1:"));
        program.stop();
    }
}

#[tokio::test]
async fn axum_and_hyper_make_a_socket_with_its_mode_and_remove_it() {
    for command in [AXUM, HYPER] {
        let dir = TempDir::new().unwrap();
        let path = socket(&dir);
        let program = Program::start(command, &format!("unix:{path}:mode=600"));
        assert_eq!(mode(&path), 0o600);
        get(&program.client, "").await;
        program.stop();
        assert!(!Path::new(&path).exists());
    }
}

#[tokio::test]
async fn axum_and_hyper_serve_on_an_inherited_socket() {
    for command in [AXUM, HYPER] {
        let inherited = OwnedFd::from(TcpListener::bind("127.0.0.1:0").unwrap());
        let program = Program::start_with(command, "fd:0", inherited.into());
        get(&program.client, "").await;
        program.stop();
    }
}

#[tokio::test]
async fn a_handler_of_axum_knows_the_peer() {
    let program = Program::start(AXUM, "tcp:0:interface=127.0.0.1");
    let mut connection = client_from_string(&program.client).unwrap().connect().await.unwrap();
    let ours = connection.local_address().to_string();
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with(&format!("\r\n\r\npeer {ours}\n")), "{answer}");
    program.stop();
}

#[tokio::test]
async fn a_handler_of_axum_knows_what_tls_has_agreed_on() {
    let dir = TempDir::new().unwrap();
    let pem = certificate(&dir);
    let server = format!("tls:{pem}:0:interface=127.0.0.1:alpn=h2,http/1.1");
    let program = Program::start(AXUM, &server);
    let port = program.client.split(':').nth(2).unwrap();
    let client = format!("tls:127.0.0.1:{port}:trustRoots={pem}:alpn=http/1.1");
    let answer = get(&client, "").await;
    assert!(answer.ends_with("\nTLS 1.3, protocol http/1.1\n"), "{answer}");
    program.stop();
}

#[tokio::test]
async fn a_handler_of_axum_knows_the_client_of_a_proxy() {
    let program = Program::start(AXUM, "haproxy:tcp:0:interface=127.0.0.1");
    let client = program.client.replacen("haproxy:", "", 1);
    let answer = get(&client, "PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n").await;
    assert!(answer.ends_with("\r\n\r\npeer 192.0.2.7:4711\nproxy header 1\n"), "{answer}");
    program.stop();
}

/// Queries the health with the client of `serve-tonic`.
fn check(client: &str) {
    let output = Command::new(TONIC[0]).args(["check", client]).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    assert_eq!(stdout.unwrap(), "SERVING\n", "{}", stderr.unwrap());
}

#[test]
fn tonic_serves_and_has_the_peer() {
    let dir = TempDir::new().unwrap();
    let (path, pem) = (socket(&dir), certificate(&dir));
    for (server, peer) in [
        ("tcp:0:interface=127.0.0.1".to_owned(), "127.0.0.1:"),
        (format!("unix:{path}:mode=600"), "an unnamed UNIX socket"),
        (format!("tls:{pem}:0:interface=127.0.0.1:alpn=h2"), "127.0.0.1:"),
    ] {
        let mut program = Program::start(TONIC, &server);
        let mut client = program.client.clone();
        if let Some(port) = client.strip_prefix("tls:").and_then(|it| it.split(':').nth(1)) {
            client = format!("tls:127.0.0.1:{port}:trustRoots={pem}:alpn=h2");
        }
        check(&client);
        let said = line(&mut program.stderr);
        assert!(said.starts_with(&format!("a request of {peer}")), "{said}");
        program.stop();
    }
    assert!(!Path::new(&path).exists());
}

#[test]
fn tonic_serves_on_an_inherited_socket() {
    let inherited = OwnedFd::from(TcpListener::bind("127.0.0.1:0").unwrap());
    let program = Program::start_with(TONIC, "fd:0", inherited.into());
    check(&program.client);
    program.stop();
}

#[test]
fn a_wrong_description_is_explained() {
    for command in [AXUM, HYPER, TONIC] {
        let mut program = Command::new(command[0]);
        let output = program.args(&command[1..]).arg("tcp:80:interface=::1").output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("an IPv6 address whose colons are not escaped"), "{said}");
    }
}
