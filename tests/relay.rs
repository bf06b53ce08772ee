//! `listen`, `connect` and `relay` as processes, on loopback and in their own directory.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::Signal;
use support::closed_port::closed;
use support::{Listening, Scratch, strports};

const ANY_PORT: &str = "tcp:0:interface=127.0.0.1";

/// The output of the other side until it ends its sending side.
fn rest(mut stream: &TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[track_caller]
fn connect(place: &str, input: &str) -> String {
    let mut command = strports();
    command.args(["connect", place]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "connect {place}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn connect_sends_standard_input_and_writes_the_answer() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp:{}", server.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let (stream, _) = server.accept().unwrap();
        let question = rest(&stream);
        (&stream).write_all(b"answer").unwrap();
        question
    });
    assert_eq!(connect(&place, "question"), "answer");
    assert_eq!(serving.join().unwrap(), "question");
}

#[test]
fn listen_prints_its_address_and_a_client() {
    let args = ["listen", "--log-format=json", "tcp6:0"];
    let mut command = strports();
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut listening = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(listening.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    // All interfaces are open, which the loopback address of the client does not show.
    let port = object["address"].as_str().unwrap().strip_prefix("[::]:").unwrap().to_owned();
    let client = format!(r"tcp:\:\:1:{port}");
    assert_eq!(object["client"], client);
    assert_eq!(object["message"], format!("listening on [::]:{port}; connect with {client}"));
    assert_eq!(connect(&client, "hello"), "");
    let mut output = String::new();
    listening.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    assert_eq!(output, "hello");
    assert_eq!(listening.wait().unwrap().code(), Some(0));
}

#[test]
fn listen_serves_one_connection_and_ends() {
    let listening = Listening::start(&["listen", ANY_PORT], Stdio::null());
    let address = listening.place.strip_prefix("tcp:").unwrap();
    let stream = TcpStream::connect(address).unwrap();
    (&stream).write_all(b"hello").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&stream), "");
    assert_eq!(listening.end(), (Some(0), "hello".to_owned(), String::new()));
}

#[test]
fn listen_keep_serves_connections_in_turn() {
    let listening = Listening::start(&["listen", "--keep", ANY_PORT], Stdio::null());
    let address = listening.place.strip_prefix("tcp:").unwrap();
    for text in ["one ", "two"] {
        let stream = TcpStream::connect(address).unwrap();
        (&stream).write_all(text.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // The connection is closed when all data has been written.
        assert_eq!(rest(&stream), "");
    }
    let last = TcpStream::connect(address).unwrap();
    assert_eq!(rest(&last), "", "the end of standard input is passed on at once");
    listening.signal(Signal::TERM);
    assert_eq!(listening.end(), (Some(0), "one two".to_owned(), String::new()));
}

#[test]
fn listen_keep_leaves_the_rest_of_standard_input_to_the_next_connection() {
    let mut listening = Listening::start(&["listen", "--keep", ANY_PORT], Stdio::piped());
    let mut input = listening.child.stdin.take().unwrap();
    let address = listening.place.strip_prefix("tcp:").unwrap().to_owned();
    for text in ["first", "second"] {
        let mut stream = TcpStream::connect(&address).unwrap();
        input.write_all(text.as_bytes()).unwrap();
        let mut read = vec![0; text.len()];
        stream.read_exact(&mut read).unwrap();
        assert_eq!(read, text.as_bytes());
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&stream), "");
    }
    listening.signal(Signal::TERM);
    assert_eq!(listening.end().0, Some(0));
}

#[test]
fn relay_joins_each_connection_to_one_of_its_own() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let inner = format!("tcp:{}", server.local_addr().unwrap());
    let relay = Listening::start(&["relay", ANY_PORT, &inner], Stdio::null());
    let serving = std::thread::spawn(move || {
        // Both are open before one is answered, so they do not wait for one another.
        let streams = [server.accept().unwrap().0, server.accept().unwrap().0];
        for stream in streams {
            let question = rest(&stream);
            write!(&stream, "{question}!").unwrap();
        }
    });
    let address = relay.place.strip_prefix("tcp:").unwrap();
    let streams = [TcpStream::connect(address).unwrap(), TcpStream::connect(address).unwrap()];
    for (stream, text) in streams.iter().zip(["a", "b"]) {
        (&*stream).write_all(text.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
    }
    assert_eq!(streams.each_ref().map(rest), ["a!", "b!"]);
    serving.join().unwrap();
    relay.signal(Signal::INT);
    assert_eq!(relay.end(), (Some(0), String::new(), String::new()));
}

