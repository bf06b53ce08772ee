//! TLS on a client or a server that a program has already.

use crate::net::{Client, Server};
use crate::plan::{ClientLayer, ServerLayer};

/// Puts TLS on a client, above the layers that it has.
///
/// `tls` is a [`TlsConnect`](crate::plan::TlsConnect), of files or from memory, or a
/// [`TlsConnectWith`](crate::plan::TlsConnectWith), a configuration of the program's own. The time
/// limits of the client and of `tls` cover the handshake.
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
pub fn wrap_client_tls(client: Client, tls: impl Into<ClientLayer>) -> Client {
    client.layered(tls.into())
}

/// Puts TLS on the connections of a server, above the layers that it has.
///
/// `tls` is a [`TlsAccept`](crate::plan::TlsAccept), of files or from memory, or a
/// [`TlsAcceptWith`](crate::plan::TlsAcceptWith), a configuration of the program's own.
///
/// Twisted: `wrapServerTLS`; on any transport, as `TLSMemoryBIOFactory` is.
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
