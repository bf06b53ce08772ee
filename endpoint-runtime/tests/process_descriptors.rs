//! Tests of the descriptors and signals of a program: pipes by number, passed ones, closing.

#![cfg(feature = "process")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;

use endpoint_runtime::plan::{ProcessSpawn, StandardErrorBehavior};
use endpoint_runtime::{Blame, ChildFd, Client, Connection};
use rustix::process::Signal;
use smol::future::zip;
use smol::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use support::{connect, refused};

/// A real-time signal of Linux, which has no name.
const REAL_TIME: i32 = 40;

/// The plan of a shell that runs this script.
fn script(text: &str) -> ProcessSpawn {
    let mut plan = ProcessSpawn::new("/bin/sh");
    plan.args = vec!["-c".into(), text.into()];
    plan
}

fn client(plan: ProcessSpawn, child_fds: impl IntoIterator<Item = (RawFd, ChildFd)>) -> Client {
    let client = Client::from_plan(plan.into());
    child_fds.into_iter().fold(client, |client, (number, it)| client.with_child_fd(number, it))
}

#[track_caller]
fn start(plan: ProcessSpawn, child_fds: impl IntoIterator<Item = (RawFd, ChildFd)>) -> Connection {
    smol::block_on(client(plan, child_fds).connect()).unwrap()
}

/// Reads text up to the end of file.
#[track_caller]
fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut text = String::new();
    smol::block_on(stream.read_to_string(&mut text)).unwrap();
    text
}

#[test]
fn each_pipe_is_a_stream_by_its_number() {
    let plan = script("cat <&5 >&4; echo out; echo err >&2; echo three >&3");
    let pipes = [2, 3, 4].map(|number| (number, ChildFd::Read));
    let connection = start(plan, pipes.into_iter().chain([(5, ChildFd::Write)]));
    let process = connection.process().unwrap();
    let mut five = process.writer(5).unwrap();
    smol::block_on(async {
        five.write_all(b"through both").await.unwrap();
        five.close().await.unwrap();
        let late = five.write(b"late").await.unwrap_err();
        assert_eq!(late.kind(), std::io::ErrorKind::BrokenPipe);
    });
    assert_eq!(rest(process.reader(4).unwrap()), "through both");
    assert_eq!(rest(process.reader(3).unwrap()), "three\n");
    assert_eq!(rest(process.reader(2).unwrap()), "err\n");
    assert_eq!(rest(connection), "out\n");
}

#[test]
fn a_pipe_is_taken_once_and_in_its_direction() {
    let child_fds = [(3, ChildFd::Read), (4, ChildFd::Write), (5, ChildFd::Null)];
    let connection = start(script("exec cat"), child_fds);
    let process = connection.process().unwrap();
    // The connection owns 0 and 1, and the log reads 2; 5 and above are no pipes.
    for number in [0, 1, 2, 5, 6, -1] {
        assert!(process.reader(number).is_none() && process.writer(number).is_none(), "{number}");
    }
    assert!(process.writer(3).is_none() && process.reader(4).is_none());
    let (_three, _four) = (process.reader(3).unwrap(), process.writer(4).unwrap());
    assert!(process.reader(3).is_none() && process.writer(4).is_none());
}

#[test]
fn standard_descriptors_are_as_the_caller_sets_them() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let plan = script("readlink /proc/self/fd/0; cat; readlink /proc/self/fd/2");
    let connection = start(plan, [(0, ChildFd::Null), (1, theirs.into()), (2, ChildFd::Null)]);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut ours, &mut said).unwrap();
    assert_eq!(said, "/dev/null\n/dev/null\n");
    smol::block_on(async {
        let mut connection = connection;
        let refused = connection.write(b"x").await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::BrokenPipe, "there is no pipe to write to");
        assert_eq!(connection.read(&mut [0; 1]).await.unwrap(), 0, "nor one to read from");
        connection.close().await.expect("there is nothing to close");
    });
}

/// Passes one socket as standard output and standard error, as `2>&1` does in a shell.
///
/// In Twisted, this is `{0: "w", 1: fd, 2: fd}`.
#[test]
fn one_descriptor_may_have_several_numbers() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let again = theirs.try_clone().unwrap();
    let process = start(script("echo out; echo err >&2"), [(1, theirs.into()), (2, again.into())]);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut ours, &mut said).unwrap();
    assert_eq!(said, "out\nerr\n");
    drop(process);
}

