//! Tests of peers that use another protocol, are slow, disconnect, or violate TLS.

use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// The message of a server about a client that sends these bytes and then closes.
#[track_caller]
fn server_says(sent: &[u8]) -> String {
    let acceptor = Scene::new().acceptor();
    smol::block_on(async {
        let (server, mut client) = plain().await;
        client.write_all(sent).await.unwrap();
        client.close().await.unwrap();
        accept(&acceptor, server).await.unwrap_err()
    })
}

/// The message of a client about a server that answers with these bytes and then closes.
#[track_caller]
fn client_says(sent: &[u8]) -> String {
    let connector = Scene::new().connector();
    smol::block_on(async {
        let (mut server, client) = plain().await;
        let answering = async {
            let mut hello = [0; 5];
            server.read_exact(&mut hello).await.unwrap();
            assert_eq!(hello[0], 22, "a handshake record");
            server.write_all(sent).await.unwrap();
            server.close().await.unwrap();
            let mut rest = Vec::new();
            // Reads all further bytes of the client, because a reset would discard the answer.
            let _ = server.read_to_end(&mut rest).await;
        };
        zip(connect(&connector, client), answering).await.0.unwrap_err()
    })
}

#[test]
fn other_protocols_are_recognized() {
    assert_eq!(
        server_says(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        r"it does not speak TLS, but sent `GET / HTTP/1.1\r\nHost: a\r\n\r\n`"
    );
    assert_eq!(server_says(b"hi"), "it does not speak TLS, but sent `hi`");
    assert_eq!(
        server_says(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n\x16\x03"),
        "it does not speak TLS, but sent `PROXY TCP4 192.0.2.1 192.0.2.2 1` \
         (to read a PROXY header before TLS, add `endpoint=haproxy\\:…`)"
    );
    assert_eq!(
        client_says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        r"it does not speak TLS, but sent `HTTP/1.1 400 Bad Request\r\n\r\n`"
    );
    assert_eq!(client_says(b"220 mail\r\n"), r"it does not speak TLS, but sent `220 mail\r\n`");
}

#[test]
fn a_disconnect_differs_from_silence() {
    let silent = "it ended the connection without an answer (does it speak TLS there?)";
    let middle = "it ended the connection in the middle of the handshake";
    assert_eq!(client_says(b""), silent);
    assert_eq!(server_says(b"\x16\x03\x01\x02\x00\x01"), middle);
    assert_eq!(client_says(b"\x16\x03\x03\x00\x7a\x02"), middle);
}

#[test]
fn protocol_violations_are_answered_with_an_alert() {
    assert_eq!(
        server_says(b"\x16\x03\x01\xff\xff\x01"),
        "it sent a record above the maximum length of TLS"
    );
    assert_eq!(client_says(b"\x15\x03\x03\x00\x02\x02\x28"), "it says `handshake failure`");
}

#[test]
fn a_hello_may_come_in_single_bytes() {
    let scene = Scene::new();
    let (acceptor, connector) = (scene.acceptor(), scene.connector());
    smol::block_on(async {
        let ((server, between_server), (between_client, client)) = zip(plain(), plain()).await;
        let mut between = (between_client, between_server);
        let slowly = async {
            let (mut back, mut forth) = ([0; 1], [0; 16 * 1024]);
            loop {
                let (from_client, from_server) =
                    (between.0.read(&mut back), between.1.read(&mut forth));
                let client_spoke = async { (true, from_client.await.unwrap()) };
                let server_spoke = async { (false, from_server.await.unwrap()) };
                match smol::future::or(client_spoke, server_spoke).await {
                    (_, 0) => break,
                    (true, _) => {
                        between.1.write_all(&back).await.unwrap();
                    }
                    (false, read) => between.0.write_all(&forth[..read]).await.unwrap(),
                }
            }
        };
        let handshakes = async {
            let (server, client) =
                zip(accept(&acceptor, server), connect(&connector, client)).await;
            assert!(server.is_ok() && client.is_ok());
        };
        zip(Box::pin(handshakes), Box::pin(slowly)).await;
    });
}

#[test]
fn a_silent_server_has_a_time_limit() {
    let mut scene = Scene::new();
    scene.connect.timeout = std::time::Duration::from_millis(1);
    let connector = scene.connector();
    smol::block_on(async {
        let (_server, client) = plain().await;
        assert_eq!(
            connect(&connector, client).await.unwrap_err(),
            "no handshake with it within 0.001 seconds"
        );
    });
}
