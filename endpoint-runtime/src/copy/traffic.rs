//! Counters of the bytes that a copy has delivered.

use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes delivered in each direction.
///
/// Returned by [`relay`](crate::relay()), which has an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// The number of bytes from the first connection to the second.
    pub a_to_b: u64,
    /// The number of bytes from the second connection to the first.
    pub b_to_a: u64,
}

/// Counters of delivered bytes, which can be read while a copy runs.
///
/// To find idle connections, use one for each copy and read it periodically, instead of a timer for
/// each connection. Several copies may share one, which then holds the sums. Bytes that wait for a
/// slow reader are not counted yet.
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
    /// Creates counters at zero.
    pub const fn new() -> Self {
        Self { a_to_b: AtomicU64::new(0), b_to_a: AtomicU64::new(0) }
    }

    /// Reads both counters: the bytes delivered so far in each direction.
    pub fn so_far(&self) -> Transferred {
        Transferred {
            a_to_b: self.a_to_b.load(Ordering::Relaxed),
            b_to_a: self.b_to_a.load(Ordering::Relaxed),
        }
    }
}
