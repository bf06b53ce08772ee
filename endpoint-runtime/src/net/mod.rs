//! Plans at work on smol: sockets, the file system and standard input and output.
//!
//! Functions are named after the machine of `proto` that they drive; nothing else in here decides anything. What waits
//! for sockets and for time is in `reactor`; pipes, terminals and descriptors that were open already, signals and programs
//! wait with async-io.

#[cfg(not(unix))]
compile_error!(
    "the feature `net` needs a Unix system (build with `--no-default-features` for plans alone)"
);

mod abort;
mod accepting;
mod connection;
mod connector;
mod handover;
mod handshakes;
mod held;
mod inherited;
mod layers;
mod leaving;
mod listener;
mod lockfile;
mod plugin;
mod proxy;
mod race;
#[cfg(feature = "__tls")]
mod reload;
mod resolver;
mod retrying;
mod server;
mod shared;
mod socket;
mod source;
mod stdio;
mod stream;
mod tcp;
mod unix;
mod wrapper;

pub use self::connection::Connection;
#[cfg(feature = "__tls")]
pub(crate) use self::connector::within;
pub use self::connector::{Client, connect_protocol};
pub(crate) use self::handover::Successor;
pub use self::handover::{Predecessor, Share, Succession};
pub use self::handshakes::HandshakeLimits;
#[cfg(feature = "__tls")]
pub(crate) use self::leaving::Refused;
pub use self::listener::Listener;
pub use self::plugin::{Connect, Incoming, Listen};
#[cfg(feature = "__tls")]
pub use self::reload::{Reloaded, Reloader, Reloads, ShownCertificate};
pub use self::resolver::{Answers, Resolver, Resolving, SystemResolver};
pub use self::retrying::RetryingClient;
pub use self::server::Server;
pub(crate) use self::socket::Socket;
pub use self::wrapper::{Boxed, Wrapper};
