//! axum on any description; the handler returns the properties of its connection.
//!
//! ```sh
//! cargo run --bin serve-axum -- unix:/run/app.sock:mode=660
//! cargo run --bin serve-axum -- tls:/etc/certs:8443:alpn=h2,http/1.1
//! ```
//!
//! Ctrl-C stops listening, lets requests finish and removes the socket file.

use std::error::Error;
use std::fmt::{self, Write};
use std::future::pending;
use std::io;
use std::process::ExitCode;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::connect_info::Connected;
use axum::routing::get;
use axum::serve::IncomingStream;
use endpoint_runtime::{Address, Connection, Listener, ProxyHeader, TlsFacts, server_from_string};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("serve-axum: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let description = std::env::args().nth(1).ok_or("usage: serve-axum SERVER")?;
    // Register before listening, so that no early signal kills the server.
    let interrupt = signal(SignalKind::interrupt())?;
    let listener = server_from_string(&description)?.listen().await?;
    for reach in listener.reaches() {
        eprintln!("listening on {reach}");
    }
    let (endpoint, failed) = Endpoint::new(listener);
    let app = Router::new().route("/", get(facts));
    axum::serve(endpoint, app.into_make_service_with_connect_info::<Facts>())
        .with_graceful_shutdown(stopped(interrupt, failed))
        .await?;
    Ok(())
}

async fn facts(ConnectInfo(facts): ConnectInfo<Facts>) -> String {
    facts.to_string()
}

/// Waits for Ctrl-C, or for the end of the listener.
async fn stopped(mut interrupt: Signal, failed: oneshot::Receiver<endpoint_runtime::Error>) {
    tokio::select! {
        _ = interrupt.recv() => {}
        Ok(error) = failed => eprintln!("{error}"),
    }
}

/// Implements axum's `Listener` for a listener of `endpoint-runtime`.
struct Endpoint {
    listener: Listener,
    failed: Option<oneshot::Sender<endpoint_runtime::Error>>,
}

impl Endpoint {
    /// The second value is the error that ends the listener, if one does.
    fn new(listener: Listener) -> (Self, oneshot::Receiver<endpoint_runtime::Error>) {
        let (failed, receiver) = oneshot::channel();
        (Self { listener, failed: Some(failed) }, receiver)
    }
}

impl axum::serve::Listener for Endpoint {
    type Io = Connection;
    type Addr = Address;

    /// The listener itself retries temporary errors such as too many open files. An error here is
    /// permanent.
    async fn accept(&mut self) -> (Connection, Address) {
        match self.listener.accept().await {
            Ok(connection) => {
                let peer = connection.peer_address().clone();
                (connection, peer)
            }
            Err(error) => {
                if let Some(failed) = self.failed.take() {
                    // Without a receiver, the server has already stopped.
                    let _ = failed.send(error);
                }
                pending().await
            }
        }
    }

    fn local_addr(&self) -> io::Result<Address> {
        Ok(self.listener.local_address().clone())
    }
}

/// The properties of a connection that handlers can extract.
#[derive(Clone, Debug)]
struct Facts {
    /// The address of the client; with a PROXY header, the address in it.
    peer: Address,
    proxy: Option<ProxyHeader>,
    tls: Option<TlsFacts>,
}

impl Connected<IncomingStream<'_, Endpoint>> for Facts {
    fn connect_info(stream: IncomingStream<'_, Endpoint>) -> Self {
        let connection = stream.io();
        Self {
            peer: connection.peer_address().clone(),
            proxy: connection.proxy().cloned(),
            tls: connection.tls().cloned(),
        }
    }
}

/// Prints one property per line.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "peer {}", self.peer)?;
        if let Some(proxy) = &self.proxy {
            writeln!(f, "proxy header {}", proxy.version())?;
        }
        if let Some(tls) = &self.tls {
            write!(f, "{}", tls.protocol())?;
            if let Some(name) = tls.server_name() {
                write!(f, ", server name {name}")?;
            }
            if let Some(protocol) = tls.alpn() {
                write!(f, ", protocol {}", protocol.escape_ascii())?;
            }
            if let Some(client) = tls.peer_name() {
                write!(f, ", client {client}")?;
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}
