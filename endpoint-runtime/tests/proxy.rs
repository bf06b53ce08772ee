//! Tests of `haproxy` servers and clients on real connections.
//!
//! Headers arrive in pieces; senders are silent, invalid or untrusted; clients send headers.

#![cfg(feature = "net")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::ErrorKind;
use std::time::Duration;

use endpoint_runtime::plan::{ProxyRead, ServerLayer};
use endpoint_runtime::proto::proxy::{Command, Header, Version, kind};
use endpoint_runtime::{
    Address, Client, Connection, HandshakeLimits, Listener, Server, client_from_string, relay,
    server_from_string,
};
use smol::future::{or, poll_once, zip};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::TempDir;

const LOOPBACK: &str = "tcp:0:interface=127.0.0.1";

async fn listen(server: &str) -> Listener {
    server_from_string(server).unwrap().listen().await.unwrap()
}

/// A client that connects to the listener without sending a PROXY header.
fn bare(listener: &Listener) -> Client {
    Client::new(&listener.local_address().client_endpoint().unwrap()).unwrap()
}

/// A client that connects to the listener with the PROXY headers that it expects.
fn fitting(listener: &Listener) -> Client {
    Client::new(&listener.client_endpoint().unwrap()).unwrap()
}

/// A server that waits this long for the whole PROXY header.
fn with_timeout(timeout: Duration) -> Server {
    let mut plan = server_from_string(LOOPBACK).unwrap().plan().clone();
    let mut read = ProxyRead::default();
    read.timeout = timeout;
    plan.layers.push(ServerLayer::Proxy(read));
    Server::from_plan(plan)
}

fn tcp(text: &str) -> Address {
    Address::Tcp(text.parse().unwrap())
}

/// The header of a client at 192.0.2.1 that connected to 192.0.2.2.
fn header() -> Header {
    Header::proxied(Version::V2, &tcp("192.0.2.1:4711"), &tcp("192.0.2.2:443"))
}

/// Connects and sends these bytes. Returns the accepted connection and the client's.
async fn accepted(listener: &mut Listener, bytes: &[u8]) -> (Connection, Connection) {
    let mut ours = bare(listener).connect().await.unwrap();
    ours.write_all(bytes).await.unwrap();
    (listener.accept().await.unwrap(), ours)
}

/// Reads text up to the end of file.
async fn text(mut connection: Connection) -> String {
    let mut text = String::new();
    connection.read_to_string(&mut text).await.unwrap();
    text
}

