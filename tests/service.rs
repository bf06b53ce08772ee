//! A relay service: targets, limits, and its end.

#![cfg(feature = "relay")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/service.rs"]
mod service;
#[path = "support/runtime/mod.rs"]
mod support;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;
use service::closed_port::{ClosedPort, closed};
use service::{Running, ask, echo, named, rest};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use strports::relay::{Balance, RelaySettings, Stop, WhenFull};
use strports::runtime::{Connection, client_from_string, server_from_string};
use strports::value::Networks;
use support::{TempDir, connect};

fn settings(change: impl FnOnce(&mut RelaySettings)) -> RelaySettings {
    let mut settings = RelaySettings::default();
    change(&mut settings);
    settings
}

#[test]
fn every_connection_is_reported_from_its_beginning_to_its_end() {
    let running = Running::start(&[echo()], RelaySettings::default());
    assert_eq!(ask(&running.connect(), "hello"), "hello");
    assert_eq!(running.next(), "1 accepted");
    assert_eq!(running.next(), "1 connected to 0");
    assert_eq!(running.next(), "1 closed: 5 there, 5 back");
    let finished = running.stop();
    assert_eq!(finished.why, Stop::Requested);
    let counters = finished.counters;
    assert_eq!((counters.accepted, counters.ended.closed), (1, 1));
    assert_eq!((counters.connecting, counters.open), (0, 0));
    assert_eq!((counters.transferred.a_to_b, counters.transferred.b_to_a), (5, 5));
    assert_eq!((counters.targets[0].connected, counters.targets[0].open), (1, 0));
}

#[test]
fn counters_are_readable_during_a_transfer() {
    let running = Running::start(&[echo()], RelaySettings::default());
    let mut stream = running.connect();
    stream.write_all(b"hello").unwrap();
    running.says("1 connected");
    while running.handle.snapshot().transferred.a_to_b < 5 {
        std::thread::yield_now();
    }
    let counters = running.handle.snapshot();
    assert_eq!((counters.accepted, counters.open, counters.ended.total()), (1, 1, 0));
    assert_eq!(counters.targets[0].open, 1);
    drop(stream);
    running.stop();
}

#[test]
fn the_first_answering_target_is_used_and_failed_ones_are_skipped() {
    let running = Running::start(&[closed(), named("b")], RelaySettings::default());
    assert_eq!(rest(&running.connect()), "b");
    assert_eq!(rest(&running.connect()), "b");
    for line in ["1 accepted", "1 failed at 0", "target 0 down", "1 connected to 1"] {
        assert_eq!(running.next(), line);
    }
    running.says("2 connected to 1");
    let counters = running.stop().counters;
    assert!(counters.targets[0].is_down && !counters.targets[1].is_down);
    // The other target was not tried again.
    assert_eq!((counters.targets[0].failed, counters.targets[1].connected), (1, 2));
}

#[test]
fn targets_take_turns() {
    let balance = settings(|it| it.balance = Balance::RoundRobin);
    let running = Running::start(&[named("a"), named("b"), named("c")], balance);
    let answers: String = (0..6).map(|_| rest(&running.connect())).collect();
    assert_eq!(answers, "abcabc");
    running.stop();
}

#[test]
fn a_connection_that_reaches_no_target_ends_with_the_reason() {
    let running = Running::start(&[closed(), closed()], RelaySettings::default());
    // An end of the stream would look like an empty answer.
    let error = (&running.connect()).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    running.says("1 failed at 0");
    running.says("1 failed at 1");
    assert_eq!(running.says("1 not-connected"), "1 not-connected: 0 there, 0 back");
    assert_eq!(running.stop().counters.ended.not_connected, 1);
}

#[test]
fn targets_are_tried_again_until_one_is_back() {
    let port = ClosedPort::new();
    let retry = settings(|it| {
        it.retry.attempts = None;
        it.retry.longest = Duration::from_millis(200);
    });
    let running = Running::start(&[port.client()], retry);
    let stream = running.connect();
    running.says("1 retries");
    running.says("1 retries");
    let (mut upstream, _) = port.listen().accept().unwrap();
    upstream.write_all(b"back").unwrap();
    drop(upstream);
    assert_eq!(rest(&stream), "back");
    running.says("target 0 up");
    drop(stream);
    running.stop();
}

