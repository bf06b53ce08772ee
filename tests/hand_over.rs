//! A relay that starts its successor: no client is refused in the meantime.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, test_kill_process};
use support::{Listening, Scratch};

/// Echoes every connection while the test runs.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut text = Vec::new();
                // A killed process stops reading.
                if stream.read_to_end(&mut text).is_ok() {
                    let _ = stream.write_all(&text);
                }
            });
        }
    });
    format!("tcp:{address}")
}

/// A service manager that receives notifications.
struct Manager {
    socket: UnixDatagram,
    path: String,
}

impl Manager {
    fn new(scratch: &Scratch) -> Self {
        let path = scratch.join("notify");
        Self { socket: UnixDatagram::bind(&path).unwrap(), path }
    }

    /// Returns the next message with this prefix, and skips others.
    #[track_caller]
    fn hears(&self, beginning: &str) -> String {
        loop {
            let mut said = [0; 100];
            let length = self.socket.recv(&mut said).unwrap();
            let said = String::from_utf8(said[..length].to_vec()).unwrap();
            if said.starts_with(beginning) {
                return said;
            }
        }
    }

    /// Waits until the successor is the main process.
    #[track_caller]
    fn hears_of_successor(&self) -> Successor {
        let said = self.hears("MAINPID=");
        let pid = said.strip_prefix("MAINPID=").unwrap().parse().unwrap();
        Successor(Pid::from_raw(pid).unwrap())
    }
}

/// Connects repeatedly until it is stopped. Every request is answered.
struct Clients {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

impl Clients {
    fn start(ask: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> Self {
        let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_over, count) = (Arc::clone(&stop), Arc::clone(&served));
        let thread = std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let question = count.load(Ordering::Relaxed).to_string();
                assert_eq!(ask(question.as_bytes()), question.as_bytes());
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { stop, served, thread }
    }

    /// Waits until this number of further requests has been answered.
    fn serve(&self, more: usize) {
        let wanted = self.served.load(Ordering::Relaxed) + more;
        while self.served.load(Ordering::Relaxed) < wanted {
            assert!(!self.thread.is_finished(), "a client has failed");
            std::thread::yield_now();
        }
    }

