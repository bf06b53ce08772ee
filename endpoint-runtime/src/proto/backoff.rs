//! Pauses after failures that may be temporary.
//!
//! [`Backoff`] is a pause that doubles up to a limit. [`AcceptBackoff`] decides what a listener
//! does after `accept` failed. Neither has a clock: they return durations, and the driver waits.

use std::time::Duration;

/// How long a listener that ran out of descriptors or memory pauses at first.
///
/// On a busy server, connections close within milliseconds, and each frees a descriptor.
///
/// See [`AcceptBackoff`] for an example.
pub const ACCEPT_FIRST_PAUSE: Duration = Duration::from_millis(5);

/// The longest pause of a listener: it detects the end of a shortage this late at most.
///
/// See [`AcceptBackoff`] for an example.
pub const ACCEPT_LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The number of consecutive dead connections after which the listener pauses.
///
/// A dead connection costs nothing, so live ones later in the queue should not wait. The limit is
/// for a system that reports the same failure forever.
///
/// See [`AcceptBackoff`] for an example.
pub const DEAD_IN_A_ROW: u32 = 64;

/// A pause that doubles with every failure.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use endpoint_runtime::proto::backoff::Backoff;
///
/// let mut backoff = Backoff::new(Duration::from_millis(5), Duration::from_millis(15));
/// assert_eq!(backoff.failed(), Duration::from_millis(5));
/// assert_eq!(backoff.failed(), Duration::from_millis(10));
/// assert_eq!(backoff.failed(), Duration::from_millis(15));
/// backoff.succeeded();
/// assert_eq!(backoff.failed(), Duration::from_millis(5));
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// Starts with the pause `first`, and never exceeds `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// Records a failure, and returns how long to pause. The next pause is twice as long.
    #[must_use]
    pub fn failed(&mut self) -> Duration {
        let pause = self.next.min(self.longest);
        self.next = pause.saturating_mul(2);
        pause
    }

    /// Records a success: the next pause is the first one again.
    pub fn succeeded(&mut self) {
        self.next = self.first;
    }
}

/// A temporary failure to accept a connection.
///
/// See [`AcceptBackoff`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptFailure {
    /// The connection failed while it was queued (ECONNABORTED and the network errors of
    /// `accept(2)`).
    DeadConnection,
    /// This machine lacks resources (EMFILE, ENFILE, ENOBUFS, ENOMEM); the connection is still
    /// queued.
    Shortage,
}

/// What a listener does after `accept` failed.
///
/// See [`AcceptBackoff`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum AcceptOrder {
    /// Accept the next connection now.
    RetryNow,
    /// Wait for this duration, then accept.
    Pause(Duration),
}

/// Decides what a listener does after `accept` failed.
///
/// 1. Pass a temporary failure to [`failed`](Self::failed) and follow the order.
/// 2. On success, call [`accepted`](Self::accepted).
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::backoff::{
///     ACCEPT_FIRST_PAUSE, AcceptBackoff, AcceptOrder, AcceptFailure,
/// };
///
/// let mut backoff = AcceptBackoff::default();
/// assert_eq!(backoff.failed(AcceptFailure::DeadConnection), AcceptOrder::RetryNow);
/// assert_eq!(backoff.failed(AcceptFailure::Shortage), AcceptOrder::Pause(ACCEPT_FIRST_PAUSE));
/// assert_eq!(backoff.failed(AcceptFailure::Shortage), AcceptOrder::Pause(ACCEPT_FIRST_PAUSE * 2));
/// assert!(backoff.accepted()); // the shortage is over
/// ```
#[derive(Clone, Debug)]
pub struct AcceptBackoff {
    shortage: Backoff,
    /// Whether a shortage has begun, and no connection was accepted since.
    short: bool,
    /// How many dead connections `accept` reported in a row.
    dead: u32,
}

impl Default for AcceptBackoff {
    fn default() -> Self {
        let shortage = Backoff::new(ACCEPT_FIRST_PAUSE, ACCEPT_LONGEST_PAUSE);
        Self { shortage, short: false, dead: 0 }
    }
}

impl AcceptBackoff {
    /// Records a temporary failure of `accept`, and returns what to do.
    pub fn failed(&mut self, failure: AcceptFailure) -> AcceptOrder {
        match failure {
            AcceptFailure::DeadConnection if self.dead < DEAD_IN_A_ROW => {
                self.dead += 1;
                AcceptOrder::RetryNow
            }
            AcceptFailure::DeadConnection => {
                self.dead = 0;
                AcceptOrder::Pause(ACCEPT_FIRST_PAUSE)
            }
            AcceptFailure::Shortage => {
                self.short = true;
                AcceptOrder::Pause(self.shortage.failed())
            }
        }
    }

    /// Whether a shortage lasts: no connection was accepted since it began.
    ///
    /// A further failure then belongs to the same shortage, and need not be reported again.
    pub fn is_short(&self) -> bool {
        self.short
    }

    /// Records an accepted connection. Returns whether it ends a shortage.
    pub fn accepted(&mut self) -> bool {
        self.dead = 0;
        self.shortage.succeeded();
        std::mem::take(&mut self.short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit_and_start_over_after_success() {
        let mut backoff = AcceptBackoff::default();
        let pauses: Vec<u128> = (0..10)
            .map(|_| match backoff.failed(AcceptFailure::Shortage) {
                AcceptOrder::Pause(pause) => pause.as_millis(),
                AcceptOrder::RetryNow => panic!("a shortage does not end by itself at once"),
            })
            .collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        assert!(backoff.accepted());
        assert_eq!(backoff.failed(AcceptFailure::Shortage), AcceptOrder::Pause(ACCEPT_FIRST_PAUSE));
    }

    #[test]
    fn a_shortage_lasts_until_a_connection_is_accepted() {
        let mut backoff = AcceptBackoff::default();
        assert!(!backoff.accepted());
        assert!(!backoff.is_short());
        let _ = backoff.failed(AcceptFailure::Shortage);
        let _ = backoff.failed(AcceptFailure::DeadConnection);
        assert!(backoff.is_short());
        assert!(backoff.accepted());
        assert!(!backoff.accepted());
    }

    #[test]
    fn dead_connections_delay_nothing_and_cannot_spin() {
        let mut backoff = AcceptBackoff::default();
        for _ in 0..DEAD_IN_A_ROW {
            assert_eq!(backoff.failed(AcceptFailure::DeadConnection), AcceptOrder::RetryNow);
        }
        assert_eq!(
            backoff.failed(AcceptFailure::DeadConnection),
            AcceptOrder::Pause(ACCEPT_FIRST_PAUSE)
        );
        assert_eq!(backoff.failed(AcceptFailure::DeadConnection), AcceptOrder::RetryNow);
    }
}
