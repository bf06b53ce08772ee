//! Uses TLS with certificates and keys in memory, for example from a vault.
//!
//! ```sh
//! cargo run -p endpoint-runtime --example tls_from_memory -- \
//!     server tcp:8443 identity.pem [clients.pem]
//! cargo run -p endpoint-runtime --example tls_from_memory -- \
//!     client tcp:127.0.0.1:8443 localhost roots.pem [identity.pem]
//! ```
//!
//! With `OWN_CONFIG` in the environment, it makes the configurations of rustls itself. The server
//! answers one line in capitals; the client sends `question` and prints the answer.

use std::error::Error;
use std::io;
use std::sync::Arc;

use endpoint_runtime::plan::{
    ClientLayer, Host, ServerLayer, TlsAccept, TlsAcceptWith, TlsConnect, TlsConnectWith,
    TlsKeyPair,
};
use endpoint_runtime::rustls::crypto::aws_lc_rs::default_provider;
use endpoint_runtime::rustls::pki_types::pem::PemObject;
use endpoint_runtime::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use endpoint_runtime::rustls::server::WebPkiClientVerifier;
use endpoint_runtime::rustls::{ClientConfig, RootCertStore, ServerConfig};
use endpoint_runtime::{
    Connection, client_from_string, server_from_string, wrap_client_tls, wrap_server_tls,
};
use smol::Executor;
use smol::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use smol::stream::StreamExt;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let executor = Executor::new();
    smol::block_on(executor.run(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["server", description, identity] => {
                serve(description, accepting(identity, None)?, &executor).await
            }
            ["server", description, identity, clients] => {
                serve(description, accepting(identity, Some(clients))?, &executor).await
            }
            ["client", description, name, roots] => {
                ask(description, connecting(name, roots, None)?).await
            }
            ["client", description, name, roots, identity] => {
                ask(description, connecting(name, roots, Some(identity))?).await
            }
            _ => Err("usage: tls_from_memory server DESCRIPTION IDENTITY [CLIENTS] | \
                      client DESCRIPTION NAME ROOTS [IDENTITY]"
                .into()),
        }
    }))
}

async fn serve(
    description: &str,
    tls: ServerLayer,
    executor: &Executor<'_>,
) -> Result<(), Box<dyn Error>> {
    let server = wrap_server_tls(server_from_string(description)?, tls);
    let mut listener = server.listen().await?;
    println!("listening on {}", listener.local_address());
    while let Some(accepted) = listener.next().await {
        match accepted {
            Ok(connection) => executor.spawn(answer(connection)).detach(),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}

async fn answer(connection: Connection) -> io::Result<()> {
    let (mut line, mut connection) = (String::new(), BufReader::new(connection));
    connection.read_line(&mut line).await?;
    let connection = connection.get_mut();
    connection.write_all(line.to_uppercase().as_bytes()).await?;
    connection.close().await
}

async fn ask(description: &str, tls: ClientLayer) -> Result<(), Box<dyn Error>> {
    let client = wrap_client_tls(client_from_string(description)?, tls);
    let mut connection = client.connect().await?;
    connection.write_all(b"question\n").await?;
    connection.flush().await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    print!("{answer}");
    Ok(())
}

fn accepting(identity: &str, clients: Option<&str>) -> Result<ServerLayer, Box<dyn Error>> {
    let (chain, key) = (certificates(identity)?, PrivateKeyDer::from_pem_file(identity)?);
    if !has_own_config() {
        let mut tls = TlsAccept::new(TlsKeyPair::new(chain, key));
        tls.client_cas = clients.map(certificates).transpose()?.map(Into::into);
        return Ok(tls.into());
    }
    let provider = Arc::new(default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let config = match clients {
        None => config.with_no_client_auth(),
        Some(clients) => {
            let roots = Arc::new(store(clients)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build()?;
            config.with_client_cert_verifier(verifier)
        }
    };
    Ok(TlsAcceptWith::new(config.with_single_cert(chain, key)?).into())
}

fn connecting(
    name: &str,
    roots: &str,
    identity: Option<&str>,
) -> Result<ClientLayer, Box<dyn Error>> {
    let name = Host::parse(name);
    if !has_own_config() {
        let mut tls = TlsConnect::new(name);
        tls.trust_roots = Some(certificates(roots)?.into());
        tls.identity = identity.map(key_pair).transpose()?.map(Into::into);
        return Ok(tls.into());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store(roots)?);
    let config = match identity {
        None => config.with_no_client_auth(),
        Some(identity) => config.with_client_auth_cert(
            certificates(identity)?,
            PrivateKeyDer::from_pem_file(identity)?,
        )?,
    };
    Ok(TlsConnectWith::new(name, config).into())
}

fn has_own_config() -> bool {
    std::env::var_os("OWN_CONFIG").is_some()
}

fn key_pair(path: &str) -> Result<TlsKeyPair, Box<dyn Error>> {
    Ok(TlsKeyPair::new(certificates(path)?, PrivateKeyDer::from_pem_file(path)?))
}

fn certificates(path: &str) -> Result<Vec<CertificateDer<'static>>, Box<dyn Error>> {
    Ok(CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?)
}

fn store(path: &str) -> Result<RootCertStore, Box<dyn Error>> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        store.add(certificate)?;
    }
    Ok(store)
}
