//! Tests of how programs are ended after their connection is dropped, without leaking resources.
//!
//! Each program has one end of a socket pair. The other end reads an end of file when the last
//! process that the program started has ended.

#![cfg(feature = "process")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use endpoint_runtime::plan::{ProcessSpawn, StandardErrorBehavior};
use endpoint_runtime::{Client, Connection, wait_for_children};
use rustix::io::Errno;
use rustix::process::{
    Pid, WaitId, WaitIdOptions, WaitOptions, test_kill_process_group, waitid, waitpid,
};
use smol::future::poll_once;
use smol::io::AsyncReadExt;
use support::{child, is_child, open_reactors};

/// A grace period after which no program gets SIGKILL, because it does not end.
const FOR_EVER: Duration = Duration::MAX;
/// A grace period that ends almost at once, for tests of SIGKILL.
const AT_ONCE: Duration = Duration::from_millis(1);

/// A shell script that runs and has printed `ready`.
struct Running {
    connection: Connection,
    /// Reads what the script writes to descriptor 9, and the end after its last process.
    alive: UnixStream,
    pid: Pid,
}

fn plan(script: &str, grace: Duration) -> ProcessSpawn {
    let mut plan = ProcessSpawn::new("/bin/sh");
    plan.args = vec!["-c".into(), script.into()];
    plan.grace = grace;
    plan.stderr = StandardErrorBehavior::Inherit;
    plan
}

/// A client for the plan, and the test's end of a socket that is descriptor 9 of the client's
/// processes.
fn client(plan: ProcessSpawn) -> (Client, UnixStream) {
    let (alive, theirs) = UnixStream::pair().unwrap();
    (Client::from_plan(plan.into()).with_child_fd(9, theirs), alive)
}

#[track_caller]
fn start(script: &str, grace: Duration) -> Running {
    run(plan(script, grace))
}

#[track_caller]
fn run(plan: ProcessSpawn) -> Running {
    let (client, alive) = client(plan);
    let mut connection = smol::block_on(client.connect()).unwrap();
    let mut ready = [0; 5];
    smol::block_on(connection.read_exact(&mut ready)).unwrap();
    assert_eq!(&ready, b"ready");
    let pid = i32::try_from(connection.process().unwrap().pid()).unwrap();
    Running { connection, alive, pid: Pid::from_raw(pid).unwrap() }
}

impl Running {
    /// Drops the connection, and returns what the script then writes to descriptor 9.
    ///
    /// Waits until the last of its processes has ended.
    #[track_caller]
    fn last_words(self) -> String {
        drop(self.connection);
        let mut alive = self.alive;
        let mut words = String::new();
        alive.read_to_string(&mut words).unwrap();
        words
    }
}

#[test]
fn a_program_receives_sigterm() {
    let script = "sleep 1000 & trap 'echo bye >&9; exit' TERM; echo ready; wait";
    assert_eq!(start(script, FOR_EVER).last_words(), "bye\n");
}

#[test]
fn a_program_that_ignores_sigterm_is_killed() {
    let script = "trap '' TERM; echo ready; sleep 1000; echo later >&9";
    assert_eq!(start(script, AT_ONCE).last_words(), "");
}

#[test]
fn a_stopped_program_is_ended() {
    assert_eq!(start("echo ready; kill -STOP $$; echo on >&9", FOR_EVER).last_words(), "");
}

#[test]
fn the_process_group_receives_sigterm() {
    let script = "(sleep 1000 & trap 'echo bye >&9; exit' TERM; echo ready; wait) & wait";
    assert_eq!(start(script, FOR_EVER).last_words(), "bye\n");
}

#[test]
fn the_process_group_is_killed_at_the_end() {
    let script = "(trap '' TERM; echo ready; sleep 1000; sleep 1000) & wait";
    assert_eq!(start(script, AT_ONCE).last_words(), "");
}

#[test]
fn background_processes_end_with_the_connection() {
    let running = start("sleep 1000 & echo ready; exit 4", FOR_EVER);
    let process = running.connection.process().unwrap();
    let status = smol::block_on(process.exit_status()).unwrap();
    assert_eq!(status.code(), Some(4));
    // Its number is not reused yet, so a signal to its group reaches no other process.
    assert_eq!(test_kill_process_group(running.pid), Ok(()));
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    assert!(waitid(WaitId::Pid(running.pid), options).unwrap().is_some());
    assert_eq!(running.last_words(), "");
}

