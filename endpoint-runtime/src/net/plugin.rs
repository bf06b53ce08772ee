//! The interface of plugins: custom ways to listen and to connect.

use std::io;
use std::pin::Pin;

use smol::stream::Stream;

use super::Boxed;
use super::connection::Connection;
use crate::address::Address;

/// A server endpoint of a plugin.
///
/// See [`Registry`](crate::Registry) for an example.
///
/// Corresponds to Twisted's `IStreamServerEndpoint`.
pub trait Listen: Send + Sync {
    /// Starts to listen, and returns the stream of connections.
    ///
    /// # Errors
    ///
    /// Returns the reason why the plugin cannot listen.
    /// [`Server::listen`](crate::Server::listen) adds the description.
    ///
    /// # Cancellation
    ///
    /// Dropping the future or its result must release everything that it opened.
    fn listen(&self) -> Boxed<'_, io::Result<Incoming>>;
}

/// A client endpoint of a plugin.
///
/// See [`Registry`](crate::Registry) for an example.
///
/// Corresponds to Twisted's `IStreamClientEndpoint`.
pub trait Connect: Send + Sync {
    /// Opens a connection to the target of the endpoint.
    ///
    /// If the signature has a parameter `timeout`, the caller of this method enforces it as the
    /// time limit, in seconds.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no connection.
    /// [`Client::connect`](crate::Client::connect) adds the description.
    ///
    /// # Cancellation
    ///
    /// Dropping the future must release everything that it opened.
    fn connect(&self) -> Boxed<'_, io::Result<Connection>>;
}

/// The connections of a listening plugin.
///
/// See [`Registry`](crate::Registry) for an example.
pub struct Incoming {
    pub(super) local: Address,
    pub(super) connections: Pin<Box<dyn Stream<Item = io::Result<Connection>> + Send>>,
}

impl Incoming {
    /// Creates a value from the listening address and the stream of connections.
    ///
    /// The listener ends when the stream does. An error in the stream ends only one connection,
    /// unless the stream ends with it.
    pub fn new(
        local: Address,
        connections: impl Stream<Item = io::Result<Connection>> + Send + 'static,
    ) -> Self {
        Self { local, connections: Box::pin(connections) }
    }
}
