//! The command as process 1 of a PID namespace, as in a container.
//!
//! The namespace belongs to one child process and ends with it. Creating one requires root, or a
//! system that allows it to other users. Otherwise, the tests report that they are skipped. With
//! `REQUIRE_NETNS`, as in `ci/check netns`, they fail instead.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use support::{Scratch, client_of, strports};

/// The namespace of a container.
const NAMESPACE: [&str; 5] = ["--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];

/// A relay that is process 1 of its namespace. Both end on drop.
struct Contained {
    unshare: Child,
    /// The process id outside of the namespace.
    pid: Pid,
    errors: BufReader<ChildStderr>,
    address: String,
}

impl Contained {
    /// Starts `strports relay ARGS`. Returns `None` if namespaces are not available.
    fn start(args: &[&str]) -> Option<Self> {
        Self::start_program(&NAMESPACE, strports().get_program(), args)
    }

    fn start_program(
        namespace: &[&str],
        program: impl AsRef<OsStr>,
        args: &[&str],
    ) -> Option<Self> {
        let probe = Command::new("unshare").args(NAMESPACE).arg("true").output();
        if !probe.as_ref().is_ok_and(|probe| probe.status.success()) {
            assert!(std::env::var_os("REQUIRE_NETNS").is_none(), "no PID namespace: {probe:?}");
            eprintln!("skipped: no PID namespace to be had");
            return None;
        }
        let mut command = Command::new("unshare");
        command.args(namespace).arg(program).arg("relay").args(args);
        let mut unshare = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(unshare.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        let address = client_of(&line).unwrap().strip_prefix("tcp:").unwrap().to_owned();
        let number = unshare.id();
        let children = format!("/proc/{number}/task/{number}/children");
        let pid = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        Some(Self { unshare, pid: Pid::from_raw(pid).unwrap(), errors, address })
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Hands over, and waits for the report.
    #[track_caller]
    fn hand_over(&mut self) {
        self.signal(Signal::USR2);
        self.says("has taken over");
    }

    /// Waits for a line with this text.
    #[track_caller]
    fn says(&mut self, text: &str) {
        let found = self.errors.by_ref().lines().find(|it| it.as_ref().unwrap().contains(text));
        assert!(found.is_some(), "`{text}` is not said");
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    #[track_caller]
    fn echoes(&self, text: &str) {
        let mut stream = self.connect();
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, text);
    }

    /// The children of process 1, including those that have ended but are not reaped.
    fn children(&self) -> Vec<Pid> {
        let own = self.pid.as_raw_nonzero();
        let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap();
        children.split_whitespace().map(|it| Pid::from_raw(it.parse().unwrap()).unwrap()).collect()
    }

    fn exit_code(mut self) -> Option<i32> {
        self.unshare.wait().unwrap().code()
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        let _ = self.unshare.kill();
        let _ = self.unshare.wait();
    }
}

/// A server that echoes its input.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut reader = stream.try_clone().unwrap();
                let _ = std::io::copy(&mut reader, &mut stream);
            });
        }
    });
    format!("tcp:{address}")
}

const ANY_PORT: &str = "tcp:0:interface=127.0.0.1";

#[test]
fn process_1_stays_until_its_last_successor_has_ended() {
    let Some(mut relay) = Contained::start(&[ANY_PORT, &echo()]) else { return };
    let mut old = relay.connect();
    old.write_all(b"before").unwrap();
    let mut text = [0; 6];
    old.read_exact(&mut text).unwrap();
    relay.hand_over();
    relay.echoes("first successor");
    // Process 1 has no more connections.
    drop(old);
    relay.echoes("still the first");
    for _ in 0..3 {
        relay.hand_over();
        relay.echoes("next successor");
    }
    relay.signal(Signal::TERM);
    assert_eq!(relay.exit_code(), Some(0));
}

