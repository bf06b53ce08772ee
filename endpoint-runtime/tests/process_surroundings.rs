//! Tests of what a program gets besides its input: terminal, user, directory, standard error.

#![cfg(feature = "process")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, Once};

use endpoint_runtime::plan::{ProcessSpawn, StandardErrorBehavior};
use endpoint_runtime::{Client, Connection, WindowSize};
use rustix::io::{FdFlags, fcntl_setfd};
use smol::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use support::{TempDir, connect};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The plan of a shell that runs this script.
fn script(text: &str) -> ProcessSpawn {
    let mut plan = ProcessSpawn::new("/bin/sh");
    plan.args = vec!["-c".into(), text.into()];
    plan
}

fn on_terminal(text: &str) -> ProcessSpawn {
    let mut plan = script(text);
    plan.use_pty = true;
    plan
}

#[track_caller]
fn start(plan: ProcessSpawn) -> Connection {
    smol::block_on(Client::from_plan(plan.into()).connect()).unwrap()
}

#[track_caller]
fn output(mut connection: Connection) -> String {
    let mut text = String::new();
    smol::block_on(connection.read_to_string(&mut text)).unwrap();
    text
}

#[test]
#[cfg(target_os = "linux")]
fn only_the_standard_descriptors_are_open() {
    // A descriptor without close-on-exec, as a careless library or the parent may leave one.
    let (stray, _other) = UnixStream::pair().unwrap();
    fcntl_setfd(&stray, FdFlags::empty()).unwrap();
    // Descriptor 3 is the directory that `ls` reads.
    assert_eq!(output(connect("process:ls:/proc/self/fd").unwrap()), "0\n1\n2\n3\n");
    assert_eq!(output(connect("process:ls:/proc/self/fd:usePTY=1").unwrap()), "0  1  2  3\r\n");
}

#[test]
fn a_terminal_controls_its_program_and_has_a_size() {
    let size = WindowSize::ours().unwrap_or(WindowSize::USUAL);
    let text = "tty <&1 >/dev/null && tty <&2 >/dev/null; echo to it >/dev/tty; stty size";
    assert_eq!(
        output(start(on_terminal(text))),
        format!("to it\r\n{} {}\r\n", size.rows, size.columns)
    );
}

#[test]
fn a_closed_terminal_reads_end_of_file() {
    let connection = start(on_terminal("echo last words"));
    let process = connection.process().unwrap().clone();
    assert_eq!(output(connection), "last words\r\n");
    assert_eq!(smol::block_on(process.exit_status()).unwrap().code(), Some(0));
}

#[test]
fn standard_error_is_the_terminal() {
    let mut plan = on_terminal("echo out; echo err >&2");
    plan.stderr = StandardErrorBehavior::Drop;
    assert_eq!(output(start(plan)), "out\r\nerr\r\n");
}

#[test]
fn closing_types_the_end_of_the_input() {
    for (input, expected) in [("", ""), ("line\n", "line\r\n"), ("no line", "no line")] {
        let connection = start(on_terminal("stty -echo; echo ready; exec cat"));
        let process = connection.process().unwrap().clone();
        let mut connection = BufReader::new(connection);
        smol::block_on(async {
            let mut ready = String::new();
            connection.read_line(&mut ready).await.unwrap();
            connection.get_mut().write_all(input.as_bytes()).await.unwrap();
            connection.close().await.unwrap();
            let mut output = String::new();
            connection.read_to_string(&mut output).await.unwrap();
            assert_eq!(output, expected);
            assert_eq!(process.exit_status().await.unwrap().code(), Some(0));
            let late = connection.get_mut().write(b"late").await.unwrap_err();
            assert_eq!(late.kind(), std::io::ErrorKind::BrokenPipe);
        });
    }
}

#[test]
fn a_terminal_changes_its_size() {
    let plan = on_terminal("sleep 1000 & trap 'stty size; kill $!' WINCH; echo ready; wait; wait");
    let mut connection = BufReader::new(start(plan));
    smol::block_on(async {
        let mut line = String::new();
        connection.read_line(&mut line).await.unwrap();
        let process = connection.get_ref().process().unwrap().clone();
        process.resize(Some(WindowSize { rows: 40, columns: 100 })).unwrap();
        line.clear();
        connection.read_line(&mut line).await.unwrap();
        assert_eq!(line, "40 100\r\n");
        drop(connection);
        process.resize(Some(WindowSize::USUAL)).expect("there is no terminal any more");
    });
    let pipes = connect("process:cat").unwrap();
    pipes.process().unwrap().resize(None).expect("there is no terminal");
}

/// Tests the ids of the program as root, and the error about privileges as another user.
#[test]
fn a_program_runs_as_another_user() {
    let mut plan = script("id -u; id -g; id -G; grep '^[UG]id' /proc/self/status");
    (plan.uid, plan.gid) = (Some(12345), Some(23456));
    if !rustix::process::geteuid().is_root() {
        let error = smol::block_on(Client::from_plan(plan.into()).connect()).unwrap_err();
        assert_eq!(
            error.problem().to_string(),
            "cannot become user 12345 and group 23456: operation not permitted (os error 1)"
        );
        return;
    }
    let all = |id: &str| [id; 4].join("\t");
    let expected = format!("12345\n23456\n23456\nUid:\t{}\nGid:\t{}\n", all("12345"), all("23456"));
    assert_eq!(output(start(plan)), expected);

    let groups = |uid, gid| {
        let mut plan = script("id -u; id -G");
        (plan.uid, plan.gid) = (uid, gid);
        output(start(plan))
    };
    let ours = rustix::process::getegid().as_raw();
    assert_eq!(groups(Some(12345), None), format!("12345\n{ours}\n"));
    assert_eq!(groups(None, Some(23456)), "0\n23456\n");

    let mut plan = on_terminal("echo works >$(tty)");
    plan.uid = Some(12345);
    assert_eq!(output(start(plan)), "works\r\n", "it may open its terminal by name");
}

