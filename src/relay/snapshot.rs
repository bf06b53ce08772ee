//! The counters of a relay service, as they were at one moment.

use std::time::Duration;

use endpoint_runtime::Transferred;

use super::target::TargetName;

/// The counters of a relay service, as they were at one moment.
///
/// Counters start at zero with the service and only grow, except `connecting` and `open`, which are
/// gauges. Every admitted connection is `connecting`, `open` or `ended`.
///
/// See [`RelayHandle::snapshot`](crate::relay::RelayHandle::snapshot) for an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The time since the service was created, by the monotonic clock.
    pub uptime: Duration,
    /// How many connections were admitted.
    pub accepted: u64,
    /// How many connections were closed at once, by reason.
    pub refused: RefusedCounts,
    /// How many connections have no target yet and are trying to reach one.
    pub connecting: usize,
    /// How many connections are joined to a target now.
    pub open: usize,
    /// How many connections have ended, by kind of end.
    pub ended: EndedCounts,
    /// How many bytes were delivered, including those of open connections: `a_to_b` to targets,
    /// `b_to_a` to peers.
    pub transferred: Transferred,
    /// The counters of each target, in their configured order.
    pub targets: Vec<TargetSnapshot>,
    /// Whether the service is draining: it has stopped accepting connections.
    pub draining: bool,
}

/// How many connections were refused, by reason.
///
/// See [`RelayHandle::snapshot`](crate::relay::RelayHandle::snapshot) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedCounts {
    /// Connections from an address that is denied or not allowed.
    pub denied: u64,
    /// Connections that exceeded [`max_connections`](super::RelaySettings::max_connections).
    pub full: u64,
}

/// How many connections have ended, by the kind of their [`End`](super::End).
///
/// See [`RelayHandle::snapshot`](crate::relay::RelayHandle::snapshot) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndedCounts {
    /// Connections that both sides closed without an error.
    pub closed: u64,
    /// Connections for which no target could be reached.
    pub not_connected: u64,
    /// Connections that failed on either side after a target was reached.
    pub broken: u64,
    /// Connections that were ended because no byte was copied for the maximum idle time.
    pub idle: u64,
    /// Connections that were ended because they were open for the maximum time.
    pub too_old: u64,
    /// Connections that the service ended when it stopped.
    pub stopped: u64,
}

impl EndedCounts {
    /// The number of all connections that have ended.
    pub const fn total(&self) -> u64 {
        self.closed + self.not_connected + self.broken + self.idle + self.too_old + self.stopped
    }
}

/// The counters of one target of a service.
///
/// See [`RelayHandle::snapshot`](crate::relay::RelayHandle::snapshot) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetSnapshot {
    /// The name of the target: its index and its description.
    pub target: TargetName,
    /// How many times connecting to the target succeeded.
    pub connected: u64,
    /// How many times connecting to the target failed.
    pub failed: u64,
    /// How many connections are joined to the target now.
    pub open: usize,
    /// Whether the target did not answer, so that other targets are tried before it.
    pub is_down: bool,
}

impl TargetSnapshot {
    /// Creates the counters of a target, all zero.
    pub const fn new(target: TargetName) -> Self {
        Self { target, connected: 0, failed: 0, open: 0, is_down: false }
    }
}
