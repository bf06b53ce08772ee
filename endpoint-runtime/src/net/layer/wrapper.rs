//! The trait of layers that the program adds to the connections of an endpoint.

use std::future::Future;
use std::io;

use crate::error::{Operation, Problem};
use crate::net::Boxed;
use crate::net::connection::Connection;

/// A layer of the caller, which processes a connection before the caller receives it.
///
/// [`Server::wrapped`](crate::Server::wrapped) and [`Client::wrapped`](crate::Client::wrapped) add
/// it above the layers of the description. A wrapper can greet the peer, check its identity, or add
/// a stream on top ([`Connection::on_top`]). An error ends only this connection.
///
/// Functions from a connection to a future implement this trait.
///
/// Corresponds to `wrapperFactory` of `twisted.internet.endpoints._WrapperEndpoint`, which is
/// private in Twisted.
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
    /// Processes the connection, and returns it or a connection made from it.
    ///
    /// # Errors
    ///
    /// An error ends the connection: a listener continues with the next one, and connecting fails.
    ///
    /// # Cancellation
    ///
    /// The future is dropped at the time limit of the handshakes, and when its caller is dropped.
    /// Dropping it must close the connection.
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

/// Applies a wrapper to a connection; its error is reported with the peer's address.
pub(super) async fn wrap(
    wrapper: &dyn Wrapper,
    connection: Connection,
) -> Result<Connection, Problem> {
    let peer = connection.peer_address().clone();
    let done = wrapper.wrap(connection).await;
    done.map_err(|error| Problem::stream(peer, Operation::SetUp, error))
}
