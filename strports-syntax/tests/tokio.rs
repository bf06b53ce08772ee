//! The example for another runtime listens and echoes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

#[allow(dead_code, unreachable_pub, reason = "the program's own `main`")]
#[path = "../examples/tokio.rs"]
mod example;

async fn talk(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin) {
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "hello");
}

#[tokio::test]
async fn echoes_over_tcp_and_tcp6() {
    for (text, host) in
        [("tcp:0:interface=127.0.0.1", "127.0.0.1"), (r"tcp6:0:interface=\:\:1", "::1")]
    {
        let listener = example::listen(text).unwrap();
        let example::Listener::Tcp(tcp) = &listener else { panic!("{text}") };
        let port = tcp.local_addr().unwrap().port();
        let client = async { talk(TcpStream::connect((host, port)).await.unwrap()).await };
        let (served, ()) = tokio::join!(example::echo(&listener), client);
        assert_eq!(served.unwrap(), 5);
    }
}

#[tokio::test]
async fn echoes_over_unix() {
    let path = std::env::temp_dir().join(format!("strports-tokio-{}.sock", std::process::id()));
    let listener = example::listen(&format!("unix:{}", path.display())).unwrap();
    let client = async { talk(UnixStream::connect(&path).await.unwrap()).await };
    let (served, ()) = tokio::join!(example::echo(&listener), client);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(served.unwrap(), 5);
}

#[tokio::test]
async fn says_what_it_does_not_run() {
    let error = example::listen("systemd:INET:name=web").err().unwrap();
    assert_eq!(error.to_string(), "`systemd` is none of `tcp`, `tcp6`, `unix`");
    let error = example::listen("tcp:http").err().unwrap();
    let expected = "expected an integer for `port`, but found `http` (perhaps write `80`)";
    assert_eq!(error.to_string(), expected);
}
