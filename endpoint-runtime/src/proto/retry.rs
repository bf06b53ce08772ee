//! When to connect again: pauses that grow with the failures in a row, and vary, so that clients of
//! a server that comes back do not all come at once.
//!
//! Rules:
//! - After the n-th failure in a row the pause is `first` times 2 to the power of n - 1, and
//!   `longest` at most; chance takes away up to the fraction `jitter` of it.
//! - A failure of any layer is one. So is a connection that ends before it has lasted as long as
//!   the pause before it: a server that accepts and hangs up is not there yet.
//! - A connection that has lasted longer makes up for the failures before it. Connecting again
//!   waits as after a first failure.
//!
//! The driver's loop:
//! 1. Connect. After a failure pass it to [`Retry::failed`], and wait as told, or give up.
//! 2. Use the connection. When it is over, pass how long it lasted to [`Retry::ended`], wait as
//!    long as that says, and start over.

use std::time::Duration;

use super::backoff::Backoff;

/// How to retry.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::retry::RetryPolicy;
///
/// let mut policy = RetryPolicy::default();
/// policy.attempts = Some(5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The pause after the first failure; one second unless told otherwise, as in Twisted's
    /// `backoffPolicy`.
    pub first: Duration,
    /// The longest pause; a minute unless told otherwise, as in Twisted's `backoffPolicy`.
    pub longest: Duration,
    /// The fraction of a pause that is left to chance, 0 to 1; a half unless told otherwise.
    pub jitter: f64,
    /// How many failures in a row are too many; no number is unless told otherwise.
    pub attempts: Option<u32>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(60));
        Self { first, longest, jitter: 0.5, attempts: None }
    }
}

/// What a retrying client does after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum RetryOrder {
    /// Wait this long, then connect.
    Wait(Duration),
    /// There were too many failures.
    GiveUp,
}

/// Counts failures and says how long to wait.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use endpoint_runtime::proto::retry::{Retry, RetryOrder, RetryPolicy};
///
/// let mut retry = Retry::new(RetryPolicy::default());
/// let chance = 0.0;
/// assert_eq!(retry.failed(chance), RetryOrder::Wait(Duration::from_secs(1)));
/// assert_eq!(retry.failed(chance), RetryOrder::Wait(Duration::from_secs(2)));
/// let lasted = Duration::from_secs(10);
/// assert_eq!(retry.ended(lasted, chance), Duration::from_secs(1));
/// ```
#[derive(Clone, Debug)]
pub struct Retry {
    policy: RetryPolicy,
    backoff: Backoff,
    last: Duration,
    failures: u32,
}

impl Retry {
    /// Without a failure yet.
    pub fn new(policy: RetryPolicy) -> Self {
        let backoff = Backoff::new(policy.first, policy.longest);
        Self { policy, backoff, last: Duration::ZERO, failures: 0 }
    }

    /// How many failures there were in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Records a failed attempt; `chance` is a random number from 0 to 1.
    pub fn failed(&mut self, chance: f64) -> RetryOrder {
        self.failures = self.failures.saturating_add(1);
        if self.policy.attempts.is_some_and(|most| self.failures >= most) {
            return RetryOrder::GiveUp;
        }
        RetryOrder::Wait(self.pause(chance))
    }

    /// Records that a connection has ended and how long it lasted; returns how long to wait.
    ///
    /// Too many of those that end at once are for the next failure to say.
    #[must_use]
    pub fn ended(&mut self, lasted: Duration, chance: f64) -> Duration {
        if lasted < self.last {
            self.failures = self.failures.saturating_add(1);
        } else {
            self.failures = 0;
            self.backoff.succeeded();
        }
        self.pause(chance)
    }

    fn pause(&mut self, chance: f64) -> Duration {
        self.last = self.backoff.failed();
        #[expect(
            clippy::manual_clamp,
            reason = "what is no number ends here, `clamp` would keep it"
        )]
        let taken = (self.policy.jitter * chance).max(0.0).min(1.0);
        self.last.mul_f64(1.0 - taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(order: RetryOrder) -> u128 {
        match order {
            RetryOrder::Wait(pause) => pause.as_millis(),
            RetryOrder::GiveUp => panic!("no number of failures is too many"),
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut retry = Retry::new(RetryPolicy::default());
        let pauses: Vec<u128> = (0..8).map(|_| millis(retry.failed(0.0)) / 1000).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(retry.failures(), 8);
    }

    #[test]
    fn chance_takes_up_to_the_fraction_away() {
        let mut retry = Retry::new(RetryPolicy { jitter: 0.25, ..RetryPolicy::default() });
        assert_eq!(millis(retry.failed(1.0)), 750);
        assert_eq!(millis(retry.failed(0.5)), 1750);
        // Chance does not add up: the next pause is of the full one.
        assert_eq!(millis(retry.failed(0.0)), 4000);
        let mut odd = Retry::new(RetryPolicy { jitter: f64::NAN, ..RetryPolicy::default() });
        assert_eq!(millis(odd.failed(0.5)), 1000);
    }

    #[test]
    fn a_connection_that_lasted_makes_up_for_failures() {
        let mut retry = Retry::new(RetryPolicy::default());
        for _ in 0..4 {
            let _ = retry.failed(0.0);
        }
        assert_eq!(retry.ended(Duration::from_secs(8), 0.0), Duration::from_secs(1));
        assert_eq!(retry.failures(), 0);
        assert_eq!(millis(retry.failed(0.0)), 2000);
    }

    #[test]
    fn a_server_that_hangs_up_at_once_counts_as_failing() {
        let mut retry = Retry::new(RetryPolicy::default());
        assert_eq!(retry.ended(Duration::ZERO, 0.0), Duration::from_secs(1));
        assert_eq!(retry.ended(Duration::ZERO, 0.0), Duration::from_secs(2));
        assert_eq!(retry.ended(Duration::from_millis(1999), 0.0), Duration::from_secs(4));
        assert_eq!(retry.failures(), 2);
    }

    #[test]
    fn enough_failures_in_a_row_end_it() {
        let policy = RetryPolicy { attempts: Some(3), ..RetryPolicy::default() };
        let mut retry = Retry::new(policy);
        assert_ne!(retry.failed(0.0), RetryOrder::GiveUp);
        assert_ne!(retry.failed(0.0), RetryOrder::GiveUp);
        let _ = retry.ended(Duration::from_secs(60), 0.0);
        assert_ne!(retry.failed(0.0), RetryOrder::GiveUp);
        let _ = retry.ended(Duration::ZERO, 0.0);
        assert_eq!(retry.failed(0.0), RetryOrder::GiveUp);
    }
}
