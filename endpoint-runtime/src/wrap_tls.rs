//! Adds TLS to existing clients and servers.

use crate::net::{Client, Server};
use crate::plan::{ClientLayer, ServerLayer};

/// Adds TLS to a client, above its layers.
///
/// `tls` is a [`TlsConnect`](crate::plan::TlsConnect) with files or certificates from memory, or a
/// [`TlsConnectWith`](crate::plan::TlsConnectWith) with a configuration of the program. The time
/// limits of the client and of `tls` apply to the handshake.
///
/// Corresponds to Twisted's `wrapClientTLS`, where `optionsForClientTLS` has the place of `tls`.
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
pub fn wrap_client_tls(client: Client, tls: impl Into<ClientLayer>) -> Client {
    client.layered(tls.into())
}

/// Adds TLS to the connections of a server, above its layers.
///
/// `tls` is a [`TlsAccept`](crate::plan::TlsAccept) with files or certificates from memory, or a
/// [`TlsAcceptWith`](crate::plan::TlsAcceptWith) with a configuration of the program.
///
/// Corresponds to Twisted's `wrapServerTLS`, on any transport like `TLSMemoryBIOFactory`.
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
pub fn wrap_server_tls(server: Server, tls: impl Into<ServerLayer>) -> Server {
    server.layered(tls.into())
}
