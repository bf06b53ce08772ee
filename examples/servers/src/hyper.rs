//! hyper on any description, HTTP/1.1 and HTTP/2.
//!
//! ```sh
//! cargo run --bin serve-hyper -- tcp:8080:interface=127.0.0.1
//! ```
//!
//! Ctrl-C stops listening, lets requests finish and removes the socket file.

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;

use endpoint_runtime::server_from_string;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("serve-hyper: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let description = std::env::args().nth(1).ok_or("usage: serve-hyper SERVER")?;
    // Register before listening, so that no early signal kills the server.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut listener = server_from_string(&description)?.listen().await?;
    for reach in listener.reaches() {
        eprintln!("listening on {reach}");
    }
    let (builder, connections) = (Builder::new(TokioExecutor::new()), GracefulShutdown::new());
    loop {
        let connection = tokio::select! {
            // The listener retries temporary errors, so an error here is permanent.
            accepted = listener.accept() => match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    eprintln!("{error}");
                    break;
                }
            },
            _ = interrupt.recv() => break,
        };
        let peer = connection.peer_address().to_string();
        let service = service_fn(move |request| answer(request, peer.clone()));
        let serving = builder.serve_connection(TokioIo::new(connection), service).into_owned();
        let serving = connections.watch(serving);
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                eprintln!("{error}");
            }
        });
    }
    listener.close().await?;
    connections.shutdown().await;
    Ok(())
}

#[expect(clippy::unused_async, reason = "a real handler awaits")]
async fn answer(request: Request<Incoming>, peer: String) -> Result<Response<String>, Infallible> {
    Ok(Response::new(format!("{} for {peer}\n", request.uri().path())))
}
