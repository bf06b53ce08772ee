//! Tests of connections and listeners on tokio, through tokio's traits and its example.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "the program's own `main`")]
#[path = "../examples/tokio.rs"]
mod example;
#[cfg(feature = "__tls")]
#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::future::pending;
use std::io::{self, IoSlice};
use std::os::unix::fs::PermissionsExt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use endpoint_runtime::{
    Address, Boxed, Connection, Incoming, Listen, Listener, Registry, client_from_string,
    server_from_string,
};
use strports_syntax::{Role, Signature};
use support::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::oneshot;

async fn listen(description: &str) -> Listener {
    server_from_string(description).unwrap().listen().await.unwrap()
}

/// Sends data to an echo server, shuts down the write side, and compares the echo.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let text = "hello ".repeat(50_000);
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    let saying = async {
        writer.write_all(text.as_bytes()).await.unwrap();
        writer.shutdown().await.unwrap();
    };
    let mut echo = String::new();
    let ((), read) = tokio::join!(saying, reader.read_to_string(&mut echo));
    read.unwrap();
    assert!(echo == text, "the echo differs");
}

/// Runs the example's server for `description` while `talk` runs with its client.
async fn served<F: Future<Output = ()>>(description: &str, talk: impl FnOnce(String) -> F) {
    let listener = listen(description).await;
    let client = listener.client_endpoint().unwrap().to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    let talking = async {
        talk(client).await;
        stop.send(()).unwrap();
    };
    let (served, ()) = tokio::join!(example::serve(listener, stopped), talking);
    served.unwrap();
}

/// Connects by this description, and compares data with its echo.
async fn talk_by(client: String) {
    talk(client_from_string(&client).unwrap().connect().await.unwrap()).await;
}

