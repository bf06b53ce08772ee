//! TLS on a client or a server that a program has already.

use crate::net::{Client, Server};
use crate::plan::{ClientLayer, ServerLayer, TlsAccept, TlsConnect};

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