#[test]
fn relay_reports_a_failed_connection_and_continues() {
    let inner = closed();
    let mut relay = Listening::start(&["relay", ANY_PORT, &inner], Stdio::null());
    for _ in 0..2 {
        let stream = TcpStream::connect(relay.place.strip_prefix("tcp:").unwrap()).unwrap();
        let line = relay.error_line();
        let peer = stream.local_addr().unwrap();
        assert!(line.starts_with(&format!("connection from {peer}: `{inner}`: ")), "{line}");
    }
    relay.signal(Signal::INT);
    assert_eq!(relay.end().0, Some(0));
}

#[test]
fn a_signal_ends_relay_and_removes_its_socket() {
    let scratch = Scratch::new();
    for signal in [Signal::INT, Signal::TERM] {
        let socket = scratch.join("outer.sock");
        let args = ["relay", &format!("unix:{socket}"), "tcp:127.0.0.1:1"];
        let relay = Listening::start(&args, Stdio::null());
        assert_eq!(relay.place, format!("unix:{socket}"));
        assert!(Path::new(&socket).exists() && scratch.path().join("outer.sock.lock").is_symlink());
        relay.signal(signal);
        assert_eq!(relay.end().0, Some(0));
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}

#[test]
fn relay_ends_with_its_standard_streams() {
    let listening = Listening::start(&["listen", ANY_PORT], Stdio::null());
    let mut command = strports();
    command.args(["relay", "stdio:", &listening.place]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through").unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(listening.end().1, "through");
}

#[test]
fn listen_keep_ends_without_an_error_on_closed_output() {
    let mut listening = Listening::start(&["listen", "--keep", ANY_PORT], Stdio::null());
    drop(listening.child.stdout.take());
    let stream = TcpStream::connect(listening.place.strip_prefix("tcp:").unwrap()).unwrap();
    while (&stream).write_all(&[b'x'; 1024]).is_ok() {}
    assert_eq!(listening.child.wait().unwrap().code(), Some(0));
    assert_eq!(listening.error_line(), "");
}

/// A server like those on Twisted: it drops its answer if the client ends its sending side within
/// this time. Returns whether it did.
fn twisted_like(listener: TcpListener, within: Option<Duration>) -> JoinHandle<bool> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        stream.set_read_timeout(within).unwrap();
        let has_ended = matches!(stream.read(&mut [0]), Ok(0));
        if !has_ended {
            stream.write_all(b"answer").unwrap();
        }
        has_ended
    })
}

#[test]
fn connect_forwards_the_end_of_its_input_by_default() {
    let some_time = Some(Duration::from_millis(200));
    for (options, within, expected) in
        [(&[][..], None, ""), (&["--no-shutdown"], some_time, "answer")]
    {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("tcp:{}", server.local_addr().unwrap());
        let serving = twisted_like(server, within);
        let mut command = strports();
        command.arg("connect").args(options).arg(&place);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"x").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
        assert_eq!(serving.join().unwrap(), options.is_empty());
    }
}

#[test]
fn end_on_close_ends_with_the_other_side() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp:{}", server.local_addr().unwrap());
    let mut command = strports();
    command.args(["connect", "--end-on-close", &place]).stdin(Stdio::piped());
    let mut connect = command.stdout(Stdio::piped()).spawn().unwrap();
    // Standard input stays open.
    let input = connect.stdin.take();
    server.accept().unwrap().0.write_all(b"bye").unwrap();
    let output = connect.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), b"bye".to_vec()));
    drop(input);

    let args = ["listen", "--end-on-close", ANY_PORT];
    let mut listening = Listening::start(&args, Stdio::piped());
    let input = listening.child.stdin.take();
    let mut stream = TcpStream::connect(listening.place.strip_prefix("tcp:").unwrap()).unwrap();
    stream.write_all(b"bye").unwrap();
    drop(stream);
    assert_eq!(listening.end(), (Some(0), "bye".to_owned(), String::new()));
    drop(input);
}

