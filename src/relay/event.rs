//! The events that a relay service reports while it runs.
//!
//! Each connection reports these events, in this order:
//! 1. `Accepted`, or `Refused` and nothing more;
//! 2. any number of `TargetFailed` and `Retrying`;
//! 3. `Connected`, unless no target answered;
//! 4. `Ended`, always.

use core::fmt;
use std::time::Duration;

use endpoint_runtime::{Address, Connection, Error, Transferred};

use super::target::TargetName;

/// Receives the events of a relay service, for example to log or count them.
///
/// The observer is called in the task that reports the event, so it must not block. Pass slow work
/// to a queue. Closures implement this trait.
///
/// # Examples
///
/// ```
/// use strports::relay::{Event, Observer};
///
/// fn observer() -> impl Observer {
///     |event: &Event<'_>| {
///         if let Event::Ended { id, transferred, .. } = event {
///             println!("connection {id}: {} bytes in", transferred.a_to_b);
///         }
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// Called once for each event, in the order of the events of each connection.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// The number of a connection: 1 for the first that was accepted, 2 for the second, and so on.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    /// Creates the id with this number, for tests of observers.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number of the connection, from 1.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What has just happened in a relay service. Fields borrow from the service.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A connection was accepted and admitted. Its TLS handshake and PROXY header are complete.
    Accepted {
        /// The id of the accepted connection.
        id: ConnectionId,
        /// The connection, with its addresses, and what TLS and the PROXY header say about the
        /// peer.
        connection: &'a Connection,
    },
    /// A connection was accepted and closed at once, because a rule refuses it.
    Refused {
        /// The id of the refused connection.
        id: ConnectionId,
        /// The refused connection, which is closed after this event.
        connection: &'a Connection,
        /// Why the connection was refused.
        why: RefusalReason,
    },
    /// The connection limit is reached: no more are accepted until an open one ends.
    Full {
        /// The maximum number of open connections, from the settings.
        limit: usize,
    },
    /// One attempt to reach a target failed. Other targets may be tried next.
    TargetFailed {
        /// The id of the accepted connection.
        id: ConnectionId,
        /// The target that could not be reached.
        target: &'a TargetName,
        /// Why the attempt failed.
        error: &'a Error,
        /// How long the attempt took.
        took: Duration,
    },
    /// No target could be reached, so all are tried again after a pause.
    Retrying {
        /// The id of the accepted connection.
        id: ConnectionId,
        /// How long the service waits before it tries again.
        pause: Duration,
    },
    /// A target was reached, and the relay begins to copy bytes.
    Connected {
        /// The id of the accepted connection.
        id: ConnectionId,
        /// The connection that was accepted from the peer.
        connection: &'a Connection,
        /// The connection to the target.
        upstream: &'a Connection,
        /// The target that was reached.
        target: &'a TargetName,
        /// How long the successful attempt took.
        took: Duration,
    },
    /// A connection that was accepted has ended; this is its last event.
    Ended {
        /// The id of the connection that has ended.
        id: ConnectionId,
        /// The address of the peer that connected to the service.
        peer: &'a Address,
        /// The target that the connection was joined to; `None` if none was reached.
        target: Option<&'a TargetName>,
        /// The address of that target; `None` if none was reached.
        target_address: Option<&'a Address>,
        /// The number of bytes that were delivered: `a_to_b` to the target, `b_to_a` to the peer.
        transferred: Transferred,
        /// The time from accepting until the target was reached, or until the last attempt failed.
        connecting: Duration,
        /// The time from accepting the connection to its end.
        lasted: Duration,
        /// How the connection ended.
        end: &'a End,
    },
    /// A target does not answer. For a pause, other targets are tried before it.
    TargetDown {
        /// The target that does not answer.
        target: &'a TargetName,
        /// For how long other targets are tried before this one.
        pause: Duration,
    },
    /// A target that was down has answered, and is tried as usual again.
    TargetUp {
        /// The target that has answered.
        target: &'a TargetName,
    },
    /// The service accepts no more connections; open ones have some time to end.
    Draining {
        /// How many connections are open when draining begins.
        open: usize,
        /// How long open connections may continue; `None` means no limit.
        limit: Option<Duration>,
        /// Why the service stopped accepting.
        why: Stop,
    },
    /// A successor process was started, to take over the listening sockets.
    HandoverStarted {
        /// The process id of the successor that was started.
        pid: u32,
    },
    /// A successor could not be started or did not become ready; this process continues to serve.
    HandoverFailed {
        /// Why the successor could not be started or did not become ready.
        error: &'a Error,
    },
}

/// Why the service has refused a connection.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The peer's address is denied, or is outside the allowed networks.
    Denied,
    /// The limit of open connections is reached.
    Full,
}

/// Why a service stopped accepting connections.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// The [handle](super::RelayHandle) or a signal requested it.
    Requested,
    /// No connection was open for the time in [`exit_idle`](super::RelaySettings::exit_idle).
    Unused,
    /// As many connections were served as [`serve`](super::RelaySettings::serve) requests.
    Served,
    /// The listener failed permanently, so no more connections can arrive.
    Failed,
    /// A successor has taken over the listening sockets.
    HandedOver {
        /// The process id of the successor that has taken over.
        pid: u32,
    },
}

/// How a connection has ended.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Debug)]
#[non_exhaustive]
pub enum End {
    /// Both sides have closed their connections, without an error.
    Closed,
    /// No target was reached; the error is that of the last attempt.
    NotConnected(Error),
    /// Reading from or writing to one side failed.
    Broken(Error),
    /// No byte was copied in either direction for this time, the limit.
    Idle(Duration),
    /// The connection was open for this time, the limit.
    TooOld(Duration),
    /// The service stopped, and its time for draining ended before the connection.
    Stopped,
}

impl End {
    /// Whether the connection failed: no target was reached, or reading or writing failed.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::NotConnected(_) | Self::Broken(_))
    }

    /// A stable word for this end, for logs and counters.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::NotConnected(_) => "not-connected",
            Self::Broken(_) => "broken",
            Self::Idle(_) => "idle",
            Self::TooOld(_) => "too-old",
            Self::Stopped => "stopped",
        }
    }

    /// The error if the connection failed, and `None` for other ends.
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::NotConnected(error) | Self::Broken(error) => Some(error),
            _ => None,
        }
    }
}

impl RefusalReason {
    /// A stable word for this reason, for logs and counters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Full => "full",
        }
    }
}