/// Hands over twice, and keeps the first connection for as long.
fn hands_over(mut relay: Contained) {
    let mut old = relay.connect();
    old.write_all(b"x").unwrap();
    old.read_exact(&mut [0]).unwrap();
    for _ in 0..2 {
        relay.hand_over();
        relay.echoes("successor");
    }
    drop(old);
    relay.echoes("still there");
    relay.signal(Signal::TERM);
    assert_eq!(relay.exit_code(), Some(0));
}

#[test]
fn process_1_knows_its_successors_in_the_proc_of_an_outer_namespace() {
    let (_, namespace) = NAMESPACE.split_last().unwrap();
    let args = [ANY_PORT, &echo()];
    if let Some(relay) = Contained::start_program(namespace, strports().get_program(), &args) {
        hands_over(relay);
    }
}

#[test]
fn a_successor_may_have_another_program_name() {
    let scratch = Scratch::new();
    let link = scratch.join("relay");
    // The successor is started under the name of the program itself.
    std::os::unix::fs::symlink(strports().get_program(), &link).unwrap();
    if let Some(relay) = Contained::start_program(&NAMESPACE, link, &[ANY_PORT, &echo()]) {
        hands_over(relay);
    }
}

#[test]
fn orphans_are_reaped_in_the_proc_of_an_outer_namespace() {
    let (_, namespace) = NAMESPACE.split_last().unwrap();
    let script = "process:sh:-c:{ sleep 0.1; } </dev/null >/dev/null 2>&1 & cat";
    let args = [ANY_PORT, script];
    let program = strports();
    let Some(relay) = Contained::start_program(namespace, program.get_program(), &args) else {
        return;
    };
    // A program that runs must not be reaped with the orphans.
    let mut open = relay.connect();
    open.write_all(b"x").unwrap();
    open.read_exact(&mut [0]).unwrap();
    for _ in 0..10 {
        relay.echoes("question");
    }
    while relay.children().len() > 1 {
        std::thread::yield_now();
    }
    open.write_all(b"y").unwrap();
    open.read_exact(&mut [0]).unwrap();
}

#[test]
fn process_1_ends_as_its_last_successor_does() {
    let Some(mut relay) = Contained::start(&[ANY_PORT, &echo()]) else { return };
    relay.hand_over();
    relay.echoes("served");
    let successor = relay.children()[0];
    kill_process(successor, Signal::KILL).unwrap();
    assert_eq!(relay.exit_code(), Some(128 + 9));
}

#[test]
fn a_drain_of_process_1_ends_its_successor_too() {
    let Some(mut relay) = Contained::start(&[ANY_PORT, &echo()]) else { return };
    let mut old = relay.connect();
    old.write_all(b"x").unwrap();
    old.read_exact(&mut [0]).unwrap();
    relay.hand_over();
    let mut new = relay.connect();
    new.write_all(b"x").unwrap();
    new.read_exact(&mut [0]).unwrap();
    relay.signal(Signal::TERM);
    relay.says("1 connection has 30 s left");
    // No more connections are accepted, but both connections continue.
    for stream in [&mut old, &mut new] {
        stream.write_all(b"y").unwrap();
        stream.read_exact(&mut [0]).unwrap();
    }
    relay.signal(Signal::TERM);
    assert_eq!(relay.exit_code(), Some(0));
}

#[test]
fn process_1_reaps_the_orphans_of_programs() {
    // Each connection leaves a grandchild of process 1 that ends later.
    let script = "process:sh:-c:{ sleep 0.1; } </dev/null >/dev/null 2>&1 & cat";
    let Some(relay) = Contained::start(&[ANY_PORT, script]) else { return };
    for _ in 0..20 {
        relay.echoes("question");
    }
    // The last orphans end after all connections.
    while !relay.children().is_empty() {
        std::thread::yield_now();
    }
    relay.signal(Signal::TERM);
    assert_eq!(relay.exit_code(), Some(0));
}
