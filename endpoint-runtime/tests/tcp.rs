//! Tests of `tcp` and `tcp6` servers and clients on the loopback interface.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::time::Duration;

use endpoint_runtime::plan::{ClientPlan, Host, TcpConnect};
use endpoint_runtime::{
    Blame, Client, EnvironmentProblem, PeerProblem, Problem, server_from_string,
};
use smol::future::poll_once;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::stream::StreamExt;
use support::{child, connect, has_ipv6, is_child, listen, listen_error, loopback, outlive, pair};

#[test]
fn each_direction_transfers_and_ends_independently() {
    let (mut listener, client) = loopback();
    let (mut ours, mut theirs) = pair(&mut listener, &client);
    smol::block_on(async {
        ours.write_all(b"question").await.unwrap();
        ours.close().await.unwrap();
        let mut question = Vec::new();
        theirs.read_to_end(&mut question).await.unwrap();
        assert_eq!(question, b"question");
        theirs.write_all(b"answer").await.unwrap();
        theirs.close().await.unwrap();
        let mut answer = Vec::new();
        ours.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"answer");
        ours.close().await.expect("closing twice is no error");
    });
}

#[test]
fn both_sides_know_their_addresses() {
    let (mut listener, client) = loopback();
    let (ours, theirs) = pair(&mut listener, &client);
    assert_eq!(ours.peer_address(), listener.local_address());
    assert_eq!(ours.local_address(), theirs.peer_address());
    assert_eq!(theirs.local_address(), ours.peer_address());
    assert_eq!(ours.endpoint(), client);
    assert_eq!(listener.endpoint(), "tcp:0:interface=127.0.0.1");
}

#[test]
fn a_listener_is_a_stream() {
    let (mut listener, client) = loopback();
    let _first = connect(&client).unwrap();
    let _second = connect(&client).unwrap();
    smol::block_on(async {
        assert!(listener.next().await.unwrap().is_ok());
        assert!(listener.next().await.unwrap().is_ok());
        assert!(poll_once(listener.next()).await.is_none());
    });
}

#[test]
fn live_connections_survive_their_listener() {
    let (listener, client) = loopback();
    outlive(listener, &client);
}

#[test]
fn names_are_looked_up_on_both_sides() {
    let mut listener = listen("tcp:0:interface=localhost");
    let port = listener.local_address().port().unwrap();
    let (ours, _theirs) = pair(&mut listener, &format!("tcp:localhost:{port}"));
    assert!(ours.peer_address().as_tcp().unwrap().ip().is_loopback());
}

#[test]
fn an_ipv6_interface_makes_an_ipv6_socket() {
    if !has_ipv6() {
        return;
    }
    let mut listener = listen(r"tcp:0:interface=\:\:1");
    let port = listener.local_address().port().unwrap();
    let (ours, _theirs) = pair(&mut listener, &format!(r"tcp:\:\:1:{port}"));
    assert_eq!(ours.peer_address().to_string(), format!("[::1]:{port}"));
}

#[test]
fn tcp6_serves_ipv4_unless_v6only() {
    if !has_ipv6() {
        return;
    }
    let mut listener = listen("tcp6:0");
    let port = listener.local_address().port().unwrap();
    let (_ours, theirs) = pair(&mut listener, &format!("tcp:127.0.0.1:{port}"));
    let peer = theirs.peer_address().as_tcp().unwrap();
    assert_eq!(peer.ip().to_canonical().to_string(), "127.0.0.1");
    pair(&mut listener, &format!(r"tcp6:\:\:1:{port}"));

    let listener = listen("tcp6:0:v6only=1");
    let port = listener.local_address().port().unwrap();
    assert_eq!(connect(&format!("tcp:127.0.0.1:{port}")).unwrap_err().blame(), Blame::Peer);
    connect(&format!(r"tcp6:\:\:1:{port}")).unwrap();
}