/// Numbers may be exchanged, although each is used by the other when the child is created.
#[test]
fn standard_descriptors_may_be_exchanged() {
    let plan = script("exec 3>&0; cat <&1 >&3");
    let mut connection = start(plan, [(0, ChildFd::Read), (1, ChildFd::Write)]);
    let process = connection.process().unwrap().clone();
    let mut one = process.writer(1).unwrap();
    smol::block_on(async {
        one.write_all(b"exchanged").await.unwrap();
        one.close().await.unwrap();
        assert_eq!(connection.read(&mut [0; 1]).await.unwrap(), 0);
    });
    assert_eq!(rest(process.reader(0).unwrap()), "exchanged");
}

#[test]
fn the_caller_overrides_the_plan_for_standard_error() {
    for stderr in StandardErrorBehavior::ALL {
        let mut plan = script("echo err >&2");
        plan.stderr = *stderr;
        let connection = start(plan, [(2, ChildFd::Read)]);
        assert_eq!(rest(connection.process().unwrap().reader(2).unwrap()), "err\n");
    }
}

#[test]
fn closing_a_descriptor_ends_what_the_program_reads() {
    let plan = script("cat >/dev/null; cat <&3 >/dev/null; echo both ended; cat <&4");
    let child_fds = [(3, ChildFd::Write), (4, ChildFd::Write)];
    let mut connection = start(plan, child_fds);
    let process = connection.process().unwrap().clone();
    process.close_descriptor(0);
    process.close_descriptor(3);
    process.close_descriptor(3);
    process.close_descriptor(77);
    let mut line = [0; 11];
    smol::block_on(async {
        connection.read_exact(&mut line).await.unwrap();
        assert_eq!(&line, b"both ended\n");
        let late = connection.write(b"late").await.unwrap_err();
        assert_eq!(late.kind(), std::io::ErrorKind::BrokenPipe);
        assert_eq!(process.try_exit_status().unwrap(), None, "it reads descriptor 4");
    });
}

#[test]
fn closing_a_descriptor_ends_what_the_program_writes() {
    let plan = script("ulimit -c 0; read go; while echo x >&3; do :; done; exit 9");
    let mut connection = start(plan, [(3, ChildFd::Read)]);
    let process = connection.process().unwrap().clone();
    process.close_descriptor(3);
    smol::block_on(async {
        connection.write_all(b"go\n").await.unwrap();
        let status = process.exit_status().await.unwrap();
        assert_eq!(status.signal(), Some(Signal::PIPE.as_raw()));
    });
}

#[test]
fn a_task_that_waits_for_a_pipe_is_woken_when_it_is_closed() {
    let connection = start(ProcessSpawn::new("cat"), [(3, ChildFd::Read), (4, ChildFd::Write)]);
    let process = connection.process().unwrap();
    let (three, mut four) = (process.reader(3).unwrap(), process.writer(4).unwrap());
    let (waits, closes) = (process.clone(), process.clone());
    let reading = async move {
        let mut three = three;
        three.read(&mut [0; 1]).await.unwrap()
    };
    let filling = async move {
        let chunk = [0; 4096];
        loop {
            if let Err(error) = four.write_all(&chunk).await {
                return error.kind();
            }
        }
    };
    let closing = async move {
        // The tasks that read and write were polled before, so both wait now.
        smol::future::yield_now().await;
        closes.close_descriptor(3);
        closes.close_descriptor(4);
    };
    let (read, (written, ())) = smol::block_on(zip(reading, zip(filling, closing)));
    assert_eq!((read, written), (0, std::io::ErrorKind::BrokenPipe));
    assert_eq!(waits.try_exit_status().unwrap(), None);
}

#[test]
fn dropping_a_stream_closes_its_pipe() {
    let connection = start(script("cat <&3; echo ended"), [(3, ChildFd::Write)]);
    drop(connection.process().unwrap().writer(3).unwrap());
    assert_eq!(rest(connection), "ended\n");
}

#[test]
fn pipes_that_nothing_has_taken_are_closed_with_the_connection() {
    let plan = script("cat <&3; echo ended >&4; cat <&5; exit 4");
    let child_fds = [(3, ChildFd::Write), (4, ChildFd::Read), (5, ChildFd::Write)];
    let connection = start(plan, child_fds);
    let process = connection.process().unwrap().clone();
    let (four, five) = (process.reader(4).unwrap(), process.writer(5).unwrap());
    drop(connection);
    assert!(process.writer(3).is_none());
    let mut line = [0; 6];
    smol::block_on(async {
        let mut four = four;
        four.read_exact(&mut line).await.unwrap();
        assert_eq!(&line, b"ended\n");
        assert_eq!(process.try_exit_status().unwrap(), None, "a pipe that was taken is open");
        drop(five);
        assert_eq!(process.exit_status().await.unwrap().code(), Some(4));
    });
}

