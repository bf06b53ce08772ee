//! A name server that never answers delays the end of neither a command nor a relay.
//!
//! The namespaces belong to one child process and end with it. Creating them requires root, or a
//! system that allows it to other users. Otherwise, the test reports that it is skipped. With
//! `REQUIRE_NETNS`, as in `ci/check netns`, it fails instead.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::net::{TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use support::{Listening, Scratch, strports};

/// Set in the child process, which runs in the namespaces.
const CHILD: &str = "TEST_CHILD";

/// With these options, a lookup takes two and a half minutes.
const RESOLV_CONF: &str = "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n";

/// Far shorter than a lookup, and far longer than a process needs to end.
const AT_ONCE: Duration = Duration::from_secs(20);

const SCRIPT: &str = "
    set -e
    trap '[ $? = 0 ] || exit 77' EXIT
    ip link set lo up
    mount --bind \"$RESOLV_CONF\" /etc/resolv.conf
    trap - EXIT
    exec \"$0\" \"$@\"
";

#[test]
fn a_name_server_that_never_answers_delays_no_end() {
    if std::env::var_os(CHILD).is_some() {
        return end_beside_a_silent_server();
    }
    let scratch = Scratch::new();
    scratch.put("resolv.conf", RESOLV_CONF);
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "--mount", "sh", "-c", SCRIPT])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "a_name_server_that_never_answers_delays_no_end", "--nocapture"])
        .env("RESOLV_CONF", scratch.join("resolv.conf"))
        .env(CHILD, "1")
        .output();
    let code = output.as_ref().ok().and_then(|output| output.status.code());
    // unshare exits with 1 if it is not permitted, and a test that fails with 101.
    if matches!(code, Some(0 | 101)) {
        let said = output.map(|output| output.stderr).unwrap_or_default();
        assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&said));
        return;
    }
    assert!(std::env::var_os("REQUIRE_NETNS").is_none(), "no network namespace: {output:?}");
    eprintln!("skipped: no network namespace to be had");
}

fn end_beside_a_silent_server() {
    // The name server: a bound socket that is never read.
    let _server = UdpSocket::bind("127.0.0.1:53").unwrap();
    let began = Instant::now();
    let mut command = strports();
    command.args(["connect", "tcp:nowhere.test:80:timeout=1"]).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nowhere.test"), "{said}");
    assert!(began.elapsed() < AT_ONCE, "`connect` took {:?}", began.elapsed());

    let args = ["relay", "tcp:0:interface=127.0.0.1", "tcp:nowhere.test:80", "tcp:none.test:80"];
    let mut relay = Listening::start(&args, Stdio::null());
    let address = relay.place.strip_prefix("tcp:").unwrap().to_owned();
    let clients: Vec<_> = (0..100).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let began = Instant::now();
    relay.signal(Signal::TERM);
    // Wait, because two pending signals count as one.
    let line = relay.error_line();
    assert!(line.contains("a second signal ends"), "{line}");
    relay.signal(Signal::TERM);
    assert_eq!(relay.exit_code(), Some(0));
    assert!(began.elapsed() < AT_ONCE, "`relay` took {:?}", began.elapsed());
    drop(clients);
}