#[test]
fn targets_are_not_retried_for_a_closed_client() {
    let retry = settings(|it| {
        it.retry.attempts = None;
        it.retry.longest = Duration::from_millis(50);
    });
    let running = Running::start(&[closed()], retry);
    let stream = running.connect();
    stream.shutdown(Shutdown::Write).unwrap();
    running.says("1 retries");
    running.says("1 retries");
    // The client has ended its input and waits for an answer.
    set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
    running.says("1 not-connected");
    running.stop();
}

#[test]
fn a_silent_target_times_out() {
    // A full queue of one, so that no connection is accepted.
    let full = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&full, 0).unwrap();
    let address = full.local_addr().unwrap();
    let _first = TcpStream::connect(address).unwrap();
    let timeout = settings(|it| it.connect_timeout = Some(Duration::from_millis(100)));
    let running = Running::start(&[format!("tcp:{address}"), named("b")], timeout);
    assert_eq!(rest(&running.connect()), "b");
    running.says("1 failed at 0");
    running.stop();
}

#[test]
fn connections_over_the_limit_wait() {
    let limit = settings(|it| it.max_connections = Some(1));
    let running = Running::start(&[echo()], limit);
    let mut first = running.connect();
    first.write_all(b"x").unwrap();
    assert_eq!(running.next(), "1 accepted");
    assert_eq!(running.next(), "full at 1");
    let second = running.connect();
    // The kernel has connected it, but the service has not accepted it.
    assert_eq!(running.handle.snapshot().accepted, 1);
    assert_eq!(ask(&first, "y"), "xy");
    assert_eq!(ask(&second, "z"), "z");
    running.says("2 closed");
    running.stop();
}

/// A handshake of two questions, each with an answer.
async fn handshake(mut connection: Connection) -> io::Result<Connection> {
    let mut question = [0];
    for _ in 0..2 {
        connection.read_exact(&mut question).await?;
        connection.write_all(&question).await?;
        connection.flush().await?;
    }
    Ok(connection)
}

#[test]
fn a_running_handshake_completes_and_its_connection_waits() {
    for is_stopped in [false, true] {
        let limit = settings(|it| it.max_connections = Some(1));
        let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap().wrapped(handshake);
        let target = client_from_string(&echo()).unwrap();
        let running = Running::start_server(&server, vec![target], limit);
        let asks = |mut stream: &TcpStream| {
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            stream.write_all(b"?").unwrap();
            stream.read_exact(&mut [0]).unwrap();
        };
        let (first, second) = (running.connect(), running.connect());
        asks(&second);
        asks(&first);
        asks(&first);
        assert_eq!(running.next(), "1 accepted");
        running.says("full at 1");
        // The second handshake began earlier, and continues while the service is full.
        asks(&second);
        assert_eq!(running.handle.snapshot().accepted, 1);
        if is_stopped {
            running.handle.stop();
            running.says("draining 1: Requested");
        }
        assert_eq!(ask(&first, "x"), "x");
        assert_eq!(ask(&second, "y"), "y");
        running.says("2 closed");
        assert_eq!(running.stop().counters.ended.closed, 2);
    }
}

#[test]
fn connections_over_the_limit_are_refused() {
    let limit = settings(|it| {
        it.max_connections = Some(1);
        it.when_full = WhenFull::Refuse;
    });
    let running = Running::start(&[echo()], limit);
    let first = running.connect();
    running.says("1 connected");
    assert_eq!(rest(&running.connect()), "");
    assert_eq!(running.next(), "2 refused: full");
    assert_eq!(ask(&first, "x"), "x");
    running.says("1 closed");
    assert_eq!(ask(&running.connect(), "x"), "x");
    let counters = running.stop().counters;
    assert_eq!((counters.accepted, counters.refused.full), (2, 1));
}

#[test]
fn addresses_that_are_denied_are_refused() {
    let deny = settings(|it| it.access.deny.extend(Networks::new("127.0.0.0/8").unwrap().iter()));
    let running = Running::start(&[echo()], deny);
    assert_eq!(rest(&running.connect()), "");
    assert_eq!(running.next(), "1 refused: denied");
    assert_eq!(running.stop().counters.refused.denied, 1);
}

