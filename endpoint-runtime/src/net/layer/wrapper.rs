//! Layers of the caller's own, put on any endpoint.

use std::future::Future;
use std::io;

use crate::error::{Doing, Problem};
use crate::net::Boxed;
use crate::net::connection::Connection;

/// A layer of one's own: what is done with a connection before it is handed out.
///
/// [`Server::wrapped`](crate::Server::wrapped) and [`Client::wrapped`](crate::Client::wrapped) put
/// it on an endpoint, above the layers that the description asks for. A wrapper greets the peer,
/// examines its identity, or puts a stream of its own on top ([`Connection::on_top`]). An error
/// costs this connection alone.
///
/// Functions from a connection to a future are wrappers.
///
/// Twisted: `wrapperFactory` of `twisted.internet.endpoints._WrapperEndpoint`, which is private
/// there.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::{Connection, client_from_string, server_from_string};
/// use smol::io::{AsyncReadExt, AsyncWriteExt};
///
/// async fn greet(mut connection: Connection) -> std::io::Result<Connection> {
///     connection.write_all(b"hello").await?;
///     Ok(connection)
/// }
///
/// # smol::block_on(async {
/// let server = server_from_string("tcp:0:interface=127.0.0.1")?.wrapped(greet);
/// let mut listener = server.listen().await?;
/// let port = listener.local_address().port().unwrap();
/// let client = client_from_string(&format!("tcp:127.0.0.1:{port}"))?;
/// let (ours, _theirs) = smol::future::zip(client.connect(), listener.accept()).await;
/// let mut greeting = [0; 5];
/// ours?.read_exact(&mut greeting).await?;
/// assert_eq!(&greeting, b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait Wrapper: Send + Sync {
    /// Does it, and hands on the connection or one made of it.
    fn wrap(&self, connection: Connection) -> Boxed<'_, io::Result<Connection>>;
}

impl<F, Done> Wrapper for F
where
    F: Fn(Connection) -> Done + Send + Sync,
    Done: Future<Output = io::Result<Connection>> + Send + 'static,
{
    fn wrap(&self, connection: Connection) -> Boxed<'_, io::Result<Connection>> {
        Box::pin(self(connection))
    }
}

/// Puts a layer of the caller's own on a connection.
pub(super) async fn wrap(
    wrapper: &dyn Wrapper,
    connection: Connection,
) -> Result<Connection, Problem> {
    let peer = connection.peer_address().clone();
    let done = wrapper.wrap(connection).await;
    done.map_err(|error| Problem::stream(peer, Doing::SetUp, error))
}