#[test]
fn zones_are_numbers_or_names() {
    if !has_ipv6() {
        return;
    }
    for zone in ["lo", "1"] {
        // ::1 takes any zone, so this needs no link-local address.
        let listener = listen(&format!(r"tcp6:0:interface=\:\:1%{zone}"));
        assert!(listener.local_address().as_tcp().unwrap().is_ipv6());
    }
    let mut listener = listen("tcp6:0");
    let port = listener.local_address().port().unwrap();
    for host in [r"\:\:1%lo", r"\:\:1%1"] {
        let (ours, _theirs) = pair(&mut listener, &format!("tcp6:{host}:{port}"));
        assert!(ours.peer_address().as_tcp().unwrap().ip().is_loopback());
    }
    let error = listen_error(r"tcp6:0:interface=fe80\:\:1%nowhere");
    assert_eq!(
        error.to_string(),
        r"`tcp6:0:interface=fe80\:\:1%nowhere`: there is no network interface `nowhere`"
    );
}

#[test]
fn a_tcp6_client_takes_no_ipv4_address() {
    let error = connect("tcp6:127.0.0.1:80").unwrap_err();
    assert_eq!(error.to_string(), "`tcp6:127.0.0.1:80`: `127.0.0.1` has no IPv6 address");
}

#[test]
fn a_refusal_names_the_address_and_the_reason() {
    let (listener, client) = loopback();
    let port = listener.local_address().port().unwrap();
    drop(listener);
    let error = connect(&client).unwrap_err();
    assert_eq!(error.blame(), Blame::Peer);
    assert_eq!(
        error.to_string(),
        format!(
            "`{client}`: cannot connect to 127.0.0.1:{port}: connection refused (os error 111)"
        )
    );
}

#[test]
fn a_name_without_an_address_is_named() {
    // Too long for a label, so no name server is queried.
    let name = "x".repeat(64);
    let error = connect(&format!("tcp:{name}:80")).unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    let start = format!("`tcp:{name}:80`: cannot look up `{name}`: ");
    let said = error.to_string();
    let said = said.strip_prefix(&start).unwrap();
    assert!(said.starts_with(char::is_lowercase), "{said}");
    assert!(matches!(
        error.problem(),
        Problem::Environment(EnvironmentProblem::Resolve { name: found, .. }) if *found == name
    ));
}

#[test]
fn a_port_in_use_is_named() {
    let (listener, _) = loopback();
    let port = listener.local_address().port().unwrap();
    let error = listen_error(&format!("tcp:{port}:interface=127.0.0.1"));
    assert_eq!(error.blame(), Blame::Environment);
    assert_eq!(
        error.problem().to_string(),
        format!("cannot listen on 127.0.0.1:{port}: address already in use (os error 98)")
    );
}

#[test]
fn v6only_allows_ipv4_and_ipv6_on_one_port() {
    if !has_ipv6() {
        return;
    }
    let mut v4 = listen("tcp:0");
    let port = v4.local_address().port().unwrap();
    let mut v6 = listen(&format!("tcp6:{port}:v6only=1"));
    let (_ours, theirs) = pair(&mut v4, &format!("tcp:127.0.0.1:{port}"));
    assert!(theirs.local_address().as_tcp().unwrap().is_ipv4());
    let (_ours, theirs) = pair(&mut v6, &format!(r"tcp:\:\:1:{port}"));
    assert!(theirs.local_address().as_tcp().unwrap().is_ipv6());
}

#[test]
fn a_port_in_use_by_the_other_family_is_distinguished() {
    if !has_ipv6() {
        return;
    }
    let v4 = listen("tcp:0");
    let port = v4.local_address().port().unwrap();
    let error = listen_error(&format!("tcp6:{port}"));
    assert_eq!(error.blame(), Blame::Environment);
    assert_eq!(
        error.problem().to_string(),
        format!(
            "cannot listen on [::]:{port}: address already in use (os error 98) \
             (another socket has IPv4 port {port}, which `v6only=1` leaves alone)"
        )
    );
    let v6 = listen(&format!("tcp6:{port}:v6only=1"));
    let plain = format!("cannot listen on [::]:{port}: address already in use (os error 98)");
    assert_eq!(listen_error(&format!("tcp6:{port}")).problem().to_string(), plain);
    assert_eq!(listen_error(&format!("tcp6:{port}:v6only=1")).problem().to_string(), plain);
    let plain = format!("cannot listen on 0.0.0.0:{port}: address already in use (os error 98)");
    assert_eq!(listen_error(&format!("tcp:{port}")).problem().to_string(), plain);

    drop((v4, v6));
    let both = listen("tcp6:0");
    let port = both.local_address().port().unwrap();
    for address in ["0.0.0.0", "127.0.0.1"] {
        let error = listen_error(&format!("tcp:{port}:interface={address}"));
        assert_eq!(
            error.problem().to_string(),
            format!(
                "cannot listen on {address}:{port}: address already in use (os error 98) \
                 (a socket for IPv6 takes IPv4 port {port} too, unless it has `v6only=1`)"
            )
        );
    }
}

