//! Executes plans on smol: sockets, the file system, standard input and output.
//!
//! From the bottom up: `transport` carries bytes, `connection` adds addresses, `layer` adds TLS,
//! PROXY headers and wrappers, `listener` accepts, and `client` and `server` are on top. A function
//! that drives a state machine of `proto` is named after it (`drive_race`); the machine makes the
//! decisions.
//!
//! Sockets and timers use `reactor`. Pipes, terminals, inherited descriptors, signals and programs
//! use async-io.

#[cfg(not(unix))]
compile_error!(
    "the feature `net` needs a Unix system (build with `--no-default-features` for plans alone)"
);

mod client;
mod connection;
mod handover;
mod layer;
mod listener;
mod look_ups;
mod plugin;
mod probing;
mod reach;
mod resolver;
mod retrying;
mod server;
mod service;
mod transport;

use std::future::Future;
use std::pin::Pin;

pub use self::client::{Client, connect_protocol};
pub(crate) use self::connection::Socket;
#[cfg(feature = "__tls")]
pub(crate) use self::connection::Tls;
pub use self::connection::{Connection, OriginalConnection, PeerState};
pub use self::handover::{
    OpenCountReceiver, OpenCountSender, Predecessor, Share, Succession, Successor,
};
#[cfg(feature = "__tls")]
pub(crate) use self::layer::error::LayerError;
pub use self::layer::handshakes::HandshakeLimits;
#[cfg(feature = "__tls")]
pub use self::layer::reloader::Reloader;
pub use self::layer::wrapper::Wrapper;
pub use self::listener::Listener;
pub use self::plugin::{Connect, Incoming, Listen};
pub(crate) use self::probing::{
    ReadyServerLayers, look_listener, look_passed, look_unix, try_bind,
};
pub use self::reach::{ClientNeed, Reach};
pub use self::resolver::{Answers, Resolver, Resolving, SystemResolver};
pub use self::retrying::RetryingClient;
pub use self::server::Server;
pub use self::service::{ClientService, NotConnected};

/// A boxed future that is `Send`, as the traits of this crate return it.
///
/// See [`Registry`](crate::Registry) for an example.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