#[test]
fn the_directory_is_entered_before_the_user_changes() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let dir = TempDir::new();
    std::fs::set_permissions(dir.path(""), std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut plan = script("echo arrived");
    (plan.cwd, plan.uid) = (Some(dir.path("")), Some(12345));
    assert_eq!(output(start(plan)), "arrived\n");
}

#[test]
fn standard_error_is_dropped_or_ours() {
    let mut plan = script("echo x >&2; readlink /proc/self/fd/2");
    plan.stderr = StandardErrorBehavior::Drop;
    assert_eq!(output(start(plan.clone())), "/dev/null\n");
    plan.args[1] = "readlink /proc/self/fd/2".into();
    plan.stderr = StandardErrorBehavior::Inherit;
    let ours = std::fs::read_link("/proc/self/fd/2").unwrap();
    assert_eq!(output(start(plan)), format!("{}\n", ours.display()));
}

#[test]
fn standard_error_is_logged_line_by_line() {
    let events = events_of("log-lines");
    let mut plan = script(r"printf 'one\n\ntwo \377\033[1m\nthree' >&2");
    plan.executable = renamed("log-lines");
    let connection = start(plan);
    let pid = u64::from(connection.process().unwrap().pid());
    drop(output(connection));
    let said: Vec<_> = events.iter().take(4).collect();
    let lines = ["one", "", r"two \xff\u{1b}[1m", "three"];
    assert!(said.iter().map(|event| event.message.as_str()).eq(lines), "{said:?}");
    assert!(said.iter().all(|event| event.pid == pid));
    assert!(said[0].executable.ends_with("/log-lines`"));
}

#[test]
fn standard_error_is_logged_without_polling_the_connection() {
    let events = events_of("log-much");
    let mut plan = script("yes 'a long story' | head -n 100000 >&2; exit 6");
    plan.executable = renamed("log-much");
    let connection = start(plan);
    let process = connection.process().unwrap();
    // The program would hang if nothing read its full pipe.
    assert_eq!(smol::block_on(process.exit_status()).unwrap().code(), Some(6));
    assert_eq!(
        events.iter().take(100_000).filter(|e| e.message == "a long story").count(),
        100_000
    );
}

#[test]
fn standard_error_is_logged_after_the_connection_is_dropped() {
    let events = events_of("log-last");
    let mut plan = script("sleep 1000 & trap 'echo bye >&2; exit' TERM; echo ready; wait");
    plan.executable = renamed("log-last");
    let mut connection = start(plan);
    smol::block_on(connection.read_exact(&mut [0; 5])).unwrap();
    drop(connection);
    assert_eq!(events.recv().unwrap().message, "bye");
}

#[test]
fn a_panicking_log_ends_nothing() {
    let events = events_of("log-panic");
    let mut plan = script("echo panic >&2; echo more >&2; exit 8");
    plan.executable = renamed("log-panic");
    let process = start(plan).process().unwrap().clone();
    assert_eq!(smol::block_on(process.exit_status()).unwrap().code(), Some(8));
    assert_eq!(events.recv().unwrap().message, "more");
}

/// A link to the shell with this name, to tell the log events of one test from those of others.
fn renamed(name: &str) -> std::path::PathBuf {
    static DIRECTORY: std::sync::OnceLock<TempDir> = std::sync::OnceLock::new();
    let path = DIRECTORY.get_or_init(TempDir::new).path(name);
    std::os::unix::fs::symlink("/bin/sh", &path).unwrap();
    path
}

/// A log event of a program's standard error.
#[derive(Debug, Default)]
struct Said {
    message: String,
    executable: String,
    pid: u64,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn core::fmt::Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.message = text,
            "executable" => self.executable = text,
            _ => {}
        }
    }

    fn record_u64(&mut self, _: &Field, value: u64) {
        self.pid = value;
    }
}

/// The tests that receive events, by the name of their program.
static LISTENERS: Mutex<Vec<(&str, Sender<Said>)>> = Mutex::new(Vec::new());

/// Receives the log events of the program with this name, from now on.
fn events_of(name: &'static str) -> Receiver<Said> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listening).unwrap());
    let (sender, receiver) = channel();
    LISTENERS.lock().unwrap().push((name, sender));
    receiver
}

/// The log of this process: passes events on to [`LISTENERS`], and panics at the message `panic`.
struct Listening;

impl Subscriber for Listening {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "endpoint_runtime::process"
    }

    fn event(&self, event: &Event<'_>) {
        let mut said = Said::default();
        event.record(&mut said);
        assert_ne!(said.message, "panic");
        let listeners = LISTENERS.lock().unwrap();
        if let Some((_, listener)) =
            listeners.iter().find(|(name, _)| said.executable.contains(name))
        {
            let _ = listener.send(said);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
