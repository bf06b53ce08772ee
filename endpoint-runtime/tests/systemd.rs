//! Tests of `systemd` servers, in a child process that gets its sockets like a service.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Read;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Stdio;

use endpoint_runtime::{Blame, Listener, server_from_string};
use rustix::fs::{OFlags, fcntl_getfl};
use smol::io::AsyncWriteExt;
use support::{TempDir, child, exists, is_child, listen, listen_error};

/// Shell commands that pass two sockets as systemd does.
///
/// Descriptors 0 and 1 become 3 and 4, and the variables name this process.
const PASS: &str = "exec 3<&0 4<&1 0</dev/null 1>&2; export LISTEN_PID=$$ LISTEN_FDS=2";

/// Runs a test of this program in a child process, as a service with two sockets.
///
/// `variables` sets further environment variables; `while_it_runs` is called meanwhile.
#[track_caller]
fn run(test: &str, variables: &str, sockets: [&dyn AsFd; 2], while_it_runs: impl FnOnce()) {
    let [first, second] =
        sockets.map(|socket| -> Stdio { socket.as_fd().try_clone_to_owned().unwrap().into() });
    let mut child =
        child(test, &format!("{PASS} {variables}")).stdin(first).stdout(second).spawn().unwrap();
    while_it_runs();
    assert!(child.wait().unwrap().success());
}

/// In the child: accepts this many connections, and sends each the address that it connected to.
fn serve(mut listener: Listener, connections: usize) -> Listener {
    smol::block_on(async {
        for _ in 0..connections {
            let mut connection = listener.accept().await.unwrap();
            let greeting = connection.local_address().to_string();
            connection.write_all(greeting.as_bytes()).await.unwrap();
        }
    });
    listener
}

fn text(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

fn loopback() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// Connects to the listener, and expects its address as the greeting of the child.
#[track_caller]
fn greeting(listener: &TcpListener) {
    let address = listener.local_addr().unwrap();
    assert_eq!(text(TcpStream::connect(address).unwrap()), address.to_string());
}

#[test]
fn an_index_is_one_socket() {
    if is_child() {
        // An index needs no names, so a wrong number of names does not matter.
        let second = serve(listen("systemd:INET:1"), 1);
        assert_eq!(second.local_addresses().count(), 1);
        let first = serve(listen("systemd:INET:index=0"), 1);
        let error = listen_error("systemd:INET:index=1");
        assert_eq!(error.blame(), Blame::Environment);
        assert_eq!(
            error.to_string(),
            "`systemd:INET:index=1`: descriptor 4 is already in use (it can be used once per process)"
        );
        assert_eq!(
            listen_error("systemd:INET:index=2").to_string(),
            "`systemd:INET:index=2`: there is no socket at index 2: 2 sockets were passed"
        );
        drop((first, second));
        return;
    }
    for names in ["", "LISTEN_FDNAMES=a", "LISTEN_FDNAMES=a:b:c"] {
        let (first, second) = (loopback(), loopback());
        run("an_index_is_one_socket", names, [&first, &second], || {
            greeting(&second);
            greeting(&first);
        });
        // The child has made the socket non-blocking, for all processes that have the socket.
        assert!(fcntl_getfl(&first).unwrap().contains(OFlags::NONBLOCK));
    }
}

#[test]
fn a_name_is_every_socket_of_the_family_that_has_it() {
    if is_child() {
        let web = listen("systemd:INET:name=web");
        assert_eq!(web.local_addresses().count(), 2);
        serve(web, 4);
        return;
    }
    let (first, second) = (loopback(), loopback());
    run(
        "a_name_is_every_socket_of_the_family_that_has_it",
        "LISTEN_FDNAMES=web:web",
        [&first, &second],
        || [&first, &second, &second, &first].into_iter().for_each(greeting),
    );
}

#[test]
fn one_name_serves_two_families() {
    if is_child() {
        let inet = serve(listen("systemd:INET:name=web"), 1);
        let error = listen_error("systemd:INET6:name=web").to_string();
        // Both sockets have the name, but the first one is in use, so it fits no family any more.
        assert_eq!(
            error,
            "`systemd:INET6:name=web`: descriptor 3 is already in use (it can be used once per process)"
        );
        let unix = serve(listen("systemd:UNIX:name=web"), 1);
        smol::block_on(async {
            inet.close().await.unwrap();
            unix.close().await.unwrap();
        });
        return;
    }
    let dir = TempDir::new();
    let (inet, unix) = (loopback(), UnixListener::bind(dir.path("s")).unwrap());
    std::fs::set_permissions(dir.path("s"), PermissionsExt::from_mode(0o610)).unwrap();
    run("one_name_serves_two_families", "LISTEN_FDNAMES=web:web", [&inet, &unix], || {
        greeting(&inet);
        let path = format!("`{}`", dir.text("s"));
        assert_eq!(text(UnixStream::connect(dir.path("s")).unwrap()), path);
    });
    // The socket belongs to systemd, so it keeps its mode, is not removed, and still listens.
    let mode = dir.path("s").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o610);
    assert!(!exists(&dir.path("s.lock")));
    UnixStream::connect(dir.path("s")).unwrap();
    unix.accept().unwrap();
}

