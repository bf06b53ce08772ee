//! Tests in a network namespace: a route that drops IPv6 packets, and few ports for clients.
//!
//! A namespace belongs to one child process and always ends with it. Creating one requires root, or
//! a system that allows it to other users. Otherwise, the tests report that they are skipped. With
//! `REQUIRE_NETNS`, as in `ci/check netns`, they fail instead.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use endpoint_runtime::{Resolver, Resolving, client_from_string};
use support::{connect, is_child, listen, skipped};

/// The exit code of the shell if namespaces are not available.
const NO_NAMESPACE: i32 = 77;

/// The start of each script: makes its errors exit with [`NO_NAMESPACE`], and enables loopback.
const PROLOGUE: &str = "
    set -e
    trap '[ $? = 0 ] || exit 77' EXIT
    ip link set lo up
";

/// A script that makes `2001:db8::2` an address from which no answer comes.
///
/// The neighbor's hardware address is known, so that no failed lookup ends the attempt early. No
/// interface has that address, so its packets are lost.
const CABLE: &str = "
    ip link add hole type veth peer name void
    ip address add 192.0.2.1/24 dev hole
    ip address add 2001:db8::1/64 dev hole nodad
    ip link set void up
    ip link set hole up
    ip neighbor add 2001:db8::2 lladdr 02:00:00:00:00:02 dev hole nud permanent
    ip -6 route get 2001:db8::2 >/dev/null
";

/// A script that leaves the system twenty ports to choose from. The listener takes one of them.
const FEW_PORTS: &str = "
    echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range
";

/// A resolver with the IPv6 address that does not answer, and an IPv4 address that does.
struct BothFamilies;

impl Resolver for BothFamilies {
    fn resolve<'a>(&'a self, _name: &'a str, port: u16) -> Resolving<'a> {
        let silent = format!("[2001:db8::2]:{port}").parse().unwrap();
        let good: SocketAddr = format!("192.0.2.1:{port}").parse().unwrap();
        Box::pin(async move { Ok(vec![silent, good]) })
    }
}

#[test]
fn an_ipv6_black_hole_costs_less_than_350_ms() {
    if is_child() {
        connect_past_the_hole();
    } else {
        run_in_namespace("an_ipv6_black_hole_costs_less_than_350_ms", CABLE);
    }
}

#[test]
fn each_target_of_a_bind_address_has_all_ports() {
    if is_child() {
        connect_from_few_ports();
    } else {
        run_in_namespace("each_target_of_a_bind_address_has_all_ports", FEW_PORTS);
    }
}

/// Runs one test of this program in its own network namespace, after a script that prepares it.
fn run_in_namespace(test: &str, script: &str) {
    let script = format!("{PROLOGUE}{script}exec \"$0\" \"$@\"");
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("TEST_CHILD", test)
        .output();
    let (namespace, said) = match &output {
        // unshare exits with 1 if it is not permitted, and a failed test with 101.
        Ok(output) => (
            !matches!(output.status.code(), Some(1 | NO_NAMESPACE)),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ),
        Err(error) => (false, format!("unshare: {error}")),
    };
    if !namespace && std::env::var_os("REQUIRE_NETNS").is_none() {
        return skipped(&format!("no network namespace can be made: {}", said.trim()));
    }
    assert!(output.is_ok_and(|output| output.status.success()), "{said}");
}

/// Opens 45 connections to three targets from 20 ports.
///
/// If each connection needed its own port, more than half of them would fail.
fn connect_from_few_ports() {
    let listener = listen("tcp:0:interface=0.0.0.0");
    let port = listener.local_address().port().unwrap();
    let mut connections = Vec::new();
    for _ in 0..15 {
        for target in ["127.0.0.1", "127.0.0.2", "127.0.0.3"] {
            let client = format!("tcp:{target}:{port}:bindAddress=127.0.0.1:timeout=5");
            connections.push(connect(&client).unwrap());
        }
    }
    let local: BTreeSet<_> = connections.iter().map(|it| it.local_address().port()).collect();
    assert!(local.len() <= 20, "{local:?}");
}

/// Connects to a name whose first address does not answer, and measures how long that takes.
fn connect_past_the_hole() {
    let listener = listen("tcp:0:interface=192.0.2.1");
    let port = listener.local_address().port().unwrap();
    let client = client_from_string(&format!("tcp:both:{port}")).unwrap();
    let client = client.with_resolver(Arc::new(BothFamilies));
    // The best of three runs: a busy machine can delay any of them.
    let took = (0..3).map(|_| {
        let began = Instant::now();
        let connection = smol::block_on(client.connect()).unwrap();
        assert_eq!(connection.peer_address().as_tcp().unwrap().ip().to_string(), "192.0.2.1");
        began.elapsed()
    });
    let took = took.min().unwrap();
    assert!(took >= Duration::from_millis(250), "IPv6 was not given its time: {took:?}");
    assert!(took < Duration::from_millis(350), "{took:?}");
}