/// Waits until the other side has closed the connection.
async fn closed(mut connection: Connection) {
    let mut byte = [0];
    match connection.read(&mut byte).await {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

/// Waits until the server has closed all of these connections.
///
/// Panics if the listener returns one of them instead.
async fn refused(listener: &mut Listener, connections: Vec<Connection>) {
    let closing = async {
        for connection in connections {
            closed(connection).await;
        }
    };
    or(closing, async {
        let connection = listener.accept().await.unwrap();
        panic!("accepted from {}", connection.peer_address());
    })
    .await;
}

#[test]
fn the_addresses_are_those_of_the_header_and_the_data_is_what_follows() {
    smol::block_on(async {
        let mut listener = listen(&format!("haproxy:{LOOPBACK}")).await;
        let line = b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\nGET /";
        let (theirs, ours) = accepted(&mut listener, line).await;
        assert_eq!(theirs.peer_address(), &tcp("192.0.2.1:4711"));
        assert_eq!(theirs.local_address(), &tcp("192.0.2.2:443"));
        assert_eq!(theirs.proxy().unwrap().version(), Version::V1);
        drop(ours);
        assert_eq!(text(theirs).await, "GET /");

        let sent = header().with_tlv(kind::AUTHORITY, b"example.com").unwrap().with_checksum();
        let (theirs, ours) =
            accepted(&mut listener, &[&sent.to_bytes(), &b"data"[..]].concat()).await;
        assert_eq!(theirs.peer_address(), &tcp("192.0.2.1:4711"));
        assert_eq!(theirs.proxy(), Some(&sent));
        assert_eq!(theirs.proxy().unwrap().authority(), Some("example.com"));
        drop(ours);
        assert_eq!(text(theirs.on_top(|below| below)).await, "data");
    });
}

#[test]
fn a_layer_above_keeps_what_the_header_said() {
    smol::block_on(async {
        let mut listener = listen(&format!("haproxy:{LOOPBACK}")).await;
        let (theirs, _ours) = accepted(&mut listener, &header().to_bytes()).await;
        let theirs = theirs.on_top(|below| below);
        assert_eq!(theirs.proxy(), Some(&header()));
        assert_eq!(theirs.peer_address(), &tcp("192.0.2.1:4711"));
    });
}

#[test]
fn a_header_may_come_byte_by_byte() {
    smol::block_on(async {
        let mut listener = listen(&format!("haproxy:{LOOPBACK}")).await;
        let line = b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n".to_vec();
        for bytes in [line, header().with_checksum().to_bytes()] {
            let mut ours = bare(&listener).connect().await.unwrap();
            let (last, bytes) = bytes.split_last().unwrap();
            for byte in bytes {
                ours.write_all(&[*byte]).await.unwrap();
                assert!(poll_once(listener.accept()).await.is_none());
            }
            ours.write_all(&[*last]).await.unwrap();
            ours.write_all(b"data").await.unwrap();
            let theirs = listener.accept().await.unwrap();
            assert_eq!(theirs.peer_address().port(), Some(4711));
            drop(ours);
            assert_eq!(text(theirs).await, "data");
        }
    });
}

#[test]
fn local_and_unknown_keep_the_addresses_of_the_connection() {
    smol::block_on(async {
        let mut listener = listen(&format!("haproxy:{LOOPBACK}")).await;
        let local = Header::local(Version::V2).to_bytes();
        for bytes in [&local[..], b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ::1 ::2 3 4\r\n"] {
            let (theirs, ours) = accepted(&mut listener, bytes).await;
            assert_eq!(theirs.peer_address(), ours.local_address());
            assert_eq!(theirs.local_address(), ours.peer_address());
            assert_eq!(theirs.proxy().unwrap().original(), None);
        }
    });
}

#[test]
fn a_bad_header_costs_its_connection_alone() {
    smol::block_on(async {
        let mut listener = listen(&format!("haproxy:{LOOPBACK}:proxyVersion=2")).await;
        let mut bad = Vec::new();
        for bytes in
            [&b"GET / HTTP/1.1\r\n\r\n"[..], b"PROXY UNKNOWN\r\n", b"\r\n\r\n\0\r\nQUIT\n\x31"]
        {
            let mut connection = bare(&listener).connect().await.unwrap();
            connection.write_all(bytes).await.unwrap();
            bad.push(connection);
        }
        let mut short = bare(&listener).connect().await.unwrap();
        short.write_all(&header().to_bytes()[..20]).await.unwrap();
        short.close().await.unwrap();
        bad.push(short);
        refused(&mut listener, bad).await;
        accepted(&mut listener, &header().to_bytes()).await;
    });
}

#[test]
fn untrusted_senders_are_refused_before_any_data() {
    smol::block_on(async {
        let mut listener =
            listen(&format!(r"haproxy:{LOOPBACK}:proxyTrusted=192.0.2.0/24,\:\:1")).await;
        let silent = bare(&listener).connect().await.unwrap();
        refused(&mut listener, vec![silent]).await;

        let mut listener = listen(&format!("haproxy:{LOOPBACK}:proxyTrusted=127.0.0.0/8")).await;
        accepted(&mut listener, &header().to_bytes()).await;
    });
}

#[test]
fn an_ipv4_sender_on_an_ipv6_socket_is_in_ipv4_networks() {
    smol::block_on(async {
        let mut listener = listen("haproxy:tcp6:0:proxyTrusted=127.0.0.0/8").await;
        let port = listener.local_address().port().unwrap();
        let client = client_from_string(&format!("haproxy:tcp:127.0.0.1:{port}")).unwrap();
        let ours = client.connect().await.unwrap();
        let theirs = listener.accept().await.unwrap();
        assert_eq!(theirs.peer_address(), ours.local_address());
    });
}

#[test]
fn the_outermost_networks_are_those_of_the_real_sender() {
    smol::block_on(async {
        let twice = format!("haproxy:haproxy:{LOOPBACK}");
        let headers = [header().to_bytes(), header().to_bytes()].concat();
        // Networks apply to the real sender, not to 192.0.2.1 in the first header.
        let mut listener = listen(&format!("{twice}:proxyTrusted=127.0.0.1")).await;
        accepted(&mut listener, &headers).await;
        let mut listener = listen(&format!("{twice}:proxyTrusted=192.0.2.1")).await;
        let silent = bare(&listener).connect().await.unwrap();
        refused(&mut listener, vec![silent]).await;
    });
}

#[test]
fn a_silent_sender_has_a_time_limit() {
    smol::block_on(async {
        let server = with_timeout(Duration::from_millis(1));
        let mut listener = server.listen().await.unwrap();
        let silent = bare(&listener).connect().await.unwrap();
        let mut slow = bare(&listener).connect().await.unwrap();
        slow.write_all(b"PROXY ").await.unwrap();
        refused(&mut listener, vec![silent, slow]).await;
    });
}

#[test]
fn stalled_headers_are_bounded_and_delay_nothing() {
    smol::block_on(async {
        // A long time limit, so that only the number of pending handshakes matters.
        let mut limits = HandshakeLimits::default();
        (limits.at_once, limits.time) = (16, Duration::from_secs(600));
        let server = with_timeout(limits.time).handshakes(limits);
        let mut listener = server.listen().await.unwrap();
        let client = bare(&listener);
        let mut stalled = Vec::new();
        for round in 0..8 {
            for _ in 0..16 {
                let mut connection = client.connect().await.unwrap();
                connection.write_all(b"PROXY TCP4 192.0.2.").await.unwrap();
                stalled.push(connection);
            }
            let (theirs, _ours) = accepted(&mut listener, &header().to_bytes()).await;
            assert_eq!(theirs.peer_address(), &tcp("192.0.2.1:4711"), "round {round}");
        }
        // The older connections were evicted. The newest ones are still pending.
        let mut last = stalled.pop().unwrap();
        stalled.truncate(8 * 16 - 16);
        refused(&mut listener, stalled).await;
        last.write_all(b"9 192.0.2.2 1 2\r\n").await.unwrap();
        assert_eq!(listener.accept().await.unwrap().peer_address(), &tcp("192.0.2.9:1"));
    });
}

#[test]
fn a_client_without_an_origin_sends_its_own_addresses() {
    smol::block_on(async {
        for version in [1, 2] {
            let mut listener = listen(&format!("haproxy:{LOOPBACK}:proxyVersion={version}")).await;
            let client = fitting(&listener);
            let ours = client.connect().await.unwrap();
            let theirs = listener.accept().await.unwrap();
            let header = theirs.proxy().unwrap();
            assert_eq!(header.version(), if version == 1 { Version::V1 } else { Version::V2 });
            assert_eq!(header.source(), Some(ours.local_address()));
            assert_eq!(header.destination(), Some(ours.peer_address()));
        }
    });
}

#[test]
fn a_relay_forwards_the_original_addresses() {
    smol::block_on(async {
        for keyword in ["", ":proxyVersion=1"] {
            let mut front = listen(LOOPBACK).await;
            let mut back = listen(&format!("haproxy:{LOOPBACK}")).await;
            let port = back.local_address().port().unwrap();
            let onward = format!("haproxy:tcp:127.0.0.1:{port}{keyword}");
            let onward = client_from_string(&onward).unwrap();

            let mut user = bare(&front).connect().await.unwrap();
            let user_address = user.local_address().clone();
            let original = front.accept().await.unwrap();
            let onward = onward.connect_for(&original).await.unwrap();
            assert_eq!(onward.peer_address(), back.local_address());
            let served = back.accept().await.unwrap();
            assert_eq!(served.peer_address(), &user_address);
            assert_eq!(served.local_address(), front.local_address());

            user.write_all(b"question").await.unwrap();
            user.close().await.unwrap();
            let (relayed, question) = zip(relay(original, onward), text(served)).await;
            assert_eq!((relayed.unwrap().a_to_b, question.as_str()), (8, "question"));
        }
    });
}

#[test]
fn two_balancers_in_a_row_name_the_first_client() {
    smol::block_on(async {
        let mut middle = listen(&format!("haproxy:{LOOPBACK}")).await;
        let mut back = listen(&format!("haproxy:{LOOPBACK}")).await;
        let (original, _ours) = accepted(&mut middle, &header().to_bytes()).await;
        let _onward = fitting(&back).connect_for(&original).await.unwrap();
        let served = back.accept().await.unwrap();
        assert_eq!(served.peer_address(), &tcp("192.0.2.1:4711"));
        assert_eq!(served.local_address(), &tcp("192.0.2.2:443"));
    });
}

#[test]
fn nested_wrappers_are_as_many_headers() {
    smol::block_on(async {
        let mut listener = listen(&format!("haproxy:haproxy:{LOOPBACK}:proxyVersion=1")).await;
        let client = fitting(&listener);
        assert!(client.endpoint().starts_with("haproxy:haproxy:tcp:"), "{}", client.endpoint());
        assert!(client.endpoint().ends_with(":proxyVersion=1"), "{}", client.endpoint());
        let mut ours = client.connect().await.unwrap();
        ours.write_all(b"data").await.unwrap();
        let theirs = listener.accept().await.unwrap();
        assert_eq!(theirs.proxy().unwrap().version(), Version::V1, "the outermost is the last one");
        assert_eq!(theirs.peer_address(), ours.local_address());
        drop(ours);
        assert_eq!(text(theirs).await, "data");
    });
}

#[test]
fn unix_sockets_have_headers_too() {
    smol::block_on(async {
        let directory = TempDir::new();
        let mut listener = listen(&format!("haproxy:unix:{}", directory.text("a"))).await;
        let ours = fitting(&listener).connect().await.unwrap();
        let theirs = listener.accept().await.unwrap();
        assert_eq!(
            theirs.proxy(),
            Some(&Header::local(Version::V2)),
            "HAProxy knows no UNIX family"
        );
        assert_eq!(theirs.local_address(), ours.peer_address());

        let (theirs, _ours) = accepted(&mut listener, &header().to_bytes()).await;
        assert_eq!(theirs.peer_address(), &tcp("192.0.2.1:4711"));

        let unix = Header::proxied(Version::V2, &Address::UnixUnnamed, ours.peer_address());
        let (theirs, _ours) = accepted(&mut listener, &unix.to_bytes()).await;
        assert_eq!(theirs.proxy(), Some(&unix));
        assert_eq!(theirs.peer_address(), &Address::UnixUnnamed);
    });
}

#[test]
fn connections_without_an_address_are_local() {
    smol::block_on(async {
        let mut listener = listen(&format!("haproxy:{LOOPBACK}")).await;
        let stream = smol::io::Cursor::new(Vec::new());
        let original = Connection::new("tape:1", stream, Address::Stdio, Address::Stdio);
        let ours = fitting(&listener).connect_for(&original).await.unwrap();
        let theirs = listener.accept().await.unwrap();
        assert_eq!(theirs.proxy().unwrap().command(), Command::Local);
        assert_eq!(theirs.peer_address(), ours.local_address());
    });
}

#[test]
fn networks_need_senders_with_addresses() {
    let problem = server_from_string(r"haproxy:stdio:proxyTrusted=\:\:1").unwrap_err();
    assert_eq!(
        problem.to_string(),
        r"`haproxy:stdio:proxyTrusted=\:\:1`: `proxyTrusted` expects senders with IP addresses, but those on standard input and output have none"
    );
}
