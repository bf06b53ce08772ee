//! A look at a relay service: what it has done so far, and what it is doing.

use std::time::Duration;

use endpoint_runtime::Transferred;

use super::target::TargetName;

/// The counters of a relay service at one moment.
///
/// Counts start at zero with the service and only grow, but for those whose names say that they are of the moment.
/// Every connection that was let in is of one kind at any moment: `connecting`, `open` or `ended`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// How long the service has been running.
    pub uptime: Duration,
    /// Connections that were accepted and let in.
    pub accepted: u64,
    /// Connections that were refused.
    pub refused: RefusedCounts,
    /// Connections that wait for a target, at the moment.
    pub connecting: usize,
    /// Connections between which bytes can move, at the moment.
    pub open: usize,
    /// Connections that are over, by how they ended.
    pub ended: EndedCounts,
    /// The bytes that were delivered, those of open connections included: `a_to_b` to targets, `b_to_a` to peers.
    pub transferred: Transferred,
    /// The targets, in the order in which they were given.
    pub targets: Vec<TargetSnapshot>,
    /// Whether the service has stopped accepting connections.
    pub draining: bool,
}

/// How many connections were refused, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedCounts {
    /// By their address.
    pub denied: u64,
    /// Because there were too many.
    pub full: u64,
}

/// How many connections have ended, by how they did; the kinds are those of [`End`](super::End).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndedCounts {
    /// By both sides.
    pub closed: u64,
    /// Before a target was reached.
    pub not_connected: u64,
    /// By a failure of either side.
    pub broken: u64,
    /// Because no byte moved.
    pub idle: u64,
    /// By their age.
    pub too_old: u64,
    /// With the service.
    pub stopped: u64,
}

impl EndedCounts {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.closed + self.not_connected + self.broken + self.idle + self.too_old + self.stopped
    }
}

/// The counters of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetSnapshot {
    /// Which target.
    pub target: TargetName,
    /// Connections to it that were made.
    pub connected: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Connections to it, at the moment.
    pub open: usize,
    /// Whether others come before it at the moment, because it did not answer.
    pub is_down: bool,
}

impl TargetSnapshot {
    /// Nothing has happened yet.
    pub const fn new(target: TargetName) -> Self {
        Self { target, connected: 0, failed: 0, open: 0, is_down: false }
    }
}