#[test]
fn sockets_that_do_not_fit_are_named() {
    if is_child() {
        assert_eq!(
            listen_error("systemd:INET6:name=web").to_string(),
            "`systemd:INET6:name=web`: descriptor 3 (`web`) is a listening INET socket, \
             descriptor 4 (`web`) is a message-based INET socket \
             (expected a listening INET6 socket)"
        );
        assert_eq!(
            listen_error("systemd:UNIX:0").to_string(),
            "`systemd:UNIX:0`: descriptor 3 (`web`) is a listening INET socket \
             (expected a listening UNIX socket)"
        );
        assert_eq!(
            listen_error("systemd:INET:name=we").to_string(),
            "`systemd:INET:name=we`: no socket is named `we` (LISTEN_FDNAMES is `web:web`)"
        );
        // Refused sockets are still there, and unsuitable ones do not affect suitable ones.
        assert_eq!(listen("systemd:INET:name=web").local_addresses().count(), 1);
        return;
    }
    let (stream, datagrams) = (loopback(), UdpSocket::bind("127.0.0.1:0").unwrap());
    run(
        "sockets_that_do_not_fit_are_named",
        "LISTEN_FDNAMES=web:web",
        [&stream, &datagrams],
        || (),
    );
}

#[test]
fn names_have_to_be_there_for_each_socket() {
    const TEST: &str = "names_have_to_be_there_for_each_socket";
    if is_child() {
        let error = listen_error("systemd:INET:name=web").to_string();
        let why = error.strip_prefix("`systemd:INET:name=web`: the sockets have no names: ");
        assert_eq!(why, Some(std::env::var("TEST_WHY").unwrap().as_str()));
        return;
    }
    let (first, second) = (loopback(), loopback());
    for (variables, why) in [
        ("", "LISTEN_FDNAMES is not set, and 2 sockets were passed (choose by index)"),
        (
            "LISTEN_FDNAMES=web",
            "LISTEN_FDNAMES holds 1, but 2 sockets were passed (choose by index)",
        ),
    ] {
        run(TEST, &format!("TEST_WHY='{why}' {variables}"), [&first, &second], || ());
    }
}

#[test]
fn sockets_for_another_process_are_left_alone() {
    const TEST: &str = "sockets_for_another_process_are_left_alone";
    if is_child() {
        let error = listen_error("systemd:INET:0");
        assert_eq!(error.blame(), Blame::Environment);
        let ours = std::process::id();
        assert_eq!(
            error.to_string(),
            format!(
                "`systemd:INET:0`: the sockets were passed to process 1, but this is process {ours} \
                 (a script between has to `exec`)"
            )
        );
        return;
    }
    run(TEST, "; export LISTEN_PID=1", [&loopback(), &loopback()], || ());
}

#[test]
fn without_systemd_the_error_has_advice() {
    const TEST: &str = "without_systemd_the_error_has_advice";
    if is_child() {
        assert_eq!(
            listen_error("systemd:INET:0").to_string(),
            "`systemd:INET:0`: no sockets were passed: LISTEN_PID is not set \
             (run under systemd or systemd-socket-activate)"
        );
        return;
    }
    let mut child = child(TEST, "unset LISTEN_PID").spawn().unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn children_do_not_get_the_sockets() {
    const TEST: &str = "children_do_not_get_the_sockets";
    const CLOSED: &str = "test ! -e /proc/self/fd/3 && test ! -e /proc/self/fd/4";
    if is_child() {
        // The first use of a socket sets close-on-exec on all passed sockets, used or not.
        let second = listen("systemd:INET:1");
        let closed = std::process::Command::new("sh").args(["-c", CLOSED]).status().unwrap();
        assert!(closed.success());
        let first = listen("fd:3");
        drop((first, second));
        return;
    }
    run(TEST, "", [&loopback(), &loopback()], || ());
}

#[test]
fn a_name_with_a_colon_is_a_mistake_of_the_description() {
    let error = server_from_string(r"systemd:INET:name=web\:1").unwrap_err();
    assert_eq!(error.blame(), Blame::Description);
}
