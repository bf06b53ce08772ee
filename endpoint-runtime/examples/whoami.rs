//! Sends each client its address, and the facts of its PROXY header and TLS session.
//!
//! ```sh
//! cargo run -p endpoint-runtime --example whoami -- haproxy:tcp:8080:proxyTrusted=10.0.0.0/8
//! ```
//!
//! Each connection gets an answer with one fact per line after it has sent something, because
//! clients behind TLS balancers send first.

use std::fmt::Write;

use endpoint_runtime::proto::proxy::{Command, Header, Ssl};
use endpoint_runtime::{Connection, server_from_string};
use smol::Executor;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::stream::StreamExt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let description = std::env::args().nth(1).ok_or("usage: whoami SERVER")?;
    let executor = Executor::new();
    smol::block_on(executor.run(async {
        let mut listener = server_from_string(&description)?.listen().await?;
        for reach in listener.reaches() {
            eprintln!("listening on {reach}");
        }
        while let Some(connection) = listener.next().await {
            executor.spawn(answer(connection?)).detach();
        }
        Ok(())
    }))
}

async fn answer(mut connection: Connection) {
    let mut facts =
        format!("peer {}\nlocal {}\n", connection.peer_address(), connection.local_address());
    if let Some(header) = connection.proxy() {
        add_header(&mut facts, header);
    }
    #[cfg(any(feature = "tls", feature = "ring"))]
    if let Some(tls) = connection.tls() {
        add_tls(&mut facts, tls);
    }
    let mut first = [0; 1];
    // A client that is gone needs no answer.
    if let Ok(1) = connection.read(&mut first).await {
        let _ = connection.write_all(facts.as_bytes()).await;
        let _ = connection.close().await;
    }
}

fn add_header(facts: &mut String, header: &Header) {
    let command = match header.command() {
        Command::Local => "local",
        Command::Proxy => "proxy",
    };
    add(facts, "version", Some(header.version()));
    add(facts, "command", Some(command));
    add(facts, "checksum", header.has_checksum().then_some("verified"));
    add(facts, "alpn", header.alpn().map(<[u8]>::escape_ascii));
    add(facts, "authority", header.authority());
    add(facts, "unique-id", header.unique_id().map(<[u8]>::escape_ascii));
    add(facts, "namespace", header.network_namespace());
    if let Some(ssl) = header.ssl() {
        add_ssl(facts, ssl);
    }
}

fn add_ssl(facts: &mut String, ssl: Ssl<'_>) {
    add(facts, "tls", ssl.version());
    add(facts, "cipher", ssl.cipher());
    add(facts, "key", ssl.key_algorithm());
    add(facts, "signature", ssl.signature_algorithm());
    add(facts, "client", ssl.common_name());
    add(facts, "client-verified", ssl.is_verified().then_some("yes"));
}

#[cfg(any(feature = "tls", feature = "ring"))]
fn add_tls(facts: &mut String, tls: &endpoint_runtime::TlsFacts) {
    add(facts, "tls-protocol", Some(tls.protocol()));
    add(facts, "tls-cipher", Some(tls.cipher()));
    add(facts, "tls-group", tls.group());
    add(facts, "tls-server-name", tls.server_name());
    add(facts, "tls-alpn", tls.alpn().map(<[u8]>::escape_ascii));
    add(facts, "tls-certificates", Some(tls.peer_certificates().len()));
    let is_resumed = tls.handshake() == endpoint_runtime::TlsHandshake::Resumed;
    add(facts, "tls-resumed", Some(if is_resumed { "yes" } else { "no" }));
}

fn add(facts: &mut String, name: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        // The value may be hostile, so it must not start a new line.
        let value = value.to_string().escape_debug().to_string();
        // Writing to a string does not fail.
        let _ = writeln!(facts, "{name} {value}");
    }
}
