//! The events that a relay service reports while it runs.
//!
//! The events of a connection, in this order:
//! 1. `Accepted`, or `Refused` and nothing more;
//! 2. any number of `TargetFailed` and `Retrying`;
//! 3. `Connected`, unless no target answered;
//! 4. `Ended`, always.

use core::fmt;
use std::time::Duration;

use endpoint_runtime::{Address, Connection, Error, Transferred};

use super::target::TargetName;

/// Receives the events of a relay service.
///
/// The task in which the event happens calls the observer, so it must not block: pass slow work to
/// a queue. Closures implement this trait.
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
    /// Called for each event.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// The number of an accepted connection, from 1, in the order of accepting.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    /// The id with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The id as a number, from 1.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event of a relay service.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A connection was accepted and admitted. Its handshakes are complete.
    Accepted {
        /// The id of the connection.
        id: ConnectionId,
        /// The connection, with its addresses, and facts from TLS and the PROXY header.
        connection: &'a Connection,
    },
    /// A connection was accepted and closed immediately.
    Refused {
        /// The id of the connection.
        id: ConnectionId,
        /// The connection, which is closed after this event.
        connection: &'a Connection,
        /// The rule that refused the connection.
        why: RefusalReason,
    },
    /// The limit of connections is reached: no more are accepted until one ends.
    Full {
        /// The maximum number of connections at once, from the settings.
        limit: usize,
    },
    /// A target could not be reached; others may be tried.
    TargetFailed {
        /// The id of the accepted connection.
        id: ConnectionId,
        /// The target that was tried.
        target: &'a TargetName,
        /// Why the attempt failed.
        error: &'a Error,
        /// The duration of the attempt.
        took: Duration,
    },
    /// No target could be reached; all are tried again after a pause.
    Retrying {
        /// The id of the accepted connection.
        id: ConnectionId,
        /// The duration of the pause.
        pause: Duration,
    },
    /// A target was reached, and copying begins.
    Connected {
        /// The id of the accepted connection.
        id: ConnectionId,
        /// The connection of the peer.
        connection: &'a Connection,
        /// The connection to the target.
        upstream: &'a Connection,
        /// The target that was reached.
        target: &'a TargetName,
        /// The duration of the successful attempt.
        took: Duration,
    },
    /// A connection has ended.
    Ended {
        /// The id of the connection.
        id: ConnectionId,
        /// The address of the accepted side.
        peer: &'a Address,
        /// The target, if one was reached.
        target: Option<&'a TargetName>,
        /// The address of the target, if one was reached.
        target_address: Option<&'a Address>,
        /// The number of delivered bytes: `a_to_b` to the target, `b_to_a` to the peer.
        transferred: Transferred,
        /// The time from accepting until the target was reached, or until the last attempt failed.
        connecting: Duration,
        /// The time from accepting to the end.
        lasted: Duration,
        /// The kind of end.
        end: &'a End,
    },
    /// A target does not answer. For a while, others are tried first.
    TargetDown {
        /// The target that is paused.
        target: &'a TargetName,
        /// How long other targets are preferred.
        pause: Duration,
    },
    /// A target that was down answers again.
    TargetUp {
        /// The target that answers.
        target: &'a TargetName,
    },
    /// No more connections are accepted; open ones have some time to end.
    Draining {
        /// The number of open connections.
        open: usize,
        /// The time limit for them; `None` means no limit.
        limit: Option<Duration>,
        /// What ended accepting.
        why: Stop,
    },
    /// A successor was started, to take over the listening sockets.
    HandoverStarted {
        /// The process id of the successor.
        pid: u32,
    },
    /// The successor did not become ready; this process continues.
    HandoverFailed {
        /// Why the successor did not become ready.
        error: &'a Error,
    },
}

/// Why a connection was refused.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The address is denied, or is not in the list of allowed ones.
    Denied,
    /// The limit of connections is reached.
    Full,
}

/// Why a service stops.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// The handle or a signal requested it.
    Requested,
    /// There was no connection for [`exit_idle`](super::RelaySettings::exit_idle).
    Unused,
    /// The number of connections in [`serve`](super::RelaySettings::serve) was reached.
    Served,
    /// The listener failed, so no more connections can arrive.
    Failed,
    /// A successor has taken over the listening sockets.
    HandedOver {
        /// The process id of the successor.
        pid: u32,
    },
}

/// How a connection ended.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Debug)]
#[non_exhaustive]
pub enum End {
    /// Both sides have ended.
    Closed,
    /// No target was reached; this is the last failure.
    NotConnected(Error),
    /// Reading or writing failed.
    Broken(Error),
    /// No byte was copied for this time.
    Idle(Duration),
    /// The connection reached its maximum age, which is this one.
    TooOld(Duration),
    /// The service stopped first.
    Stopped,
}

impl End {
    /// Whether the connection failed: no target was reached, or reading or writing failed.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::NotConnected(_) | Self::Broken(_))
    }

    /// A stable label for logs and counters.
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

    /// The error, if the connection failed.
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::NotConnected(error) | Self::Broken(error) => Some(error),
            _ => None,
        }
    }
}

impl RefusalReason {
    /// A stable label for logs and counters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Full => "full",
        }
    }
}
