//! Peers that are gone, or do not end, do not keep a connection open.

#![cfg(all(feature = "cli", feature = "relay", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use support::{Listening, Scratch, strports};

const ANY_PORT: &str = "tcp:0:interface=127.0.0.1";

fn relay(args: &[&str]) -> Listening {
    Listening::start(&[&["relay", "--access-log", "all"], args].concat(), Stdio::null())
}

fn tcp(relay: &Listening) -> TcpStream {
    TcpStream::connect(relay.place.strip_prefix("tcp:").unwrap()).unwrap()
}

/// Waits until the relay reports the end of a connection, and returns the report.
fn next_end(relay: &mut Listening) -> String {
    loop {
        let line = relay.error_line();
        assert!(!line.is_empty(), "the relay has ended");
        if line.contains(" there, ") {
            return line;
        }
    }
}

/// A relay on a UNIX socket, a client, and the connection of its target.
fn over_unix(scratch: &Scratch) -> (Listening, UnixStream, TcpStream) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let path = scratch.join("socket");
    let target = format!("tcp:{}", server.local_addr().unwrap());
    let relay = relay(&[&format!("unix:{path}"), &target]);
    let client = UnixStream::connect(path).unwrap();
    (relay, client, server.accept().unwrap().0)
}

#[test]
fn a_unix_client_that_closes_its_socket_ends_a_target_that_is_silent() {
    let scratch = Scratch::new();
    let (mut relay, mut client, mut target) = over_unix(&scratch);
    client.write_all(b"question").unwrap();
    drop(client);
    let mut question = String::new();
    target.read_to_string(&mut question).unwrap();
    assert_eq!(question, "question");
    let line = next_end(&mut relay);
    assert!(line.contains("closed"), "{line}");
}

#[test]
fn a_tcp_client_that_resets_after_its_half_close_ends_a_target_that_is_silent() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp:{}", server.local_addr().unwrap());
    let mut relay = relay(&[ANY_PORT, &target]);
    let mut client = tcp(&relay);
    let mut target = server.accept().unwrap().0;
    client.write_all(b"question").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut question = String::new();
    target.read_to_string(&mut question).unwrap();
    assert_eq!(question, "question");
    rustix::net::sockopt::set_socket_linger(&client, Some(std::time::Duration::ZERO)).unwrap();
    drop(client);
    let line = next_end(&mut relay);
    assert!(line.contains("connection reset by peer"), "{line}");
    target.write_all(b"answer").expect_err("the target is reset as well");
}

#[test]
fn a_unix_client_that_ends_its_half_first_is_noticed_when_it_closes_its_socket() {
    let scratch = Scratch::new();
    let (mut relay, mut client, mut target) = over_unix(&scratch);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(target.read(&mut [0]).unwrap(), 0);
    // The other direction is open.
    target.write_all(b"answer").unwrap();
    client.read_exact(&mut [0; 6]).unwrap();
    drop(client);
    let line = next_end(&mut relay);
    assert!(line.contains("closed"), "{line}");
}

#[test]
fn a_program_that_ignores_the_end_of_its_input_is_ended_after_the_half_close_timeout() {
    let mut relay = relay(&["--half-close-timeout", "200ms", ANY_PORT, "process:sleep:1000"]);
    let mut client = tcp(&relay);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let line = next_end(&mut relay);
    assert!(line.contains("it sent nothing for 0.2 seconds after the end of its input"), "{line}");
}

#[test]
fn a_program_that_closes_its_input_ends_the_connection() {
    let relay = relay(&[ANY_PORT, r"process:sh:-c:exec <&- >&- 2>&-; exec sleep 1000"]);
    assert_eq!(tcp(&relay).read(&mut [0]).unwrap(), 0, "all of its output has come");
}

#[test]
fn a_program_that_only_closes_its_input_cuts_the_connection_short() {
    let relay = relay(&[ANY_PORT, "process:sh:-c:exec <&-; exec sleep 1000"]);
    assert_eq!(tcp(&relay).read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[test]
fn the_output_of_a_program_that_reads_nothing_arrives() {
    let relay = relay(&[ANY_PORT, "process:echo:done"]);
    let mut said = String::new();
    tcp(&relay).read_to_string(&mut said).unwrap();
    assert_eq!(said, "done\n");
}

#[test]
fn connect_ends_when_its_output_is_closed() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp:{}", server.local_addr().unwrap());
    let mut command = strports();
    command.args(["connect", &target]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut connect = command.spawn().unwrap();
    let (mut silent, _) = server.accept().unwrap();
    silent.write_all(b"x").unwrap();
    let mut output = connect.stdout.take().unwrap();
    output.read_exact(&mut [0]).unwrap();
    drop(output);
    // Its input is open.
    let _input = connect.stdin.take().unwrap();
    assert!(connect.wait().unwrap().success());
}
