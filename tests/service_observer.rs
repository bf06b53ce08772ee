//! A relay whose observer blocks the thread with its own connection: both are served.

#![cfg(feature = "relay")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use smol::io::{AsyncReadExt, AsyncWriteExt};
use strports::relay::{Event, RelayService, RelaySettings};
use strports::runtime::{Client, block_on, client_from_string, server_from_string};

/// A server that answers each message on its own threads, and a client for it.
fn answering(answer: &'static [u8]) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                while let Ok(1..) = stream.read(&mut [0; 64]) {
                    stream.write_all(answer).unwrap();
                }
            });
        }
    });
    client_from_string(&format!("tcp:127.0.0.1:{port}")).unwrap()
}

#[test]
fn an_observer_that_blocks_delays_its_relay_only() {
    let (target, collector) = (answering(b"answer"), answering(b"ok"));
    let collected = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&collected);
    let (tell, told) = mpsc::channel();
    let run = async move {
        let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
        let server = server.listen().await.unwrap();
        tell.send(server.local_address().port().unwrap()).unwrap();
        let mut settings = RelaySettings::default();
        settings.serve = Some(3);
        let service =
            RelayService::new(server, [target], settings).observed_by(move |event: &Event<'_>| {
                if let Event::Accepted { .. } = event {
                    smol::block_on(async {
                        let mut connection = collector.connect().await.unwrap();
                        connection.write_all(b"one").await.unwrap();
                        connection.read_exact(&mut [0; 2]).await.unwrap();
                    });
                    counting.fetch_add(1, Ordering::SeqCst);
                }
            });
        service.run().await.unwrap();
    };
    let asking = thread::spawn(move || {
        let port = told.recv().unwrap();
        for _ in 0..3 {
            let mut answer = [0; 6];
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"question").unwrap();
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"answer");
        }
    });
    block_on(run);
    asking.join().unwrap();
    assert_eq!(collected.load(Ordering::SeqCst), 3);
}
