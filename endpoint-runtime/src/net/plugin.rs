//! What plugins do: listen and connect in ways of their own.

use std::io;
use std::pin::Pin;

use smol::stream::Stream;

use super::Boxed;
use super::connection::Connection;
use crate::address::Address;

/// A server endpoint of a plugin.
///
/// Twisted: `IStreamServerEndpoint`.
pub trait Listen: Send + Sync {
    /// Starts to listen. Dropping the future has to leave nothing behind, and so has dropping what
    /// it gives.
    fn listen(&self) -> Boxed<'_, io::Result<Incoming>>;
}

/// A client endpoint of a plugin.
///
/// Twisted: `IStreamClientEndpoint`.
pub trait Connect: Send + Sync {
    /// Makes a connection. Dropping the future has to leave nothing behind.
    ///
    /// Where the signature has a parameter `timeout`, its seconds are the time limit, which the
    /// caller of this method enforces.
    fn connect(&self) -> Boxed<'_, io::Result<Connection>>;
}

/// The connections of a plugin that listens.
pub struct Incoming {
    pub(super) local: Address,
    pub(super) connections: Pin<Box<dyn Stream<Item = io::Result<Connection>> + Send>>,
}

impl Incoming {
    /// The address that it listens on, and the stream of its connections. The listener ends when
    /// the stream does.
    ///
    /// An error in the stream costs one connection, unless the stream ends with it.
    pub fn new(
        local: Address,
        connections: impl Stream<Item = io::Result<Connection>> + Send + 'static,
    ) -> Self {
        Self { local, connections: Box::pin(connections) }
    }
}