#[test]
fn the_address_in_a_proxy_header_is_checked() {
    let allow =
        settings(|it| it.access.allow.extend(Networks::new("192.0.2.0/24").unwrap().iter()));
    let server = "haproxy:tcp:0:interface=127.0.0.1";
    let running = Running::start_on(server, &[echo()], allow);
    let mut denied = running.connect();
    denied.write_all(b"PROXY TCP4 198.51.100.1 198.51.100.2 1 2\r\n").unwrap();
    assert_eq!(rest(&denied), "");
    assert_eq!(running.next(), "1 refused: denied");
    let mut allowed = running.connect();
    allowed.write_all(b"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n").unwrap();
    assert_eq!(ask(&allowed, "hello"), "hello");
    running.stop();
}

#[test]
fn a_health_check_without_a_byte_dials_no_target() {
    let server = "haproxy:tcp:0:interface=127.0.0.1";
    let running = Running::start_on(server, &[closed()], RelaySettings::default());
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
    for (number, header) in [(1, &local[..]), (2, b"PROXY UNKNOWN\r\n")] {
        let mut check = running.connect();
        check.write_all(header).unwrap();
        drop(check);
        assert_eq!(running.next(), format!("{number} accepted"));
        assert_eq!(running.next(), format!("{number} closed: 0 there, 0 back"));
    }
    // A client that sends something is an ordinary connection.
    running.connect().write_all(b"PROXY UNKNOWN\r\nhello").unwrap();
    running.says("3 failed at 0");
    running.stop();
}

#[test]
fn a_probe_that_resets_without_data_is_not_a_failure() {
    let (place, given) = service::handed();
    let running = Running::start(&[place], RelaySettings::default());
    let probe = running.connect();
    let _target = given.recv().unwrap();
    set_socket_linger(&probe, Some(Duration::ZERO)).unwrap();
    drop(probe);
    running.says("1 closed: 0 there, 0 back");
    running.stop();
}

#[test]
fn addresses_pass_through_from_header_to_header() {
    let running = Running::start_on(
        "haproxy:tcp:0:interface=127.0.0.1",
        &[format!("haproxy:{}:proxyVersion=1", echo())],
        RelaySettings::default(),
    );
    let mut stream = running.connect();
    stream.write_all(b"PROXY TCP4 192.0.2.7 192.0.2.8 1000 80\r\n").unwrap();
    assert_eq!(ask(&stream, "hello"), "PROXY TCP4 192.0.2.7 192.0.2.8 1000 80\r\nhello");
    running.stop();
}

#[test]
fn idle_connections_end_and_busy_ones_do_not() {
    let idle = settings(|it| it.time.idle = Some(Duration::from_millis(300)));
    let running = Running::start(&[echo()], idle);
    let (mut idle, mut busy) = (running.connect(), running.connect());
    let began = Instant::now();
    idle.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let mut ended = false;
    while !ended {
        busy.write_all(b"x").unwrap();
        // It is aborted: truncated data must not look complete.
        ended = match idle.read(&mut [0]) {
            Ok(0) => panic!("a clean end"),
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
            Ok(_) => panic!("no data was sent"),
        };
        assert!(began.elapsed() < Duration::from_secs(20));
    }
    assert!(began.elapsed() >= Duration::from_millis(300));
    running.says("1 idle: 0 there, 0 back");
    busy.shutdown(Shutdown::Write).unwrap();
    assert!(!rest(&busy).is_empty());
    assert_eq!(running.stop().counters.ended.idle, 1);
}

#[test]
fn old_connections_end_even_if_busy() {
    let old = settings(|it| it.time.lifetime = Some(Duration::from_millis(200)));
    let running = Running::start(&[echo()], old);
    let mut stream = running.connect();
    while stream.write_all(b"x").is_ok() {
        std::thread::yield_now();
    }
    running.says("1 too-old");
    running.stop();
}

#[test]
fn an_unused_service_ends() {
    let unused = settings(|it| it.exit_idle = Some(Duration::from_millis(200)));
    let running = Running::start(&[echo()], unused);
    let stream = running.connect();
    running.says("1 connected");
    // The service does not end while a connection is open.
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(400) {
        assert!(!running.handle.snapshot().draining);
        std::thread::yield_now();
    }
    drop(stream);
    assert_eq!(running.end().unwrap().why, Stop::Unused);
}

