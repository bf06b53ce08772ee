//! The role of an endpoint: server or client.

use core::fmt;

/// The role of an endpoint: whether it listens or connects.
///
/// ```
/// use strports_syntax::Role;
/// assert_eq!(Role::Server.other(), Role::Client);
/// assert_eq!(Role::Client.to_string(), "client");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The endpoint listens for connections.
    Server,
    /// The endpoint connects to a server.
    Client,
}

impl Role {
    /// The opposite role: client for server, and server for client.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }

    /// The name of the role: `server` or `client`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
