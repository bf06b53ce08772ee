//! The counters of a relay service at one moment.

use std::time::Duration;

use endpoint_runtime::Transferred;

use super::target::TargetName;

/// The counters of a relay service at one moment.
///
/// Counters start at zero with the service and only grow, except `connecting` and `open`, which are
/// gauges. Every admitted connection is `connecting`, `open` or `ended`.
///
/// See [`RelayHandle::snapshot`](crate::relay::RelayHandle::snapshot) for an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The time since the service was created.
    pub uptime: Duration,
    /// Connections that were admitted.
    pub accepted: u64,
    /// Connections that were refused.
    pub refused: RefusedCounts,
    /// Connections whose target is being connected to.
    pub connecting: usize,
    /// Connections that are joined to a target.
    pub open: usize,
    /// Connections that ended, by kind of end.
    pub ended: EndedCounts,
    /// The bytes that were delivered, including open connections: `a_to_b` to targets, `b_to_a` to
    /// peers.
    pub transferred: Transferred,
    /// The targets, in their configured order.
    pub targets: Vec<TargetSnapshot>,
    /// Whether the service has stopped accepting connections.
    pub draining: bool,
}

/// The number of refused connections, by reason.
///
/// See [`RelayHandle::snapshot`](crate::relay::RelayHandle::snapshot) for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedCounts {
    /// Connections from an address that `deny` contains, or that `allow` lacks.
    pub denied: u64,
    /// Connections above [`max_connections`](super::RelaySettings::max_connections).
    pub full: u64,
}

/// The number of ended connections, by kind of [`End`](super::End).
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
    /// Connections that reached the limit of idle time.
    pub idle: u64,
    /// Connections that reached the limit of their duration.
    pub too_old: u64,
    /// Connections that were still open when the service ended.
    pub stopped: u64,
}

impl EndedCounts {
    /// The sum of all kinds.
    pub const fn total(&self) -> u64 {
        self.closed + self.not_connected + self.broken + self.idle + self.too_old + self.stopped
    }
}

/// The counters of one target.
///
/// See [`RelayHandle::snapshot`](crate::relay::RelayHandle::snapshot) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetSnapshot {
    /// The name of the target.
    pub target: TargetName,
    /// The number of successful connections.
    pub connected: u64,
    /// The number of failed attempts.
    pub failed: u64,
    /// The number of open connections.
    pub open: usize,
    /// Whether other targets are tried first, because this one did not answer.
    pub is_down: bool,
}

impl TargetSnapshot {
    /// Creates counters at zero.
    pub const fn new(target: TargetName) -> Self {
        Self { target, connected: 0, failed: 0, open: 0, is_down: false }
    }
}