#[test]
fn a_service_may_serve_one_connection() {
    let once = settings(|it| it.serve = Some(1));
    let running = Running::start(&[echo()], once);
    let stream = running.connect();
    running.says("draining 1: Served");
    assert!(TcpStream::connect(running.address).is_err(), "the listener is closed");
    assert_eq!(ask(&stream, "alone"), "alone");
    let finished = running.end().unwrap();
    assert_eq!((finished.why, finished.counters.ended.closed), (Stop::Served, 1));
}

#[test]
fn a_stopped_service_drains() {
    let running = Running::start(&[echo()], RelaySettings::default());
    let stream = running.connect();
    running.says("1 connected");
    // This connection may not be accepted yet, but must not be lost.
    let waiting = running.connect();
    running.handle.stop();
    running.says("draining");
    assert!(TcpStream::connect(running.address).is_err());
    assert!(running.handle.snapshot().draining);
    assert_eq!(ask(&waiting, "late"), "late");
    assert_eq!(ask(&stream, "to the end"), "to the end");
    let finished = running.end().unwrap();
    assert_eq!((finished.why, finished.counters.ended.closed), (Stop::Requested, 2));
}

#[test]
fn connections_waiting_for_a_target_are_reset_at_the_end() {
    let persistent = settings(|it| {
        it.drain = Some(Duration::from_millis(50));
        it.retry.attempts = None;
    });
    let running = Running::start(&[closed()], persistent);
    let stream = running.connect();
    running.says("1 failed at 0");
    running.handle.stop();
    let error = (&stream).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    running.says("1 stopped");
}

#[test]
fn slow_connections_are_closed_after_the_grace_period() {
    let drain = settings(|it| it.drain = Some(Duration::from_millis(50)));
    let running = Running::start(&[echo()], drain);
    let mut stream = running.connect();
    stream.write_all(b"for ever").unwrap();
    running.says("1 connected");
    running.handle.stop();
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    running.says("1 stopped");
    let finished = running.end().unwrap();
    assert_eq!((finished.why, finished.counters.ended.stopped), (Stop::Requested, 1));
}

#[test]
fn an_aborted_service_ends_at_once() {
    let running = Running::start(&[echo()], RelaySettings::default());
    let _stream = running.connect();
    running.says("1 connected");
    running.handle.stop();
    running.says("draining 1");
    running.handle.cut();
    assert_eq!(running.end().unwrap().counters.ended.stopped, 1);
}

#[test]
fn unix_sockets_are_removed_when_a_service_stops() {
    let dir = TempDir::new();
    let path = dir.text("s");
    let running = Running::start_on(&format!("unix:{path}"), &[echo()], RelaySettings::default());
    let connection = connect(&format!("unix:{path}")).unwrap();
    running.says("1 connected");
    running.handle.stop();
    running.says("draining 1");
    assert!(!dir.path("s").exists());
    drop(connection);
    running.end().unwrap();
}

#[test]
fn a_dropped_service_closes_and_reports_everything() {
    let running = Running::start(&[echo()], RelaySettings::default());
    drop(running.connect());
    running.says("1 closed");
    let listener = support::listen("tcp:0:interface=127.0.0.1");
    let address = listener.local_address().as_tcp().unwrap();
    let client = client_from_string(&echo()).unwrap();
    let (says, said) = smol::channel::unbounded();
    let service = strports::relay::RelayService::new(listener, [client], RelaySettings::default())
        .observed_by(move |event: &strports::relay::Event<'_>| {
            if let strports::relay::Event::Ended { end, .. } = event {
                says.try_send(end.as_str()).unwrap();
            }
        });
    let handle = service.handle();
    let stream = TcpStream::connect(address).unwrap();
    let opened = async {
        while handle.snapshot().open == 0 {
            smol::future::yield_now().await;
        }
    };
    let run = async { drop(service.run().await) };
    smol::block_on(smol::future::or(opened, run));
    assert_eq!(said.try_recv(), Ok("stopped"));
    assert_eq!(rest(&stream), "");
    running.stop();
}
