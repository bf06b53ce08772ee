//! How much a relay has moved: counted while it runs, and told when it ends.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes a relay delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// From the first connection to the second.
    pub a_to_b: u64,
    /// From the second connection to the first.
    pub b_to_a: u64,
}

/// Counters of the bytes that relays have delivered, which may be read while they run.
///
/// One for each relay tells which of them are idle: look now and then whether it has moved, instead of setting a
/// timer for each connection. Several relays may also share one, which then holds their sums. Both directions count
/// alike: what was read and waits for a slow reader is not counted yet.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::Traffic;
///
/// let traffic = Traffic::new();
/// assert_eq!(traffic.so_far().a_to_b, 0);
/// ```
#[derive(Debug, Default)]
pub struct Traffic {
    pub(super) a_to_b: AtomicU64,
    pub(super) b_to_a: AtomicU64,
}

impl Traffic {
    /// Counters that stand at zero.
    pub const fn new() -> Self {
        Self { a_to_b: AtomicU64::new(0), b_to_a: AtomicU64::new(0) }
    }

    /// The bytes that have been delivered up to now.
    pub fn so_far(&self) -> Transferred {
        Transferred {
            a_to_b: self.a_to_b.load(Ordering::Relaxed),
            b_to_a: self.b_to_a.load(Ordering::Relaxed),
        }
    }
}
