//! Default values of arguments: those of Twisted, if it has the argument.

use std::time::Duration;

/// The default of `backlog`: how many connections may wait to be accepted, as in Twisted.
///
/// See [`TcpListen`](crate::plan::TcpListen) for an example.
pub const DEFAULT_BACKLOG: i32 = 50;

/// The default of `timeout`: the time limit for connecting, as in Twisted.
///
/// See [`TcpConnect`](crate::plan::TcpConnect) for an example.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The default delay before the next address of a host name is tried too, from RFC 8305.
///
/// See [`TcpConnect`](crate::plan::TcpConnect) for an example.
pub const DEFAULT_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The default of `mode`: the permissions of the file of a UNIX socket, as in Twisted.
///
/// See [`UnixListen`](crate::plan::UnixListen) for an example.
pub const DEFAULT_MODE: u32 = 0o666;
