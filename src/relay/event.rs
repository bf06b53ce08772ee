//! What a relay service reports while it runs: one event for whatever an operator may want to know.
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

/// Takes the events of a relay service.
///
/// It is called where the event happens, between two pieces of work, so it must not block: what takes time belongs
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
    /// Takes note of an event.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// An accepted connection, counted from 1 in the order in which they came.
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
    /// A connection was accepted and let in; all layers are on it.
    Accepted {
        /// Which one.
        id: ConnectionId,
        /// The connection, with its addresses and what TLS and a PROXY header said.
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
    /// As many connections are open as may be: no more are accepted until one ends.
    Full {
        /// How many may be open.
        limit: usize,
    },
    /// A target could not be reached; others may follow.
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
    /// No target could be reached, and all are tried again after a pause.
    Retrying {
        /// For which connection.
        id: ConnectionId,
        /// How long the pause is.
        pause: Duration,
    },
    /// A target was reached; from now on bytes move.
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
        /// How long it took from accepting until the target was reached, or until that was given up.
        connecting: Duration,
        /// How long it was there, from accepting to its end.
        lasted: Duration,
        /// How it ended.
        end: &'a End,
    },
    /// A target is not answering: others come before it for a while.
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
    /// No more connections are accepted; those that are open have some time left.
    Draining {
        /// How many are open.
        open: usize,
        /// How long they have; `None` where they may take as long as they want.
        limit: Option<Duration>,
        /// Why.
        why: Stop,
    },
    /// A process was started that is to take the listening sockets over.
    HandoverStarted {
        /// Its number.
        pid: u32,
    },
    /// That process did not become ready, and this one goes on.
    HandoverFailed {
        /// Why.
        error: &'a Error,
    },
}

/// Why a connection was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// Its address is one of those that are denied, or none of those that are allowed.
    Denied,
    /// As many connections are open as may be.
    Full,
}

/// Why a service stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// It was asked to.
    Asked,
    /// There was no connection for as long as it was to wait for one.
    Unused,
    /// The connections that it was to serve have been accepted.
    Served,
    /// The listener failed for good.
    Failed,
    /// Another process has taken its listening sockets over.
    HandedOver {
        /// The number of that process.
        pid: u32,
    },
}

/// How a connection ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum End {
    /// Both sides have sent their ends.
    Closed,
    /// No target was reached; this is the last failure.
    NotConnected(Error),
    /// It broke.
    Broken(Error),
    /// No byte moved for as long as that may be.
    Idle(Duration),
    /// It was there for as long as one may be.
    TooOld(Duration),
    /// The service stopped before it was over.
    Stopped,
}

impl End {
    /// Whether somebody ought to look into it: anything but an end from both sides.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::NotConnected(_) | Self::Broken(_))
    }

    /// A word for it that does not change: for logs and counters.
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

    /// What went wrong, where something did.
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::NotConnected(error) | Self::Broken(error) => Some(error),
            _ => None,
        }
    }
}

impl RefusalReason {
    /// A word for it that does not change: for logs and counters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Full => "full",
        }
    }
}