#[tokio::test]
async fn the_example_echoes_over_tcp() {
    served("tcp:0:interface=127.0.0.1", talk_by).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_echoes_on_several_threads() {
    served("tcp:0:interface=127.0.0.1", |client| async move {
        let talks: Vec<_> = (0..20).map(|_| tokio::spawn(talk_by(client.clone()))).collect();
        for talk in talks {
            talk.await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn the_example_makes_a_socket_file_with_its_mode_and_removes_it() {
    let dir = TempDir::new();
    let path = dir.path("echo.sock");
    served(&format!("unix:{}:mode=600", dir.text("echo.sock")), async |_| {
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        talk(UnixStream::connect(&path).await.unwrap()).await;
    })
    .await;
    assert!(!path.exists());
}

#[tokio::test]
async fn the_example_makes_no_file_for_an_abstract_name() {
    let dir = TempDir::new();
    let path = dir.path("echo.sock");
    served(&format!("unix:{}:abstract=1:mode=600", dir.text("echo.sock")), async |client| {
        assert!(!path.exists());
        assert!(client.ends_with(":abstract=1"), "{client}");
        talk_by(client).await;
    })
    .await;
}

#[tokio::test]
#[cfg(feature = "__tls")]
async fn the_example_echoes_through_tls() {
    let dir = TempDir::new();
    let authority = pki::Authority::new("Test CA");
    std::fs::write(dir.path("root.pem"), &authority.pem).unwrap();
    std::fs::write(dir.path("server.pem"), authority.issue("127.0.0.1").both()).unwrap();
    let server = format!("ssl:0:interface=127.0.0.1:privateKey={}", dir.text("server.pem"));
    served(&server, async |client| {
        let port = client.split(':').nth(2).unwrap();
        talk_by(format!("tls:127.0.0.1:{port}:trustRoots={}", dir.text("root.pem"))).await;
    })
    .await;
}

/// A plugin whose listener has a single connection, like that of `stdio`.
struct Once(Mutex<Option<Connection>>);

impl Listen for Once {
    fn listen(&self) -> Boxed<'_, io::Result<Incoming>> {
        let connection = self.0.lock().unwrap().take().unwrap();
        Box::pin(async { Ok(Incoming::new(Address::Stdio, smol::stream::once(Ok(connection)))) })
    }
}

#[tokio::test]
async fn the_example_ends_with_the_last_connection() {
    static ONCE: Signature = Signature::plugin(Role::Server, "once", "one connection", &[]);
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let theirs = Mutex::new(Some(Connection::from_stream(theirs).unwrap()));
    let registry = Registry::new()
        .with_server(&ONCE, move |_| Ok(Arc::new(Once(Mutex::new(theirs.lock().unwrap().take())))))
        .unwrap();
    let listener = registry.server_from_string("once").unwrap().listen().await.unwrap();
    let talking = talk(Connection::from_stream(ours).unwrap());
    let (served, ()) = tokio::join!(example::serve(listener, pending::<()>()), talking);
    served.unwrap();
}

/// A stream that is always ready, so that a task which uses it never has to wait.
struct Endless;

impl smol::io::AsyncRead for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        buf.fill(b'x');
        Poll::Ready(Ok(buf.len()))
    }
}

impl smol::io::AsyncWrite for Endless {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn endless() -> Connection {
    Connection::new("endless:1", Endless, Address::Stdio, Address::Stdio)
}

/// Many more operations than tokio lets a task do before it must yield, which is 128.
const MANY: usize = 100_000;

#[tokio::test]
async fn a_peer_that_always_has_more_to_say_does_not_keep_other_tasks_waiting() {
    let task = tokio::spawn(async {
        let mut connection = endless();
        for _ in 0..MANY {
            connection.read_exact(&mut [0; 8]).await.unwrap();
        }
    });
    tokio::task::yield_now().await;
    assert!(!task.is_finished());
    task.await.unwrap();
}

#[tokio::test]
async fn a_peer_that_always_takes_more_does_not_keep_other_tasks_waiting() {
    for vectored in [false, true] {
        let task = tokio::spawn(async move {
            let mut connection = endless();
            for _ in 0..MANY {
                let written = if vectored {
                    connection.write_vectored(&[IoSlice::new(b"x")]).await
                } else {
                    connection.write(b"x").await
                };
                assert_eq!(written.unwrap(), 1);
            }
        });
        tokio::task::yield_now().await;
        assert!(!task.is_finished());
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_read_fills_the_buffer_behind_what_is_in_it() {
    let mut connection = endless();
    let mut bytes = vec![b'a'; 2];
    bytes.reserve_exact(6);
    connection.read_buf(&mut bytes).await.unwrap();
    assert!(bytes.starts_with(b"aaxxxxxx"), "{bytes:?}");
}

#[tokio::test]
async fn sockets_write_several_buffers_at_once_and_layers_of_the_program_do_not() {
    let mut listener = listen("tcp:0:interface=127.0.0.1").await;
    let address = listener.local_address().as_tcp().unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (mut client, mut connection) = (client.unwrap(), accepted.unwrap());
    assert!(connection.is_write_vectored());
    assert!(!endless().is_write_vectored());

    let written = connection.write_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b"c")]).await;
    assert_eq!(written.unwrap(), 3);
    let mut text = [0; 3];
    client.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"abc");
}

#[tokio::test]
async fn shutting_down_ends_the_write_side_alone() {
    let mut listener = listen("tcp:0:interface=127.0.0.1").await;
    let address = listener.local_address().as_tcp().unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (mut client, mut connection) = (client.unwrap(), accepted.unwrap());
    connection.shutdown().await.unwrap();
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    client.write_all(b"x").await.unwrap();
    let mut byte = [0];
    connection.read_exact(&mut byte).await.unwrap();
    assert_eq!(&byte, b"x");
}

#[tokio::test]
async fn a_future_that_is_dropped_loses_neither_a_connection_nor_a_byte() {
    let mut listener = listen("tcp:0:interface=127.0.0.1").await;
    let address = listener.local_address().as_tcp().unwrap();
    tokio::select! {
        biased;
        _ = listener.accept() => unreachable!("no client has connected"),
        () = async {} => {}
    }
    let mut client = TcpStream::connect(address).await.unwrap();
    let mut connection = listener.accept().await.unwrap();
    let mut byte = [0];
    tokio::select! {
        biased;
        _ = connection.read(&mut byte) => unreachable!("nothing was sent"),
        () = async {} => {}
    }
    client.write_all(b"x").await.unwrap();
    connection.read_exact(&mut byte).await.unwrap();
    assert_eq!(&byte, b"x");
}
