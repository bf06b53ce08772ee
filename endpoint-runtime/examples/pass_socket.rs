//! Passes listening sockets from one process to another, over a UNIX connection.
//!
//! ```sh
//! cargo run -p endpoint-runtime --example pass_socket -- \
//!     give unix:/run/sockets 127.0.0.1:8080 /run/web.socket
//! cargo run -p endpoint-runtime --example pass_socket -- take unix:/run/sockets
//! ```
//!
//! The first program opens the sockets, and gives them to the first process that connects. The
//! second serves them: each client gets its line back in capitals.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use endpoint_runtime::{Connection, Listener, Server, client_from_string, server_from_string};
use smol::Executor;
use smol::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use smol::stream::StreamExt;

/// How many sockets may wait to be taken.
const MOST: usize = 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let executor = Executor::new();
    smol::block_on(executor.run(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["give", server, ref addresses @ ..] => give(server, addresses).await,
            ["take", client] => take(client, &executor).await,
            _ => Err("usage: pass_socket give SERVER ADDRESS… | take CLIENT".into()),
        }
    }))
}

async fn give(server: &str, addresses: &[&str]) -> Result<(), Box<dyn std::error::Error>> {
    let mut listener = server_from_string(server)?.listen().await?;
    eprintln!("waiting on {}", listener.local_address());
    let mut connection = listener.accept().await?;
    for address in addresses {
        connection.send_descriptor(open(address)?)?;
        // A descriptor travels with a byte.
        connection.write_all(b"x").await?;
    }
    connection.close().await?;
    // The other process closes its end when it has received all sockets.
    connection.read(&mut [0]).await?;
    Ok(listener.close().await?)
}

/// A socket that this program opens by other means than a description.
fn open(address: &str) -> io::Result<OwnedFd> {
    if address.starts_with('/') {
        UnixListener::bind(address).map(OwnedFd::from)
    } else {
        TcpListener::bind(address).map(OwnedFd::from)
    }
}

async fn take(client: &str, executor: &Executor<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let mut connection = client_from_string(client)?.connect().await?;
    connection.keep_descriptors(MOST)?;
    while connection.read(&mut [0]).await? > 0 {}
    let mut serving = Vec::new();
    while let Some(descriptor) = connection.take_descriptor() {
        match Server::from_listener(descriptor) {
            Ok(server) => {
                let listener = server.listen().await?;
                println!("listening on {}", listener.local_address());
                serving.push(executor.spawn(serve(listener)));
            }
            Err(error) => println!("refused: {error}"),
        }
    }
    drop(connection);
    for task in serving {
        task.await;
    }
    Ok(())
}

async fn serve(mut listener: Listener) {
    while let Some(Ok(connection)) = listener.next().await {
        // A client that goes away costs its own connection alone.
        let _ = answer(connection).await;
    }
}

/// Answers one line in capitals.
async fn answer(connection: Connection) -> io::Result<()> {
    let (mut line, mut connection) = (String::new(), BufReader::new(connection));
    connection.read_line(&mut line).await?;
    let connection = connection.get_mut();
    connection.write_all(line.to_uppercase().as_bytes()).await?;
    connection.close().await
}
