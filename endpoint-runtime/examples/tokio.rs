//! A server on tokio: echoes on any description until Ctrl-C.
//!
//! ```sh
//! cargo run -p endpoint-runtime --features tokio --example tokio -- unix:/run/echo.sock:mode=600
//! ```
//!
//! Tasks, signals and `select!` are those of tokio. Listening, accepting and connecting are those
//! of `endpoint-runtime`, whose connections implement the traits of tokio.

use std::future::Future;
use std::process::ExitCode;

use endpoint_runtime::{Connection, Error, Listener, Misuse, Problem, server_from_string};
use tokio::io::{AsyncWriteExt, copy, split};
use tokio::task::JoinSet;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tokio: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let description = std::env::args().nth(1).ok_or("usage: tokio SERVER")?;
    let listener = server_from_string(&description)?.listen().await?;
    for reach in listener.reaches() {
        eprintln!("listening on {reach}");
    }
    serve(listener, tokio::signal::ctrl_c()).await?;
    Ok(())
}

/// Echoes on each connection; after `stop`, or the last connection, waits for those that are open.
pub(crate) async fn serve(mut listener: Listener, stop: impl Future) -> Result<(), Error> {
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            // Where another branch is first, the dropped future loses no connection.
            accepted = listener.accept() => match accepted {
                Ok(connection) => drop(connections.spawn(echo(connection))),
                Err(error) if is_over(&error) => break,
                Err(error) => return Err(error),
            },
            Some(_) = connections.join_next() => {}
            _ = &mut stop => break,
        }
    }
    // Also removes the socket file.
    listener.close().await?;
    connections.join_all().await;
    Ok(())
}

/// Whether the listener has no more connections: `stdio` has one.
fn is_over(error: &Error) -> bool {
    matches!(error.problem(), Problem::Misuse(Misuse::NoMoreConnections))
}

async fn echo(connection: Connection) {
    let peer = connection.peer_address().clone();
    let (mut reader, mut writer) = split(connection);
    let echoed = async {
        copy(&mut reader, &mut writer).await?;
        writer.shutdown().await
    };
    if let Err(error) = echoed.await {
        eprintln!("{peer}: {error}");
    }
}
