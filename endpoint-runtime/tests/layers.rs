//! Tests of layers that the program defines (`wrapped`), with limits in number and time.
//!
//! Layers are set up concurrently, and the failure of one affects no other connection.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{self, ErrorKind};
use std::time::Duration;

use endpoint_runtime::{
    Address, Blame, Client, Connection, HandshakeLimits, Listener, Server, client_from_string,
    server_from_string,
};
use smol::future::{poll_once, zip};
use smol::io::{AsyncReadExt, AsyncWriteExt, Cursor};

/// A layer that accepts connections whose first bytes are `hi`, and rejects others.
async fn expect_hi(mut connection: Connection) -> io::Result<Connection> {
    let mut word = [0; 2];
    connection.read_exact(&mut word).await?;
    if &word == b"hi" {
        Ok(connection)
    } else {
        Err(io::Error::new(ErrorKind::InvalidData, "no greeting"))
    }
}

/// A server with the layer [`expect_hi`].
fn polite() -> Server {
    server_from_string("tcp:0:interface=127.0.0.1").unwrap().wrapped(expect_hi)
}

async fn listen(server: &Server) -> (Listener, Client) {
    let listener = server.listen().await.unwrap();
    let port = listener.local_address().port().unwrap();
    (listener, client_from_string(&format!("tcp:127.0.0.1:{port}")).unwrap())
}

/// Waits until the other side has closed the connection.
async fn closed(mut connection: Connection) {
    let mut byte = [0];
    match connection.read(&mut byte).await {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[test]
fn a_silent_connection_delays_no_other() {
    smol::block_on(async {
        let (mut listener, client) = listen(&polite()).await;
        let mut silent = client.connect().await.unwrap();
        let mut polite = client.connect().await.unwrap();
        polite.write_all(b"hi there").await.unwrap();

        let mut accepted = listener.accept().await.unwrap();
        assert_eq!(accepted.peer_address(), polite.local_address());
        let mut rest = [0; 6];
        accepted.read_exact(&mut rest).await.unwrap();
        assert_eq!(&rest, b" there");

        silent.write_all(b"hi").await.unwrap();
        let late = listener.accept().await.unwrap();
        assert_eq!(late.peer_address(), silent.local_address());
    });
}

#[test]
fn a_refused_connection_affects_no_other() {
    smol::block_on(async {
        let (mut listener, client) = listen(&polite()).await;
        let mut rude = client.connect().await.unwrap();
        rude.write_all(b"no").await.unwrap();
        let mut polite = client.connect().await.unwrap();
        polite.write_all(b"hi").await.unwrap();
        let (accepted, ()) = zip(listener.accept(), closed(rude)).await;
        assert_eq!(accepted.unwrap().peer_address(), polite.local_address());
    });
}

#[test]
fn the_oldest_handshake_is_evicted() {
    smol::block_on(async {
        let mut limits = HandshakeLimits::default();
        limits.at_once = 2;
        let (mut listener, client) = listen(&polite().handshakes(limits)).await;
        let mut silent = Vec::new();
        for _ in 0..3 {
            silent.push(client.connect().await.unwrap());
        }
        let mut polite = client.connect().await.unwrap();
        polite.write_all(b"hi").await.unwrap();
        assert_eq!(
            listener.accept().await.unwrap().peer_address(),
            polite.local_address(),
            "four came, the limit is two, and the last of them is served"
        );
        let last = silent.pop().unwrap();
        for given_up in silent {
            zip(closed(given_up), poll_once(listener.accept())).await;
        }
        let mut last = last;
        last.write_all(b"hi").await.unwrap();
        assert_eq!(listener.accept().await.unwrap().peer_address(), last.local_address());
    });
}

#[test]
fn a_handshake_has_a_time_limit() {
    smol::block_on(async {
        let mut limits = HandshakeLimits::default();
        limits.time = Duration::from_millis(1);
        let (mut listener, client) = listen(&polite().handshakes(limits)).await;
        let silent = client.connect().await.unwrap();
        let accepting = async {
            listener.accept().await.unwrap();
            unreachable!("no client sends data");
        };
        smol::future::or(closed(silent), accepting).await;
    });
}

#[test]
fn a_closed_listener_drops_its_handshakes() {
    smol::block_on(async {
        let (mut listener, client) = listen(&polite()).await;
        let silent = client.connect().await.unwrap();
        assert!(poll_once(listener.accept()).await.is_none());
        listener.close().await.unwrap();
        closed(silent).await;
    });
}

#[test]
fn a_layer_of_a_client_is_within_its_time_limit_and_its_errors_name_the_peer() {
    smol::block_on(async {
        let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
        let (_listener, client) = listen(&server).await;
        let failing = client.clone().wrapped(async |_| Err(ErrorKind::ConnectionReset.into()));
        let error = failing.connect().await.unwrap_err();
        assert_eq!(error.blame(), Blame::Peer);
        let port = client.endpoint().rsplit(':').next().unwrap();
        assert_eq!(
            error.to_string(),
            format!(
                "`tcp:127.0.0.1:{port}`: cannot set up the connection with 127.0.0.1:{port}: \
                 connection reset"
            )
        );

        let slow = format!("{}:timeout=1", client.endpoint());
        let waiting =
            client_from_string(&slow).unwrap().wrapped(async |mut connection: Connection| {
                connection.read_exact(&mut [0]).await?;
                Ok(connection)
            });
        let error = waiting.connect().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{slow}`: no handshake with 127.0.0.1:{port} within 1 second")
        );
    });
}

#[test]
fn unread_data_is_returned_first() {
    smol::block_on(async {
        let stream = Cursor::new(b"defg".to_vec());
        let mut connection = Connection::new("test", stream, Address::Stdio, Address::Stdio);
        connection.unread(b"c");
        connection.unread(b"");
        connection.unread(b"ab");
        let mut two = [0; 2];
        connection.read_exact(&mut two).await.unwrap();
        assert_eq!(&two, b"ab");
        connection.unread(b"AB");
        let mut all = String::new();
        connection.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "ABcdefg");
    });
}

#[test]
fn a_layer_on_top_keeps_the_addresses_and_passes_half_close_on() {
    smol::block_on(async {
        let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
        let (mut listener, client) = listen(&server).await;
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        let (ours, mut theirs) = (ours.unwrap(), theirs.unwrap());
        let local = ours.local_address().clone();
        let mut ours = ours.on_top(|below| below);
        assert_eq!(ours.local_address(), &local);
        assert_eq!(ours.endpoint(), client.endpoint());
        ours.write_all(b"x").await.unwrap();
        ours.close().await.unwrap();
        let mut all = Vec::new();
        theirs.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"x");
    });
}