#[test]
fn verbose_connect_prints_each_step() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let mut command = strports();
    command.args(["connect", "-v", &format!("tcp:localhost:{port}")]).stdin(Stdio::null());
    let child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    drop(server.accept().unwrap());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "looking up `localhost`");
    assert!(lines[1].starts_with("`localhost` has ") && lines[1].contains("127.0.0.1"), "{said}");
    assert!(lines.contains(&&*format!("connecting to 127.0.0.1:{port}")), "{said}");
    let connected = format!("connected to 127.0.0.1:{port} from 127.0.0.1:");
    assert!(lines.iter().any(|line| line.starts_with(&connected)), "{said}");
    assert_eq!(lines.last(), Some(&&*format!("the peer is 127.0.0.1:{port}")));
}

#[test]
fn too_few_descriptors_are_an_error() {
    let relay = &["relay", ANY_PORT, "tcp:127.0.0.1:1"][..];
    for args in [relay, &["listen", ANY_PORT], &["connect", "process:true"]] {
        for limit in 4.. {
            let mut child = with_descriptors(limit, args).spawn().unwrap();
            let mut errors = BufReader::new(child.stderr.take().unwrap());
            let mut said = String::new();
            errors.read_line(&mut said).unwrap();
            if said.starts_with("listening on ") {
                child.kill().unwrap();
                child.wait().unwrap();
                break;
            }
            if said.is_empty() {
                assert_eq!(child.wait().unwrap().code(), Some(0), "the program has run");
                break;
            }
            errors.read_to_string(&mut said).unwrap();
            let code = child.wait().unwrap().code();
            assert_eq!(code, Some(1), "{limit} descriptors: {said}");
            assert!(said.contains("(os error 24)"), "{limit} descriptors: {said}");
            assert!(!said.contains("panicked"), "{limit} descriptors: {said}");
            assert!(limit < 30, "few descriptors are enough");
        }
    }
}

/// The command with at most this number of descriptors.
fn with_descriptors(limit: u32, args: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    // The caller of the test may have left descriptors open, which would count.
    let close = "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-";
    shell.args(["-c", &format!("{close}; ulimit -n {limit}; exec \"$0\" \"$@\"")]);
    shell.arg(strports().get_program()).args(args).stdin(Stdio::null()).stderr(Stdio::piped());
    shell
}

#[test]
fn clients_of_programs_wait_for_descriptors() {
    for limit in 44..48 {
        let args = ["relay", "--log-format=json", ANY_PORT, "process:cat"];
        let mut relay = with_descriptors(limit, &args).spawn().unwrap();
        let mut errors = BufReader::new(relay.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        let listening: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = listening["address"].as_str().unwrap().to_owned();
        let client = || {
            let address = address.clone();
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(b"x").unwrap();
                stream.read_exact(&mut [0]).expect("it waits and is served");
            })
        };
        let clients: Vec<_> = std::iter::repeat_with(client).take(30).collect();
        for client in clients {
            client.join().unwrap();
        }
        relay.kill().unwrap();
        relay.wait().unwrap();
    }
}

/// The environment variables of a program about its connection.
#[test]
fn a_program_has_variables_about_its_connection() {
    let relay = Listening::start_with(
        &["relay", ANY_PORT, r"process:sh:-c:env | grep ^STRPORTS_ | sort"],
        Stdio::null(),
        // The variables of an outer program are not passed on.
        |command| {
            command.env("STRPORTS_TLS_NAME", "outer");
        },
    );
    let address = relay.place.strip_prefix("tcp:").unwrap();
    let client = TcpStream::connect(address).unwrap();
    let (ours, port) = (client.local_addr().unwrap(), address.rsplit_once(':').unwrap().1);
    assert_eq!(
        rest(&client),
        format!(
            "STRPORTS_LOCAL_ADDRESS=127.0.0.1\nSTRPORTS_LOCAL_PORT={port}\n\
             STRPORTS_PEER_ADDRESS=127.0.0.1\nSTRPORTS_PEER_PORT={}\n",
            ours.port()
        )
    );
}
