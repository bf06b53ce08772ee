//! Tests of host names with several addresses, on real sockets, with a resolver of the test.
//!
//! `racing.rs` tests the rules of the race without sockets.

#![cfg(feature = "net")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use endpoint_runtime::plan::{ClientPlan, Host, TcpConnect};
use endpoint_runtime::{
    Answers, Blame, Client, Connection, Error, Listener, PeerProblem, Problem, Resolver, Resolving,
    client_from_string, server_from_string,
};
use smol::future::{poll_once, zip};
use smol::stream::{self, StreamExt};
use support::{child, connect, has_ipv6, is_child, listen, open_reactors};

/// A resolver that returns these addresses for the name `many`, and an error for other names.
struct Many(Vec<SocketAddr>);

impl Resolver for Many {
    fn resolve<'a>(&'a self, name: &'a str, _port: u16) -> Resolving<'a> {
        Box::pin(async move {
            match name {
                "many" => Ok(self.0.clone()),
                _ => Err(io::Error::new(io::ErrorKind::NotFound, "This name is not ours")),
            }
        })
    }
}

fn many(addresses: &[SocketAddr]) -> Arc<Many> {
    Arc::new(Many(addresses.to_vec()))
}

fn connect_to(description: &str, addresses: &[SocketAddr]) -> Result<Connection, Error> {
    let client = client_from_string(description).unwrap().with_resolver(many(addresses));
    smol::block_on(client.connect())
}

/// A listener that accepts, and its address.
fn good() -> (Listener, SocketAddr) {
    let listener = listen("tcp:0:interface=127.0.0.1");
    let address = listener.local_address().as_tcp().unwrap();
    (listener, address)
}

/// An address that refuses connections: its listener is closed.
fn refusing() -> SocketAddr {
    good().1
}

/// An address that does not answer, because the queue of its listener is full.
///
/// Linux accepts one connection beyond the backlog, which fills the queue of this one.
fn black_hole() -> (Listener, Connection, SocketAddr) {
    let listener = listen("tcp:0:interface=127.0.0.1:backlog=0");
    let address = listener.local_address().as_tcp().unwrap();
    let waiting = connect(&format!("tcp:{}:{}", address.ip(), address.port())).unwrap();
    (listener, waiting, address)
}

#[test]
fn the_next_attempt_waits_for_the_configured_delay() {
    let told = Duration::from_millis(700);
    let by_keyword = client_from_string("tcp:many:0:attemptDelay=0.7").unwrap();
    let by_setter = client_from_string("tcp:many:0").unwrap().with_attempt_delay(told).unwrap();
    for client in [by_keyword, by_setter] {
        let (_hole, _waiting, silent) = black_hole();
        let (_listener, address) = good();
        let client = client.with_resolver(many(&[silent, address]));
        let began = Instant::now();
        let connection = smol::block_on(client.connect()).unwrap();
        assert_eq!(connection.peer_address().as_tcp(), Some(address));
        assert!(began.elapsed() >= told);
    }
    let error = client_from_string("tcp:many:0").unwrap();
    let error = error.with_attempt_delay(Duration::from_secs(3)).unwrap_err();
    assert_eq!(error.blame(), Blame::Misuse);
    assert_eq!(
        error.to_string(),
        "`tcp:many:0`: expected 0.1 to 2 seconds between attempts, but found 3 seconds"
    );
}

#[test]
fn an_address_that_does_not_answer_is_overtaken() {
    let (mut hole, waiting, silent) = black_hole();
    let (mut listener, address) = good();
    let client = client_from_string("tcp:many:1").unwrap().with_resolver(many(&[silent, address]));
    let (ours, theirs) = smol::block_on(zip(client.connect(), listener.accept()));
    assert_eq!(ours.unwrap().peer_address().as_tcp(), Some(address));
    theirs.unwrap();
    // The slower attempt was closed: its listener has only the connection that filled its queue.
    drop(waiting);
    smol::block_on(async {
        hole.accept().await.unwrap();
        assert!(poll_once(hole.accept()).await.is_none());
    });
}