    /// Returns the number of answered requests. None may have failed.
    fn end(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        self.served.load(Ordering::Relaxed)
    }
}

fn ask_tcp(address: &str, question: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(question).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

fn ask_unix(path: &str, question: &[u8]) -> Vec<u8> {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.write_all(question).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// A process that is not a child of the test. It is killed on drop.
struct Successor(Pid);

impl Successor {
    fn signal(&self, signal: Signal) {
        kill_process(self.0, signal).unwrap();
    }

    /// Ends the process, and waits for its end.
    fn end(self) {
        self.after(|| self.signal(Signal::TERM));
    }

    /// Waits for the end of the command after `ending`.
    fn after(&self, ending: impl FnOnce()) {
        let handle = pidfd_open(self.0, PidfdFlags::empty()).unwrap();
        ending();
        let mut gone = [PollFd::new(&handle, PollFlags::IN)];
        poll(&mut gone, None).unwrap();
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::KILL);
    }
}

fn start(manager: &Manager, args: &[&str]) -> Listening {
    Listening::start_with(args, Stdio::null(), |command| {
        command.env("NOTIFY_SOCKET", &manager.path);
    })
}

#[test]
fn no_client_is_refused_during_a_handover_of_tcp() {
    let scratch = Scratch::new();
    let manager = Manager::new(&scratch);
    let relay = start(&manager, &["relay", "tcp:0:interface=127.0.0.1:backlog=1000", &echo()]);
    let address = relay.place.strip_prefix("tcp:").unwrap().to_owned();
    let clients = Clients::start(move |question| ask_tcp(&address, question));
    clients.serve(20);
    relay.signal(Signal::USR2);
    let successor = manager.hears_of_successor();
    assert_eq!(relay.exit_code(), Some(0));
    clients.serve(20);
    // The successor has a successor.
    successor.signal(Signal::USR2);
    let second = manager.hears_of_successor();
    assert_ne!(second.0, successor.0);
    clients.serve(20);
    assert!(clients.end() >= 60);
    second.end();
}

#[test]
fn no_client_is_refused_during_a_handover_of_unix_sockets() {
    let scratch = Scratch::new();
    let manager = Manager::new(&scratch);
    let socket = scratch.join("s");
    let lock = format!("{socket}.lock");
    let holder = || std::fs::read_link(&lock).unwrap().to_str().unwrap().to_owned();
    let relay = start(&manager, &["relay", &format!("unix:{socket}"), &echo()]);
    assert_eq!(holder(), relay.child.id().to_string());
    let path = socket.clone();
    let clients = Clients::start(move |question| ask_unix(&path, question));
    clients.serve(20);
    relay.signal(Signal::USR2);
    let successor = manager.hears_of_successor();
    assert_eq!(holder(), successor.0.as_raw_nonzero().to_string());
    assert_eq!(relay.exit_code(), Some(0));
    assert_eq!(holder(), successor.0.as_raw_nonzero().to_string(), "the old one removes nothing");
    clients.serve(20);
    clients.end();
    successor.end();
    assert!(!Path::new(&socket).exists(), "the last one removes the socket");
    assert_eq!(std::fs::read_link(&lock).unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn open_connections_stay_with_the_old_process_until_they_end() {
    let scratch = Scratch::new();
    let manager = Manager::new(&scratch);
    let relay = start(&manager, &["relay", "tcp:0:interface=127.0.0.1", &echo()]);
    let address = relay.place.strip_prefix("tcp:").unwrap().to_owned();
    let mut old = TcpStream::connect(&address).unwrap();
    old.write_all(b"before, ").unwrap();
    // Once this is answered, `old` has been accepted, because accepting keeps the order.
    assert_eq!(ask_tcp(&address, b"x"), b"x");
    relay.signal(Signal::USR2);
    let successor = manager.hears_of_successor();
    assert_eq!(ask_tcp(&address, b"after"), b"after");
    old.write_all(b"and after").unwrap();
    old.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    old.read_to_string(&mut text).unwrap();
    assert_eq!(text, "before, and after");
    assert_eq!(relay.exit_code(), Some(0));
    successor.end();
}

/// The command at its own path, so that it can be replaced.
fn own_program(scratch: &Scratch) -> String {
    let program = scratch.join("strports");
    let built = env!("CARGO_BIN_EXE_strports");
    if std::fs::hard_link(built, &program).is_err() {
        std::fs::copy(built, &program).unwrap();
    }
    program
}

fn replace(program: &str, text: &str) {
    let new = format!("{program}.new");
    std::fs::write(&new, text).unwrap();
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::rename(&new, program).unwrap();
}

#[test]
fn a_successor_that_fails_changes_nothing() {
    let scratch = Scratch::new();
    let program = own_program(&scratch);
    let socket = scratch.join("s");
    let args = ["relay", &format!("unix:{socket}"), &echo()];
    let mut relay = Listening::start_with(&args, Stdio::null(), |command| {
        *command = Command::new(&program);
    });
    let holder = std::fs::read_link(format!("{socket}.lock")).unwrap();
    // The successor runs the file that is at the path now.
    replace(&program, "#!/bin/sh\necho \"for $STRPORTS_HANDOVER\" >&2\nexit 3\n");
    for _ in 0..2 {
        relay.signal(Signal::USR2);
        let said = relay.error_line();
        assert!(said.starts_with(&format!("for {}:", relay.child.id())), "{said}");
        let said = relay.error_line();
        assert!(said.ends_with(" ended before it could take over (exit status 3)\n"), "{said}");
        assert_eq!(std::fs::read_link(format!("{socket}.lock")).unwrap(), holder);
        assert_eq!(ask_unix(&socket, b"still there"), b"still there");
    }
    replace(&program, "#!/bin/sh\nkill -KILL $$\n");
    relay.signal(Signal::USR2);
    let said = relay.error_line();
    assert!(said.ends_with(" ended before it could take over (signal 9)\n"), "{said}");
    let script = "IFS=: read -r _ channel _ <<<$STRPORTS_HANDOVER; exec {channel}>&- sleep 1000";
    replace(&program, &format!("#!/bin/bash\n{script}\n"));
    relay.signal(Signal::USR2);
    let said = relay.error_line();
    assert!(said.ends_with(" runs without taking over\n"), "{said}");
    assert_eq!(ask_unix(&socket, b"still there"), b"still there");
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().0, Some(0));
    assert!(!Path::new(&socket).exists());
}

#[test]
fn a_relay_that_is_stopped_meanwhile_has_no_successor() {
    let scratch = Scratch::new();
    let program = own_program(&scratch);
    let socket = scratch.join("s");
    let args = ["relay", &format!("unix:{socket}"), &echo()];
    let mut relay = Listening::start_with(&args, Stdio::null(), |command| {
        *command = Command::new(&program);
    });
    replace(&program, "#!/bin/sh\necho $$ >&2\nexec sleep 1000\n");
    relay.signal(Signal::USR2);
    let late: i32 = relay.error_line().trim().parse().unwrap();
    relay.signal(Signal::USR2);
    assert_eq!(relay.error_line(), "SIGUSR2: another process is already taking over\n");
    relay.signal(Signal::TERM);
    // The successor shares the standard streams, so their end means that both have exited.
    assert_eq!(relay.end().0, Some(0));
    assert!(!Path::new(&socket).exists());
    assert!(!Path::new(&format!("{socket}.lock")).is_symlink());
    assert!(test_kill_process(Pid::from_raw(late).unwrap()).is_err());
}

#[test]
fn a_draining_relay_refuses_a_handover() {
    let json = ["relay", "--log-format", "json", "tcp:0:interface=127.0.0.1", &echo()];
    let mut command = support::strports();
    let mut child = command.args(json).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut line =
        || -> serde_json::Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let address = line()["address"].as_str().unwrap().to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    let signal = |signal| kill_process(Pid::from_child(&child), signal).unwrap();
    signal(Signal::TERM);
    assert_eq!(line()["event"], "draining");
    signal(Signal::USR2);
    let said = line();
    assert_eq!((&said["event"], &said["level"]), (&"handover-ignored".into(), &"warn".into()));
    assert_eq!(said["message"], "SIGUSR2: no more connections are accepted here");
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_inherited_socket_is_handed_over() {
    let scratch = Scratch::new();
    let manager = Manager::new(&scratch);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let passed = rustix::io::dup(&socket).unwrap();
    let server = format!("fd:{}", passed.as_raw_fd());
    let relay = start(&manager, &["relay", &server, &echo()]);
    drop((socket, passed));
    assert_eq!(ask_tcp(&address, b"old"), b"old");
    relay.signal(Signal::USR2);
    let successor = manager.hears_of_successor();
    assert_eq!(relay.exit_code(), Some(0));
    assert_eq!(ask_tcp(&address, b"new"), b"new");
    successor.end();
}

#[test]
fn a_missing_program_cannot_be_the_successor() {
    let scratch = Scratch::new();
    let program = own_program(&scratch);
    let args = ["relay", "tcp:0:interface=127.0.0.1", &echo()];
    let mut relay = Listening::start_with(&args, Stdio::null(), |command| {
        *command = Command::new(&program);
    });
    std::fs::remove_file(&program).unwrap();
    relay.signal(Signal::USR2);
    let said = relay.error_line();
    assert!(said.contains("cannot start `") && said.contains("no such file"), "{said}");
    let address = relay.place.strip_prefix("tcp:").unwrap();
    assert_eq!(ask_tcp(address, b"still there"), b"still there");
}

#[test]
fn standard_streams_are_not_handed_over() {
    let scratch = Scratch::new();
    let manager = Manager::new(&scratch);
    let mut command = support::strports();
    command.args(["relay", "--max-lifetime", "1h", "stdio:", &echo()]);
    command.env("NOTIFY_SOCKET", &manager.path).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    manager.hears("READY=1");
    kill_process(Pid::from_child(&child), Signal::USR2).unwrap();
    child.stdin.take().unwrap().write_all(b"still there").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"still there");
}

#[test]
fn a_process_and_its_successors_share_one_limit_of_connections() {
    let scratch = Scratch::new();
    let manager = Manager::new(&scratch);
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp:{}", target.local_addr().unwrap());
    let args = ["relay", "--max-connections", "2", "tcp:0:interface=127.0.0.1", &place];
    let mut relay = start(&manager, &args);
    let address = relay.place.strip_prefix("tcp:").unwrap().to_owned();
    let connect = || TcpStream::connect(&address).unwrap();
    let (first, second) = (connect(), connect());
    let far = [target.accept().unwrap(), target.accept().unwrap()];
    relay.signal(Signal::USR2);
    let successor = manager.hears_of_successor();
    let third = connect();
    // The successor reports it on the shared standard error.
    while !relay.error_line().contains("2 connections are open") {}
    successor.signal(Signal::USR2);
    let last = manager.hears_of_successor();
    while !relay.error_line().contains("2 connections are open") {}
    target.set_nonblocking(true).unwrap();
    let refused = target.accept().map(drop).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock, "both places are taken");
    target.set_nonblocking(false).unwrap();
    drop(first);
    drop(far);
    // The closed connection of the first process makes room in its second successor.
    let (mut served, _) = target.accept().unwrap();
    served.write_all(b"x").unwrap();
    (&third).read_exact(&mut [0]).unwrap();
    drop((second, third, served));
    last.end();
}

#[test]
fn connections_count_after_the_processes_in_between_have_ended() {
    let scratch = Scratch::new();
    let manager = Manager::new(&scratch);
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp:{}", target.local_addr().unwrap());
    let args = ["relay", "--max-connections", "1", "--when-full", "refuse"];
    let relay = start(&manager, &[&args[..], &["tcp:0:interface=127.0.0.1", &place]].concat());
    let address = relay.place.strip_prefix("tcp:").unwrap().to_owned();
    let connect = || TcpStream::connect(&address).unwrap();
    let open = connect();
    let far = target.accept().unwrap();
    relay.signal(Signal::USR2);
    let mut newest = manager.hears_of_successor();
    for _ in 0..3 {
        let mut next = None;
        // `newest` has no connections, so it ends as soon as the next process has taken over.
        newest.after(|| {
            newest.signal(Signal::USR2);
            next = Some(manager.hears_of_successor());
        });
        newest = next.unwrap();
    }
    for _ in 0..20 {
        let refused = connect().read(&mut [0]);
        assert!(matches!(refused, Ok(0) | Err(_)), "the first process has the only connection");
    }
    target.set_nonblocking(true).unwrap();
    assert_eq!(target.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    target.set_nonblocking(false).unwrap();
    drop((open, far));
    let served = std::thread::spawn(move || drop(target.accept().unwrap()));
    while !served.is_finished() {
        // Refused until the newest process has the report about the end of the connection.
        let _ = connect().read(&mut [0]);
    }
    newest.end();
}
