//! tonic on any description: the standard health service, and a client for it.
//!
//! ```sh
//! cargo run --bin serve-tonic -- serve unix:/run/app.sock:mode=600
//! cargo run --bin serve-tonic -- check unix:/run/app.sock
//! ```
//!
//! Ctrl-C stops listening, lets requests finish and removes the socket file.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::process::ExitCode;
use std::task::{Context, Poll};

use endpoint_runtime::{Address, Connection, client_from_string, server_from_string};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::signal::unix::{SignalKind, signal};
use tokio_stream::StreamExt;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::server::{Connected, Server};
use tonic::transport::{Endpoint, Uri};
use tonic::{Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::service_fn;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("serve-tonic: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", server] => serve(server).await,
        ["check", client] => check(client).await,
        _ => Err("usage: serve-tonic serve SERVER, or serve-tonic check CLIENT".into()),
    }
}

async fn serve(description: &str) -> Result<()> {
    // Register before listening, so that no early signal kills the server.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = server_from_string(description)?.listen().await?;
    for reach in listener.reaches() {
        eprintln!("listening on {reach}");
    }
    let (_reporter, health) = tonic_health::server::health_reporter();
    let stopped = async {
        interrupt.recv().await;
    };
    Server::builder()
        .add_service(InterceptedService::new(health, log))
        .serve_with_incoming_shutdown(listener.map(|it| it.map(Io)), stopped)
        .await?;
    Ok(())
}

/// Logs the peer of each request, which tonic adds as an extension.
#[expect(clippy::unnecessary_wraps, reason = "an interceptor may refuse a request")]
fn log(request: Request<()>) -> std::result::Result<Request<()>, Status> {
    if let Some(Peer(address)) = request.extensions().get() {
        eprintln!("a request of {address}");
    }
    Ok(request)
}

/// Queries the health of a server.
async fn check(description: &str) -> Result<()> {
    let client = client_from_string(description)?;
    // The connector decides where to connect. The address here is for the header `:authority`.
    let channel = Endpoint::from_static("http://localhost")
        .connect_with_connector(service_fn(move |_: Uri| {
            let client = client.clone();
            async move { client.connect().await.map(TokioIo::new) }
        }))
        .await?;
    let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await?;
    println!("{}", answer.into_inner().status().as_str_name());
    Ok(())
}

/// The peer of a request's connection.
#[derive(Clone)]
struct Peer(Address);

/// A connection that implements tonic's `Connected`, which adds its peer to requests.
struct Io(Connection);

impl Connected for Io {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        Peer(self.0.peer_address().clone())
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
