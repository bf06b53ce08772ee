//! The events that a relay service reports while it runs.
//!
//! The life of a connection, in this order:
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
/// It is called by the task in which the event happens, so it must not block: slow work belongs
/// into a queue. Closures are observers.
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
    /// Is called for each event.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// The number of an accepted connection, from 1 in the order of accepting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    /// The connection of this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Something that happened in a relay service.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A connection was accepted and admitted; its handshakes are done.
    Accepted {
        /// Which one.
        id: ConnectionId,
        /// The connection, with its addresses and the facts of TLS and of a PROXY header.
        connection: &'a Connection,
    },
    /// A connection was accepted and closed at once.
    Refused {
        /// Which one.
        id: ConnectionId,
        /// The connection.
        connection: &'a Connection,
        /// Why it was refused.
        why: RefusalReason,
    },
    /// The limit of connections is reached: no more are accepted until one ends.
    Full {
        /// The limit.
        limit: usize,
    },
    /// A target could not be reached; others may be tried.
    TargetFailed {
        /// For which connection.
        id: ConnectionId,
        /// Which target.
        target: &'a TargetName,
        /// Why.
        error: &'a Error,
        /// How long it took to fail.
        took: Duration,
    },
    /// No target could be reached; all are tried again after a pause.
    Retrying {
        /// For which connection.
        id: ConnectionId,
        /// How long the pause is.
        pause: Duration,
    },
    /// A target was reached, and copying begins.
    Connected {
        /// Which connection.
        id: ConnectionId,
        /// The accepted connection.
        connection: &'a Connection,
        /// The connection to the target.
        onward: &'a Connection,
        /// Which target.
        target: &'a TargetName,
        /// How long that attempt took.
        took: Duration,
    },
    /// A connection is over.
    Ended {
        /// Which one.
        id: ConnectionId,
        /// The address of the accepted side.
        peer: &'a Address,
        /// Which target, where one was reached.
        target: Option<&'a TargetName>,
        /// The address at the target, where one was reached.
        target_address: Option<&'a Address>,
        /// How many bytes were delivered: `a_to_b` to the target, `b_to_a` to the peer.
        transferred: Transferred,
        /// The time from accepting until the target was reached, or until the last attempt failed.
        connecting: Duration,
        /// The time from accepting to the end.
        lasted: Duration,
        /// How it ended.
        end: &'a End,
    },
    /// A target does not answer: others are tried before it for a while.
    TargetDown {
        /// Which target.
        target: &'a TargetName,
        /// For how long.
        pause: Duration,
    },
    /// A target that was down answers again.
    TargetUp {
        /// Which target.
        target: &'a TargetName,
    },
    /// No more connections are accepted; open ones have some time to end.
    Draining {
        /// How many are open.
        open: usize,
        /// How long they have; `None` is without limit.
        limit: Option<Duration>,
        /// Why.
        why: Stop,
    },
    /// A successor was started that is to take the listening sockets over.
    HandoverStarted {
        /// Its process number.
        pid: u32,
    },
    /// The successor did not become ready; this process continues.
    HandoverFailed {
        /// Why.
        error: &'a Error,
    },
}

/// Why a connection was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// Its address is denied, or not among the allowed ones.
    Denied,
    /// The limit of connections is reached.
    Full,
}

/// Why a service stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// On request.
    Asked,
    /// There was no connection for [`exit_idle`](super::RelaySettings::exit_idle).
    Unused,
    /// It has accepted as many connections as [`serve`](super::RelaySettings::serve) says.
    Served,
    /// The listener failed.
    Failed,
    /// A successor has taken its listening sockets over.
    HandedOver {
        /// The process number of the successor.
        pid: u32,
    },
}

/// How a connection ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum End {
    /// Both sides have ended.
    Closed,
    /// No target was reached; this is the last failure.
    NotConnected(Error),
    /// Reading or writing failed.
    Broken(Error),
    /// No byte moved for this time.
    Idle(Duration),
    /// It was open for this time, the longest allowed.
    TooOld(Duration),
    /// The service stopped before it was over.
    Stopped,
}

impl End {
    /// Whether it failed: no target was reached, or reading or writing failed.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::NotConnected(_) | Self::Broken(_))
    }

    /// A stable word for it, for logs and counters.
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

    /// The error, if it failed.
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::NotConnected(error) | Self::Broken(error) => Some(error),
            _ => None,
        }
    }
}

impl RefusalReason {
    /// A stable word for it, for logs and counters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Full => "full",
        }
    }
}