#[test]
fn sockets_share_a_port_only_if_all_of_them_want_to() {
    let first = listen("tcp:0:interface=127.0.0.1:reusePort=1");
    let port = first.local_address().port().unwrap();
    let _second = listen(&format!("tcp:{port}:interface=127.0.0.1:reusePort=1"));
    listen_error(&format!("tcp:{port}:interface=127.0.0.1"));
}

#[test]
fn a_time_limit_names_the_address_that_did_not_answer() {
    // A listener with a full queue does not answer. Linux queues one more than the backlog.
    let listener = listen("tcp:0:interface=127.0.0.1:backlog=0");
    let address = listener.local_address().as_tcp().unwrap();
    let _waiting = connect(&format!("tcp:127.0.0.1:{}", address.port())).unwrap();
    let mut plan = TcpConnect::new(Host::parse("127.0.0.1"), address.port());
    plan.timeout = Duration::from_secs(1);
    let client = Client::from_plan(ClientPlan::from(plan));
    let error = smol::block_on(client.connect()).unwrap_err();
    assert!(matches!(error.problem(), Problem::Peer(PeerProblem::TimedOut { .. })));
    assert_eq!(
        error.problem().to_string(),
        format!(
            "no connection to TCP port {} of `127.0.0.1` within 1 second ({address}: no answer in time)",
            address.port()
        )
    );
}

#[test]
fn running_out_of_descriptors_does_not_end_a_listener() {
    if is_child() {
        let (mut listener, client) = loopback();
        let _ours = connect(&client).unwrap();
        smol::block_on(async {
            let hoard: Vec<File> =
                std::iter::repeat_with(|| File::open("/dev/null")).map_while(Result::ok).collect();
            assert!(!hoard.is_empty());
            assert!(poll_once(listener.accept()).await.is_none(), "the accept has to wait");
            drop(hoard);
            listener.accept().await.unwrap();
        });
        return;
    }
    let test = "running_out_of_descriptors_does_not_end_a_listener";
    let output = child(test, "ulimit -n 64").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_server_can_listen_again_and_again() {
    let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
    smol::block_on(async {
        let first = server.listen().await.unwrap();
        let second = server.listen().await.unwrap();
        assert_ne!(first.local_address(), second.local_address());
    });
}

#[test]
fn everything_can_move_between_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    fn can_be_sent<T: Send>() {}
    fn is_send<T: Send>(_: &T) {}
    // Streams of layers and plugins need not be `Sync`.
    can_be_sent::<endpoint_runtime::Connection>();
    can_be_sent::<endpoint_runtime::Listener>();
    is_send_and_sync::<Client>();
    is_send_and_sync::<endpoint_runtime::Server>();
    is_send_and_sync::<endpoint_runtime::Error>();
    let server = server_from_string("tcp:0").unwrap();
    is_send(&server.listen());
    let client = endpoint_runtime::client_from_string("tcp:h:1").unwrap();
    is_send(&client.connect());
}

#[test]
#[cfg(target_os = "linux")]
fn a_network_interface_is_given_as_a_device() {
    let listener = listen("tcp:0:interface=127.0.0.1:device=lo:keepAlive=60,10,5:userTimeout=20");
    let port = listener.local_address().port().unwrap();
    connect(&format!("tcp:127.0.0.1:{port}:device=lo")).unwrap();
    let error = listen_error("tcp:0:interface=lo");
    assert_eq!(
        error.problem().to_string(),
        "`lo` is a network interface, not an address (write its address, or `device=lo`)"
    );
    let error = connect(&format!("tcp:127.0.0.1:{port}:bindAddress=lo")).unwrap_err();
    assert!(error.to_string().contains("or `device=lo`"), "{error}");
    // A script with an empty variable may produce this description.
    let error = listen_error("tcp:0:device=").problem().to_string();
    assert!(error.ends_with("expected the name of a network interface for `device`, but found ``"));
    let error = listen_error("tcp:0:device=no-such-device").problem().to_string();
    assert!(error.contains("cannot use the network interface `no-such-device`"), "{error}");
}