#[test]
fn a_signal_reaches_the_program_and_no_other_of_its_group() {
    let trap = "trap 'echo got it; kill -0 $! && echo there; exit' USR1";
    let plan = script(&format!("{trap}; sleep 1000 & echo ready; wait"));
    let mut connection = start(plan, []);
    let process = connection.process().unwrap().clone();
    smol::block_on(async {
        connection.read_exact(&mut [0; 6]).await.unwrap();
        process.signal(Signal::USR1.as_raw()).unwrap();
        let mut said = [0; 13];
        connection.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"got it\nthere\n");
    });
}

#[test]
fn the_signal_that_ended_a_program_is_known() {
    // HUP is not among the signals, because programs ignore it if the test runs under `nohup`.
    for signal in [Signal::USR1.as_raw(), Signal::KILL.as_raw(), REAL_TIME] {
        let connection = connect("process:cat").unwrap();
        let process = connection.process().unwrap();
        process.signal(signal).unwrap();
        let status = smol::block_on(process.exit_status()).unwrap();
        assert_eq!((status.code(), status.signal()), (None, Some(signal)));
    }
}

/// Sending the signal is an error, as in Twisted (`ProcessExitedAlready`).
#[test]
fn a_program_that_has_ended_gets_no_signal() {
    let connection = connect("process:true").unwrap();
    let process = connection.process().unwrap();
    smol::block_on(process.exit_status()).unwrap();
    let error = process.signal(Signal::TERM.as_raw()).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::SRCH.raw_os_error()));

    let connection = connect("process:cat").unwrap();
    let error = connection.process().unwrap().signal(12345).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn descriptors_are_passed_on_by_number() {
    let (mut three, theirs_three) = UnixStream::pair().unwrap();
    let (mut nine, theirs_nine) = UnixStream::pair().unwrap();
    let plan = script("echo three >&3; echo nine >&9; cat <&9; exec 3>&- 9>&-");
    // The numbers may be in use in this process, even by other descriptors.
    let client = Client::from_plan(plan.into())
        .with_child_fd(theirs_nine.as_raw_fd(), theirs_three.try_clone().unwrap())
        .with_child_fd(3, theirs_three)
        .with_child_fd(9, theirs_nine);
    let connection = smol::block_on(client.connect()).unwrap();
    drop(client);
    let mut line = [0; 6];
    std::io::Read::read_exact(&mut three, &mut line).unwrap();
    assert_eq!(&line, b"three\n");
    let mut line = [0; 5];
    std::io::Read::read_exact(&mut nine, &mut line).unwrap();
    assert_eq!(&line, b"nine\n");
    std::io::Write::write_all(&mut nine, b"back").unwrap();
    nine.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(rest(connection), "back");
}

#[test]
fn impossible_numbers_are_refused() {
    let start_with = |number| {
        let client = Client::from_plan(ProcessSpawn::new("true").into());
        let client = client.with_child_fd(number, UnixStream::pair().unwrap().0);
        refused(smol::block_on(client.connect()))
    };
    let (blame, said) = start_with(-1);
    assert_eq!(blame, Blame::Misuse);
    assert_eq!(said, "a program cannot have the descriptor -1 (expected 0 or more)");
    let (blame, said) = start_with(i32::MAX);
    assert_eq!(blame, Blame::Environment);
    assert_eq!(said, "cannot pass descriptor 2147483647 to `true`: invalid argument (os error 22)");
}

/// Standard descriptors are refused with a terminal, but others are passed.
///
/// Twisted refuses all: "Using childFDs is not supported with usePTY=True."
#[test]
fn a_terminal_is_all_three_standard_descriptors() {
    for number in 0..3 {
        let mut plan = script("exit 0");
        plan.use_pty = true;
        let client = Client::from_plan(plan.into()).with_child_fd(number, ChildFd::Null);
        let (blame, said) = refused(smol::block_on(client.connect()));
        assert_eq!(blame, Blame::Misuse);
        assert_eq!(
            said,
            format!(
                "descriptor {number} of a program on a terminal is not free (expected 3 or more)"
            )
        );
    }
    let mut plan = script("tty; echo three >&3");
    plan.use_pty = true;
    let connection = start(plan, [(3, ChildFd::Read)]);
    assert_eq!(rest(connection.process().unwrap().reader(3).unwrap()), "three\n");
    assert!(rest(connection).starts_with("/dev/"));
}

#[test]
fn errors_are_reported_with_all_low_descriptors_passed() {
    let mut plan = ProcessSpawn::new("/bin/sh");
    plan.uid = Some(u32::MAX);
    let stream = UnixStream::pair().unwrap().0;
    let mut client = Client::from_plan(plan.into());
    for number in 3..200 {
        client = client.with_child_fd(number, stream.try_clone().unwrap());
    }
    let (_, said) = refused(smol::block_on(client.connect()));
    assert!(said.starts_with("cannot become user 4294967295: "), "{said}");
}
