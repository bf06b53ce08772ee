//! When to reconnect: pauses grow with consecutive failures, and vary so that the clients of a
//! restarted server do not all connect at once.
//!
//! Rules:
//! - After the n-th consecutive failure, the pause is `first` times 2 to the power of n - 1, and at
//!   most `longest`. It is shortened randomly, by up to the fraction `jitter`.
//! - Failures of all layers count. A connection that lasts less long than the pause before it
//!   counts as a failure too: a server that accepts and closes is not ready yet.
//! - A connection that lasts longer resets the count. The pause after it is that of a first
//!   failure.
//!
//! The driver's loop:
//! 1. Connect. After a failure, call [`Retry::failed`], and wait or give up as it orders.
//! 2. Use the connection. When it has ended, pass its duration to [`Retry::ended`], wait for the
//!    returned time, and continue with 1.
//!
//! See [`Retry`] for an example.

use std::time::Duration;

use super::backoff::Backoff;

/// How long a client pauses between attempts to connect, and how many times it tries.
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
    /// The pause after the first failure; the default is one second, as in Twisted's
    /// `backoffPolicy`.
    ///
    /// Each further failure doubles the pause, up to [`longest`](Self::longest).
    pub first: Duration,
    /// The longest pause; the default is a minute, as in Twisted's `backoffPolicy`.
    pub longest: Duration,
    /// The random fraction of a pause, from 0 to 1; the default is 0.5.
    ///
    /// With 0.5, a pause has between half of its length and all of it. The clients of a restarted
    /// server therefore do not all connect at once.
    pub jitter: f64,
    /// The number of consecutive failures after which to give up; the default is never.
    ///
    /// A connection that lasts longer than the pause before it resets the count.
    pub attempts: Option<u32>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(60));
        Self { first, longest, jitter: 0.5, attempts: None }
    }
}

/// What a reconnecting client does after a failed attempt.
///
/// See [`Retry`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum RetryOrder {
    /// Wait for this duration, then connect.
    Wait(Duration),
    /// Give up: the number of failures in a row has reached [`RetryPolicy::attempts`].
    GiveUp,
}

/// A state machine that counts failures to connect and computes the pauses between attempts.
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
    /// The last pause before it was shortened randomly; zero before the first one.
    last: Duration,
    /// The number of consecutive failures.
    failures: u32,
}

impl Retry {
    /// Starts with no failures, so that the first pause is the shortest.
    pub fn new(policy: RetryPolicy) -> Self {
        let backoff = Backoff::new(policy.first, policy.longest);
        Self { policy, backoff, last: Duration::ZERO, failures: 0 }
    }

    /// The number of consecutive failures.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Records a failed attempt, and returns whether to wait or to give up.
    ///
    /// `chance` is a random number from 0 to 1: the machine has no source of randomness.
    pub fn failed(&mut self, chance: f64) -> RetryOrder {
        self.failures = self.failures.saturating_add(1);
        if self.policy.attempts.is_some_and(|most| self.failures >= most) {
            return RetryOrder::GiveUp;
        }
        RetryOrder::Wait(self.pause(chance))
    }

    /// Records the end of a connection and its duration, and returns how long to wait.
    ///
    /// If short connections exceed the number of failures, the next call of
    /// [`failed`](Self::failed) gives up.
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

    /// The next pause, shortened by the share `chance` of the jitter.
    fn pause(&mut self, chance: f64) -> Duration {
        self.last = self.backoff.failed();
        #[expect(
            clippy::manual_clamp,
            reason = "what is no number ends here, `clamp` would keep it"
        )]
        let taken = (self.policy.jitter * chance).max(0.0).min(1.0);
        // The product may exceed the longest `Duration`, because its seconds are rounded.
        let shortened = self.last.as_secs_f64() * (1.0 - taken);
        Duration::try_from_secs_f64(shortened).unwrap_or(self.last)
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
    fn jitter_reduces_a_pause_by_at_most_the_fraction() {
        let mut retry = Retry::new(RetryPolicy { jitter: 0.25, ..RetryPolicy::default() });
        assert_eq!(millis(retry.failed(1.0)), 750);
        assert_eq!(millis(retry.failed(0.5)), 1750);
        // Randomness does not accumulate: the next pause is computed from the full one.
        assert_eq!(millis(retry.failed(0.0)), 4000);
        let mut odd = Retry::new(RetryPolicy { jitter: f64::NAN, ..RetryPolicy::default() });
        assert_eq!(millis(odd.failed(0.5)), 1000);
    }

    #[test]
    fn the_longest_duration_is_a_valid_pause() {
        let (first, longest) = (Duration::MAX, Duration::MAX);
        let policy = RetryPolicy { first, longest, ..RetryPolicy::default() };
        assert_eq!(Retry::new(policy).failed(0.0), RetryOrder::Wait(Duration::MAX));
    }

    #[test]
    fn a_long_connection_resets_the_failures() {
        let mut retry = Retry::new(RetryPolicy::default());
        for _ in 0..4 {
            let _ = retry.failed(0.0);
        }
        assert_eq!(retry.ended(Duration::from_secs(8), 0.0), Duration::from_secs(1));
        assert_eq!(retry.failures(), 0);
        assert_eq!(millis(retry.failed(0.0)), 2000);
    }

    #[test]
    fn an_immediate_disconnect_counts_as_a_failure() {
        let mut retry = Retry::new(RetryPolicy::default());
        assert_eq!(retry.ended(Duration::ZERO, 0.0), Duration::from_secs(1));
        assert_eq!(retry.ended(Duration::ZERO, 0.0), Duration::from_secs(2));
        assert_eq!(retry.ended(Duration::from_millis(1999), 0.0), Duration::from_secs(4));
        assert_eq!(retry.failures(), 2);
    }

    #[test]
    fn retrying_ends_after_the_maximum_of_failures() {
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
