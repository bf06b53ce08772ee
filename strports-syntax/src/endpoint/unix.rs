//! `unix`: UNIX sockets at a path, or with an abstract name.

use super::field::fields;
use crate::Text;
use crate::signature::{client, server};
use crate::value::{Backlog, Flag, Mode, Seconds};

/// Listens on a UNIX socket at a path, or with an abstract name.
///
/// ```
/// use strports_syntax::{UnixServer, value::Mode};
/// let mode = Mode::new(0o660).unwrap();
/// let endpoint = UnixServer::new("/run/app.sock").mode(mode);
/// assert_eq!(endpoint.to_string(), "unix:/run/app.sock:mode=660");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct UnixServer<'a> {
    /// The path of the socket, which need not be UTF-8, or its abstract name.
    pub address: Text<'a>,
    /// The permissions of the socket; octal 666 by default, so every user may connect.
    pub mode: Mode<'a>,
    /// How many connections may wait to be accepted; 50 by default.
    pub backlog: Backlog<'a>,
    /// Whether to hold a lock file beside the socket, as proof that the server runs. It lets the
    /// next server remove a stale socket. On by default.
    pub lockfile: Flag<'a>,
    /// Whether the address is an abstract name of Linux instead of a path; off by default. An
    /// extension to Twisted.
    pub abstract_name: Flag<'a>,
    /// The user that owns the socket, by name or number; `None` means that of the process. An
    /// extension to Twisted.
    pub user: Option<Text<'a>>,
    /// The group of the socket, by name or number; `None` means that of the process. An extension
    /// to Twisted.
    pub group: Option<Text<'a>>,
}

impl<'a> UnixServer<'a> {
    /// Listens at `address` with mode 666 and a lock file, the defaults of Twisted.
    pub fn new(address: impl Into<Text<'a>>) -> Self {
        Self {
            address: address.into(),
            mode: Mode::EVERYONE,
            backlog: Backlog::new(50),
            lockfile: Flag::new(true),
            abstract_name: Flag::new(false),
            user: None,
            group: None,
        }
    }
}

fields!(
    UnixServer = server::UNIX {
        address: "address",
        mode: "mode" as Mode<'a>,
        backlog: "backlog" as Backlog<'a>,
        lockfile: "lockfile" as Flag<'a>,
        abstract_name: "abstract" as Flag<'a>,
        user: "user" as Text<'a>,
        group: "group" as Text<'a>,
    }
);

/// Connects to a UNIX socket at a path, or with an abstract name.
///
/// ```
/// use strports_syntax::UnixClient;
/// assert_eq!(UnixClient::new("/run/a=b").to_string(), r"unix:/run/a\=b");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct UnixClient<'a> {
    /// The path of the socket, which need not be UTF-8, or its abstract name.
    pub path: Text<'a>,
    /// Whether connecting fails if no running server holds the lock file of the socket; off by
    /// default.
    pub lockfile: Flag<'a>,
    /// The timeout of a connection attempt, in seconds; 30 by default.
    pub timeout: Seconds<'a>,
    /// Whether the path is an abstract name of Linux instead of a path; off by default. An
    /// extension to Twisted.
    pub abstract_name: Flag<'a>,
}

impl<'a> UnixClient<'a> {
    /// Connects to the socket at `path`.
    pub fn new(path: impl Into<Text<'a>>) -> Self {
        Self {
            path: path.into(),
            lockfile: Flag::new(false),
            timeout: Seconds::new(30),
            abstract_name: Flag::new(false),
        }
    }
}

fields!(
    UnixClient = client::UNIX {
        path: "path",
        lockfile: "lockfile" as Flag<'a>,
        timeout: "timeout" as Seconds<'a>,
        abstract_name: "abstract" as Flag<'a>,
    }
);
