//! The counters of a relay service at one moment.

use std::time::Duration;

use endpoint_runtime::Transferred;

use super::target::TargetName;

/// The counters of a relay service at one moment.
///
/// Counters start at zero with the service and only grow, except `connecting` and `open`, which are
/// gauges. Every admitted connection is `connecting`, `open` or `ended`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// How long the service has been running.
    pub uptime: Duration,
    /// Connections that were admitted.
    pub accepted: u64,
    /// Connections that were refused.
    pub refused: RefusedCounts,
    /// Connections for which a target is being reached now.
    pub connecting: usize,
    /// Connections that are joined to a target now.
    pub open: usize,
    /// Connections that ended, by how.
    pub ended: EndedCounts,
    /// The bytes that were delivered, including open connections: `a_to_b` to targets, `b_to_a` to
    /// peers.
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
    /// Because the limit was reached.
    pub full: u64,
}

/// How many connections have ended, by kind of [`End`](super::End).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndedCounts {
    /// By both sides.
    pub closed: u64,
    /// Before a target was reached.
    pub not_connected: u64,
    /// By a failure of either side.
    pub broken: u64,
    /// Idle for too long.
    pub idle: u64,
    /// Open for too long.
    pub too_old: u64,
    /// When the service stopped.
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
    /// Connections to it now.
    pub open: usize,
    /// Whether other targets are tried before it now, because it did not answer.
    pub is_down: bool,
}

impl TargetSnapshot {
    /// All counters are zero.
    pub const fn new(target: TargetName) -> Self {
        Self { target, connected: 0, failed: 0, open: 0, is_down: false }
    }
}