#[test]
fn the_grace_period_precedes_sigkill() {
    let grace = Duration::from_millis(200);
    let running = start("trap '' TERM; echo ready; sleep 1000", grace);
    let dropped = Instant::now();
    running.last_words();
    assert!(dropped.elapsed() >= grace);
}

#[test]
fn a_terminal_closes_with_its_connection() {
    let mut plan = plan("trap '' TERM HUP; echo ready; sleep 1000", AT_ONCE);
    plan.use_pty = true;
    assert_eq!(run(plan).last_words(), "");
}

#[test]
fn a_dropped_connecting_future_leaves_nothing() {
    let (client, mut alive) = client(plan("sleep 1000", FOR_EVER));
    let mut connecting = Box::pin(client.connect());
    // Another thread starts the program. If it has finished, the result is dropped with the future.
    drop(smol::block_on(poll_once(&mut connecting)));
    drop(connecting);
    // The client has a copy of the program's end of the socket, which must be closed too.
    drop(client);
    assert_eq!(alive.read(&mut [0]).unwrap(), 0);
}

/// Runs in a child process, so that no other test opens descriptors or starts children.
#[test]
fn many_programs_leave_nothing() {
    const TEST: &str = "many_programs_leave_nothing";
    const MANY: usize = 100;
    if !is_child() {
        let status = child(TEST, ":").stdout(std::process::Stdio::null()).status().unwrap();
        assert!(status.success());
        return;
    }
    let scripts = [
        "echo ready; cat",
        "echo ready; exit 1",
        "echo ready; echo noise >&2; sleep 1000",
        "trap '' TERM; echo ready; sleep 1000",
        "echo ready; sleep 1000 & sleep 1000 & wait",
    ];
    let round = |number: usize| {
        let mut plan = plan(scripts[number % scripts.len()], AT_ONCE);
        plan.use_pty = number % 3 == 0;
        plan.stderr = StandardErrorBehavior::Log;
        let running = run(plan);
        let pid = running.pid;
        if number % 2 == 0 {
            running.last_words();
            wait_for_children();
            let gone = waitpid(Some(pid), WaitOptions::NOHANG);
            assert_eq!(gone.err(), Some(Errno::CHILD), "it is reaped");
        } else {
            drop(running);
        }
        let mut absent = ProcessSpawn::new("/absent");
        absent.use_pty = number % 3 == 0;
        smol::block_on(Client::from_plan(absent.into()).connect()).unwrap_err();
        let mut nobody = ProcessSpawn::new("/bin/true");
        nobody.uid = Some(u32::MAX);
        smol::block_on(Client::from_plan(nobody.into()).connect()).unwrap_err();
    };
    // The first rounds open resources that stay open, such as the reactors.
    open_reactors();
    (0..scripts.len()).for_each(round);
    wait_for_children();
    let before = open_descriptors();
    (0..MANY).for_each(round);
    wait_for_children();
    assert_eq!(open_descriptors(), before);
    let any = waitid(WaitId::All, WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    assert_eq!(any.err(), Some(Errno::CHILD), "no children, dead or alive");
}

/// What each open descriptor of this process refers to, sorted.
fn open_descriptors() -> Vec<String> {
    let list = std::fs::read_dir("/proc/self/fd").unwrap();
    let mut list: Vec<String> = list
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .map(|target| target.to_string_lossy().into_owned())
        // Leaves out the directory that this function reads.
        .filter(|target| !target.ends_with("/fd"))
        .collect();
    list.sort();
    list
}

#[test]
fn a_program_may_close_its_terminal_first() {
    let mut plan = plan("echo ready; exec <&- >&- 2>&-; read line <&9; exit 7", FOR_EVER);
    plan.use_pty = true;
    let (client, mut alive) = client(plan);
    let mut connection = smol::block_on(client.connect()).unwrap();
    let facts = connection.process().unwrap().clone();
    let mut output = String::new();
    smol::block_on(connection.read_to_string(&mut output)).unwrap();
    assert_eq!(output, "ready\r\n");
    drop(connection);
    alive.write_all(b"go on\n").unwrap();
    assert_eq!(smol::block_on(facts.exit_status()).unwrap().code(), Some(7));
}
