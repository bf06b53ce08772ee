//! Defaults of options, which are those of Twisted if it has the option.

use std::time::Duration;

/// Twisted's default length of the queue of connections to accept.
///
/// See [`TcpListen`](crate::plan::TcpListen) for an example.
pub const DEFAULT_BACKLOG: i32 = 50;

/// Twisted's default time limit for connecting.
///
/// See [`TcpConnect`](crate::plan::TcpConnect) for an example.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The delay between attempts at the addresses of a host name, as RFC 8305 recommends.
///
/// See [`TcpConnect`](crate::plan::TcpConnect) for an example.
pub const DEFAULT_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Twisted's default permissions of a UNIX socket.
///
/// See [`UnixListen`](crate::plan::UnixListen) for an example.
pub const DEFAULT_MODE: u32 = 0o666;
