//! TLS by rustls, with one provider of cryptography, chosen when this is built.
//!
//! A server shows one certificate ([`plan::TlsIdentity`](crate::plan::TlsIdentity)) or those of a [`directory`]; either is read
//! again ([`reload`]) when its files change ([`watch`]).
//!
//! Connected means verified: no function here gives a connection whose handshake is not done, and none of them can be
//! told to leave the verification out.

mod authorities;
mod certificate;
mod client;
mod directory;
mod facts;
mod handshake;
mod keylog;
mod machine;
mod pem;
mod reload;
mod server;
mod stream;
#[cfg(test)]
mod tests;
mod verify;
mod watch;
mod words;

use std::sync::{Arc, OnceLock};

use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};

pub(crate) use self::client::{Connector, check_names, to_ascii};
pub use self::facts::{TlsFacts, TlsHandshake, TlsProtocol};
pub use self::keylog::KeyLog;
pub use self::machine::ThisMachine;
pub(crate) use self::reload::State;
pub(crate) use self::server::Acceptor;
pub(crate) use self::stream::TlsStream;
use crate::error::TlsFileProblem;
use crate::net::{Client, Server};
use crate::plan::{ClientLayer, ServerLayer, TlsAccept, TlsConnect, TlsVersions};

#[cfg(not(any(feature = "tls", feature = "ring")))]
compile_error!("TLS needs somebody to do the cryptography (feature `tls` or `ring`)");

/// Puts TLS on a client, above the layers that it has.
///
/// The time limits of the client and of `tls` cover the handshake.
///
/// Twisted: `wrapClientTLS`, with `optionsForClientTLS` for what `tls` holds.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::plan::{Host, TlsConnect};
/// use endpoint_runtime::{client_from_string, wrap_client_tls};
///
/// # async fn example() -> Result<(), endpoint_runtime::Error> {
/// let tunnel = client_from_string("process:ssh:gate:-W:mail.internal\\:993")?;
/// let client = wrap_client_tls(tunnel, TlsConnect::new(Host::parse("mail.internal")));
/// let connection = client.connect().await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn wrap_client_tls(client: Client, tls: TlsConnect) -> Client {
    client.layered(ClientLayer::Tls(tls))
}

/// Puts TLS on the connections of a server, above the layers that it has.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::plan::{TlsAccept, TlsIdentity};
/// use endpoint_runtime::{server_from_string, wrap_server_tls};
///
/// # async fn example() -> Result<(), endpoint_runtime::Error> {
/// let server = server_from_string("unix:/run/app.sock")?;
/// let tls = TlsAccept::new(TlsIdentity::new("cert.pem").with_key("key.pem"));
/// let listener = wrap_server_tls(server, tls).listen().await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn wrap_server_tls(server: Server, tls: TlsAccept) -> Server {
    server.layered(ServerLayer::Tls(tls))
}

/// Who does the cryptography. It is ours alone: what a program chooses for itself changes nothing here.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let make = || {
        #[cfg(feature = "tls")]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "tls"))]
        let provider = rustls::crypto::ring::default_provider();
        Arc::new(provider)
    };
    Arc::clone(PROVIDER.get_or_init(make))
}

fn versions(versions: TlsVersions) -> &'static [&'static SupportedProtocolVersion] {
    static ALL: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
    match versions {
        TlsVersions::All => &ALL,
        TlsVersions::Tls12 => &ALL[1..],
        TlsVersions::Tls13 => &ALL[..1],
    }
}

/// Says what was wrong with files that others stand in for.
fn left_out(problems: &[TlsFileProblem]) {
    for problem in problems {
        tracing::warn!("{problem} (it is left out)");
    }
}

/// What does not go together, in the words of the library.
fn unusable(error: impl std::fmt::Display) -> TlsFileProblem {
    TlsFileProblem::Unusable { said: error.to_string() }
}
