//! Tests of TLS connections: their ends, their errors, and TLS on top of them.

use std::io::ErrorKind;
use std::net::{Shutdown, TcpStream};

use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::error::Operation;
use crate::{Address, Blame, relay};

/// Reads from a connection until its end of file.
async fn all(mut connection: Connection) -> std::io::Result<String> {
    let mut text = String::new();
    connection.read_to_string(&mut text).await.map(|_| text)
}

#[test]
fn closing_ends_one_direction() {
    let (mut server, mut client) = Scene::new().connected();
    smol::block_on(async {
        client.write_all(b"question").await.unwrap();
        client.close().await.unwrap();
        let mut question = String::new();
        server.read_to_string(&mut question).await.unwrap();
        assert_eq!(question, "question");
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0, "the end stays the end");
        let answer = "answer".repeat(100_000);
        let answering = async {
            server.write_all(answer.as_bytes()).await.unwrap();
            server.close().await.unwrap();
        };
        assert_eq!(zip(all(client), answering).await.0.unwrap(), answer);
    });
}

#[test]
fn a_server_may_end_first() {
    let (mut server, mut client) = Scene::new().connected();
    smol::block_on(async {
        server.write_all(b"greeting").await.unwrap();
        server.close().await.unwrap();
        let mut greeting = String::new();
        client.read_to_string(&mut greeting).await.unwrap();
        assert_eq!(greeting, "greeting");
        let later = "later".repeat(100_000);
        let sending = async {
            client.write_all(later.as_bytes()).await.unwrap();
            client.close().await.unwrap();
        };
        assert_eq!(zip(all(server), sending).await.0.unwrap(), later);
    });
}

#[test]
fn bytes_arrive_whole_however_they_are_written_and_read() {
    let (mut server, mut client) = Scene::new().connected();
    let sent: Vec<u8> = (0..4_000_000_u32).map(|it| (it / 3).to_le_bytes()[0]).collect();
    let sending = async {
        let mut rest = sent.as_slice();
        for size in [1, 1_000, 16_384, 40_000, 700_000].into_iter().cycle() {
            let piece = &rest[..size.min(rest.len())];
            client.write_all(piece).await.unwrap();
            rest = &rest[piece.len()..];
            if rest.is_empty() {
                break;
            }
        }
        client.close().await.unwrap();
    };
    let reading = async {
        let (mut came, mut buffer) = (Vec::new(), vec![0; 500_000]);
        for room in [1, 7, 5_000, 16_384, 65_536, 500_000].into_iter().cycle() {
            match server.read(&mut buffer[..room]).await.unwrap() {
                0 => break,
                read => came.extend_from_slice(&buffer[..read]),
            }
        }
        came
    };
    let (came, ()) = smol::block_on(zip(reading, sending));
    assert!(came == sent, "{} bytes came of {}", came.len(), sent.len());
}

#[test]
fn an_end_without_close_notify_is_an_error() {
    let (mut server, mut client) = Scene::new().connected();
    let side = client.peer_address().clone();
    let error = smol::block_on(async {
        server.write_all(b"half of it").await.unwrap();
        server.flush().await.unwrap();
        // A dropped connection sends no `close_notify`.
        drop(server);
        let mut text = Vec::new();
        let error = client.read_to_end(&mut text).await.unwrap_err();
        assert_eq!(text, b"half of it");
        error
    });
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    let error = client.error(Operation::Read, error);
    assert_eq!(error.blame(), Blame::Peer);
    assert!(
        error.to_string().ends_with(&format!(
            "cannot read from {side}: the connection was cut off \
             (it ended without `close_notify` of TLS)"
        )),
        "{error}"
    );
}

#[test]
fn a_client_learns_late_that_its_certificate_was_missing() {
    // In TLS 1.3, a client's handshake is complete before the server has checked its certificate.
    let mut scene = Scene::new();
    scene.accept.client_cas = scene.connect.trust_roots.clone();
    let (server, client) = scene.meet();
    assert_eq!(server.unwrap_err(), "it presented no certificate");
    let error = smol::block_on(all(client.unwrap())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it says `certificate required` (it requires a certificate from this side)"
    );
}

#[test]
fn tls_runs_inside_of_tls() {
    let scene = Scene::new();
    let (acceptor, connector) = (scene.acceptor(), scene.connector());
    let (server, client) = scene.connected();
    smol::block_on(async {
        let (server, client) = zip(accept(&acceptor, server), connect(&connector, client)).await;
        let (server, mut client) = (server.unwrap(), client.unwrap());
        let sending = async {
            client.write_all(&vec![b'x'; 200_000]).await.unwrap();
            client.close().await.unwrap();
        };
        assert_eq!(zip(all(server), sending).await.0.unwrap().len(), 200_000);
    });
}

#[test]
fn a_relay_forwards_a_truncation_after_the_data() {
    let scene = Scene::new();
    let (outside_server, mut outside) = scene.connected();
    let (inside_server, inside_client) = scene.connected();
    smol::block_on(async {
        let relaying = relay(outside_server, inside_client);
        let talking = async {
            outside.write_all(b"question").await.unwrap();
            outside.close().await.unwrap();
            let mut inside_server = inside_server;
            let mut question = String::new();
            inside_server.read_to_string(&mut question).await.unwrap();
            assert_eq!(question, "question");
            inside_server.write_all(b"answer").await.unwrap();
            inside_server.flush().await.unwrap();
            drop(inside_server);
            let mut answer = Vec::new();
            let end = outside.read_to_end(&mut answer).await;
            (answer, end)
        };
        let (relayed, (answer, end)) = zip(relaying, talking).await;
        assert!(relayed.unwrap_err().to_string().contains("cut off"));
        assert_eq!(answer, b"answer");
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_client_that_ends_without_close_notify_gets_its_answer() {
    let scene = Scene::new();
    let (acceptor, connector) = (scene.acceptor(), scene.connector());
    smol::block_on(async {
        let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listening.local_addr().unwrap()).unwrap();
        let below = stream.try_clone().unwrap();
        let connection = |stream: TcpStream| {
            let stream = crate::reactor::Async::new(stream).unwrap();
            let peer = Address::Tcp(([127, 0, 0, 1], 1).into());
            Connection::new("tcp:1", stream, Address::Stdio, peer)
        };
        let client = connection(stream);
        let server = connection(listening.accept().unwrap().0);
        let (server, client) = zip(accept(&acceptor, server), connect(&connector, client)).await;
        let (server, mut client) = (server.unwrap(), client.unwrap());
        let (mut target, onward) = plain().await;
        let talking = async {
            client.write_all(b"question").await.unwrap();
            client.flush().await.unwrap();
            below.shutdown(Shutdown::Write).unwrap();
            let mut question = [0; 8];
            target.read_exact(&mut question).await.unwrap();
            assert_eq!(&question, b"question");
            let answer = "answer".repeat(100_000);
            let answering = async {
                target.write_all(answer.as_bytes()).await.unwrap();
                target.close().await.unwrap();
                // No end of file has arrived, because a truncated request must not look complete.
                target.read(&mut [0]).await.unwrap_err().kind()
            };
            let (answered, end) = zip(all(client), answering).await;
            assert_eq!(answered.unwrap(), answer);
            assert_eq!(end, ErrorKind::ConnectionReset);
        };
        let (relayed, ()) = zip(relay(server, onward), talking).await;
        assert!(relayed.unwrap_err().to_string().contains("cut off"));
    });
}