#[test]
fn attempts_side_by_side_share_the_port_of_the_bind_address() {
    let (_hole, _waiting, silent) = black_hole();
    let (_listener, address) = good();
    let port = refusing().port();
    let description = format!(r"tcp:many:1:bindAddress=127.0.0.5\:{port}");
    let ours = connect_to(&description, &[silent, address]).unwrap();
    assert_eq!(ours.peer_address().as_tcp(), Some(address));
    assert_eq!(ours.local_address().to_string(), format!("127.0.0.5:{port}"));
}

#[test]
fn a_refusing_address_is_skipped() {
    let (_listener, address) = good();
    let ours = connect_to("tcp:many:1", &[refusing(), refusing(), address]).unwrap();
    assert_eq!(ours.peer_address().as_tcp(), Some(address));
}

#[test]
fn an_error_lists_every_address_with_its_reason() {
    let (first, second) = (refusing(), refusing());
    let error = connect_to("tcp:many:1", &[first, second, first]).unwrap_err();
    assert_eq!(error.blame(), Blame::Peer);
    assert_eq!(
        error.to_string(),
        format!(
            "`tcp:many:1`: cannot connect to {first}: connection refused (os error 111); \
             nor to {second}: connection refused (os error 111)"
        )
    );
}

#[test]
fn a_time_limit_lists_every_address_in_the_order_of_the_attempts() {
    let (_hole, _waiting, silent) = black_hole();
    let refusing = refusing();
    let mut plan = TcpConnect::new(Host::parse("many"), 1);
    plan.timeout = Duration::from_secs(1);
    let client = Client::from_plan(ClientPlan::from(plan)).with_resolver(many(&[silent, refusing]));
    let error = smol::block_on(client.connect()).unwrap_err();
    assert_eq!(
        error.problem().to_string(),
        format!(
            "no connection to TCP port 1 of `many` within 1 second \
             ({silent}: no answer in time; {refusing}: connection refused (os error 111))"
        )
    );
}

#[test]
fn the_message_contains_the_resolver_error() {
    let error = connect_to("tcp:other:1", &[]).unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    assert_eq!(error.to_string(), "`tcp:other:1`: cannot look up `other`: this name is not ours");
    let error = connect_to("tcp:many:1", &[]).unwrap_err();
    assert_eq!(error.to_string(), "`tcp:many:1`: cannot look up `many`: it has no address");
    let v4 = refusing();
    let error = connect_to("tcp6:many:1", &[v4]).unwrap_err();
    assert_eq!(error.to_string(), "`tcp6:many:1`: `many` has no IPv6 address");
    let error = connect_to(r"tcp:many:1:bindAddress=\:\:1", &[v4]).unwrap_err();
    assert_eq!(error.blame(), Blame::Description);
}

/// A resolver that answers in parts: nothing, an IPv4 address, and then no IPv6 address.
struct ByFamily(SocketAddr);

impl Resolver for ByFamily {
    fn resolve<'a>(&'a self, _name: &'a str, _port: u16) -> Resolving<'a> {
        Box::pin(std::future::pending())
    }

    fn answers<'a>(&'a self, _name: &'a str, _port: u16) -> Answers<'a> {
        let negative = io::Error::new(io::ErrorKind::NotFound, "no AAAA record");
        let answers = stream::iter([Ok(Vec::new()), Ok(vec![self.0]), Err(negative)]);
        Box::pin(answers.chain(stream::pending()))
    }
}

#[test]
fn a_resolver_may_answer_in_parts() {
    let (_listener, address) = good();
    let client = client_from_string("tcp:x:1").unwrap().with_resolver(Arc::new(ByFamily(address)));
    let ours = smol::block_on(client.connect()).unwrap();
    assert_eq!(ours.peer_address().as_tcp(), Some(address));
}

#[test]
fn the_time_limit_covers_the_lookup() {
    for bind_address in [None, Some(Host::parse("slow"))] {
        let mut plan = TcpConnect::new(Host::parse("slow"), 1);
        plan.timeout = Duration::from_millis(20);
        if bind_address.is_some() {
            plan.host = Host::parse("127.0.0.1");
        }
        plan.bind_address = bind_address;
        let slow = Arc::new(Slow);
        let client = Client::from_plan(ClientPlan::from(plan)).with_resolver(slow);
        let error = smol::block_on(client.connect()).unwrap_err();
        assert!(matches!(
            error.problem(),
            Problem::Peer(PeerProblem::TimedOut { attempts, .. }) if attempts.is_empty()
        ));
    }
}

#[test]
fn the_time_limit_covers_the_layers() {
    let (_listener, address) = good();
    let mut plan = TcpConnect::new(Host::parse("many"), 1);
    // Long enough to connect on a busy machine. The layer then waits forever.
    plan.timeout = Duration::from_millis(500);
    let client = Client::from_plan(ClientPlan::from(plan))
        .with_resolver(many(&[refusing(), address]))
        .wrapped(async |connection: Connection| {
            std::future::pending::<()>().await;
            Ok(connection)
        });
    let error = smol::block_on(client.connect()).unwrap_err();
    assert!(
        matches!(
            error.problem(),
            Problem::Peer(PeerProblem::HandshakeTimedOut { side, .. })
                if side.as_tcp() == Some(address)
        ),
        "{error:?}"
    );
}

/// A resolver that never answers.
struct Slow;

impl Resolver for Slow {
    fn resolve<'a>(&'a self, _name: &'a str, _port: u16) -> Resolving<'a> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_bind_address_is_matched_to_the_family_of_each_address() {
    if !has_ipv6() {
        return;
    }
    let v6 = SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, 1));
    let (mut listener, v4) = good();
    // Only the IPv4 address is reachable from here.
    let addresses = [v6, v4];
    let client = client_from_string("tcp:many:1:bindAddress=127.0.0.2").unwrap();
    let client = client.with_resolver(many(&addresses));
    let (ours, theirs) = smol::block_on(zip(client.connect(), listener.accept()));
    assert_eq!(ours.unwrap().peer_address().as_tcp(), Some(v4));
    assert_eq!(theirs.unwrap().peer_address().as_tcp().unwrap().ip().to_string(), "127.0.0.2");
    // For a name with both families, each attempt uses the address of its family.
    let client = client_from_string(&format!("tcp:127.0.0.1:{}:bindAddress=many", v4.port()));
    let sources = ["[::1]:0".parse().unwrap(), "127.0.0.3:0".parse().unwrap()];
    let client = client.unwrap().with_resolver(many(&sources));
    let (ours, theirs) = smol::block_on(zip(client.connect(), listener.accept()));
    ours.unwrap();
    assert_eq!(theirs.unwrap().peer_address().as_tcp().unwrap().ip().to_string(), "127.0.0.3");
}

#[test]
fn a_server_asks_its_resolver_for_the_interface() {
    let interface = many(&["[::1]:0".parse().unwrap(), "127.0.0.4:0".parse().unwrap()]);
    let server = server_from_string("tcp:0:interface=many").unwrap().with_resolver(interface);
    let listener = smol::block_on(server.listen()).unwrap();
    assert_eq!(listener.local_address().as_tcp().unwrap().ip().to_string(), "127.0.0.4");
}

#[test]
fn dropping_a_race_leaves_no_descriptor() {
    if is_child() {
        let (_hole, _waiting, silent) = black_hole();
        let (_other, _filling, as_silent) = black_hole();
        let client = client_from_string("tcp:many:1").unwrap();
        let client = client.with_resolver(many(&[silent, as_silent]));
        open_reactors();
        let before = descriptors();
        let during = smol::block_on(async {
            let mut connecting = Box::pin(client.connect());
            assert!(poll_once(&mut connecting).await.is_none());
            descriptors()
        });
        assert_eq!(during, before + 1, "one attempt is under way");
        assert_eq!(descriptors(), before);
        return;
    }
    let test = "dropping_a_race_leaves_no_descriptor";
    let output = child(test, ":").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// How many descriptors this process has open, including the one for counting.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
