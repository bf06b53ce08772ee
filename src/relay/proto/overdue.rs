//! Finds connections that were idle or open for too long, in a periodic check of all of them.
//!
//! A timer for each connection would have to be reset at every byte. The periodic check finds an
//! overdue connection at most one [period](TimeLimits::period) late.
//!
//! The driver's loop:
//! 1. Keep a [`Life`] for each connection, from the time when it was accepted.
//! 2. Once a period, pass the number of bytes copied so far to [`TimeLimits::look`].
//! 3. On [`Overdue::Idle`] and [`Overdue::TooOld`], end the connection: bytes already written to
//!    its peers are still delivered. On [`Overdue::StillOpen`], which follows [`CLOSE_TIME`] later,
//!    reset it.
//!
//! The machine has no clock: every `now` is the time since the driver started, and never decreases.
//!
//! See [`TimeLimits`] for an example.

use std::time::Duration;

/// The maximum time between checks, and so the maximum delay in finding an overdue connection.
///
/// See [`TimeLimits`] for an example.
pub const LONGEST_PERIOD: Duration = Duration::from_secs(1);

/// The minimum time between checks: more frequent checks are not worth their cost.
///
/// See [`TimeLimits`] for an example.
pub const SHORTEST_PERIOD: Duration = Duration::from_millis(10);

/// How long an ended connection may deliver bytes that were written, before it is reset.
///
/// See [`TimeLimits`] for an example.
pub const CLOSE_TIME: Duration = Duration::from_secs(5);

/// The shortest limit divided by this number is the period, so a limit is exceeded by at most a
/// tenth. [`SHORTEST_PERIOD`] and [`LONGEST_PERIOD`] take precedence.
const PART: u32 = 10;

/// How long connections may be idle, open, and half-closed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use strports::relay::proto::overdue::{Life, Overdue, TimeLimits};
///
/// let mut limits = TimeLimits::default();
/// limits.idle = Some(Duration::from_secs(30));
/// let mut life = Life::begun(Duration::ZERO);
/// assert_eq!(limits.look(&mut life, Some(17), Duration::from_secs(20)), None);
/// assert_eq!(limits.look(&mut life, Some(17), Duration::from_secs(50)), Some(Overdue::Idle));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeLimits {
    /// The maximum time without a byte in either direction; `None` is no limit.
    ///
    /// A connection that waits for events, such as a long poll, may be silent for minutes.
    pub idle: Option<Duration>,
    /// The maximum time that a connection is open; `None` is no limit.
    ///
    /// The limit ends busy connections too, for example so that clients reconnect to new targets.
    pub lifetime: Option<Duration>,
    /// The maximum time without a byte after one side has closed its write side.
    ///
    /// This is a setting of the copy ([`Relay::with_half_close_limit`]), because the periodic check
    /// cannot detect a half-close. In a [service](crate::relay::RelayService), `None` means
    /// [`PROGRAM_HALF_CLOSE_TIME`] for programs, and no limit for other targets.
    ///
    /// [`Relay::with_half_close_limit`]: endpoint_runtime::Relay::with_half_close_limit
    /// [`PROGRAM_HALF_CLOSE_TIME`]: crate::relay::PROGRAM_HALF_CLOSE_TIME
    pub half_close: Option<Duration>,
}

/// The age and the last activity of one connection, as the periodic check has found them.
///
/// See [`TimeLimits`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    began: Duration,
    /// When a check last found new bytes, or, once the connection was ended, when that was.
    moved_at: Duration,
    moved: u64,
    was_ended: bool,
}

/// Which limit a connection exceeds.
///
/// See [`TimeLimits`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overdue {
    /// No byte was copied for the maximum idle time.
    Idle,
    /// The connection has been open for the maximum time.
    TooOld,
    /// The connection was ended [`CLOSE_TIME`] ago, and its peers have not read all bytes yet.
    StillOpen,
}

impl Life {
    /// Creates the state of a connection that begins at `now`.
    pub const fn begun(now: Duration) -> Self {
        Self { began: now, moved_at: now, moved: 0, was_ended: false }
    }
}

impl TimeLimits {
    /// The time between two checks; `None` if no limit needs checks.
    pub fn period(&self) -> Option<Duration> {
        let shortest = self.idle.into_iter().chain(self.lifetime).min()?;
        Some((shortest / PART).clamp(SHORTEST_PERIOD, LONGEST_PERIOD))
    }

    /// Checks a connection that has copied `moved` bytes so far. `None` means that it has no target
    /// yet, and does not count as idle.
    ///
    /// Returns the limit that is exceeded, or `None`. After the first limit, which ends the
    /// connection, only [`Overdue::StillOpen`] follows.
    pub fn look(&self, life: &mut Life, moved: Option<u64>, now: Duration) -> Option<Overdue> {
        let over = |limit: Option<Duration>, since: Duration| {
            limit.is_some_and(|limit| now.saturating_sub(since) >= limit)
        };
        if life.was_ended {
            return over(Some(CLOSE_TIME), life.moved_at).then_some(Overdue::StillOpen);
        }
        match moved {
            Some(moved) if moved == life.moved => {}
            other => (life.moved, life.moved_at) = (other.unwrap_or(life.moved), now),
        }
        let overdue = if over(self.lifetime, life.began) {
            Overdue::TooOld
        } else if over(self.idle, life.moved_at) {
            Overdue::Idle
        } else {
            return None;
        };
        (life.was_ended, life.moved_at) = (true, now);
        Some(overdue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::ZERO;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn limits(idle: Option<u64>, lifetime: Option<u64>) -> TimeLimits {
        TimeLimits {
            idle: idle.map(seconds),
            lifetime: lifetime.map(seconds),
            ..TimeLimits::default()
        }
    }

    #[test]
    fn bytes_extend_the_idle_deadline() {
        let (limits, mut life) = (limits(Some(10), None), Life::begun(START));
        assert_eq!(limits.look(&mut life, Some(0), seconds(9)), None);
        assert_eq!(limits.look(&mut life, Some(1), seconds(18)), None);
        assert_eq!(limits.look(&mut life, Some(1), seconds(27)), None);
        assert_eq!(limits.look(&mut life, Some(1), seconds(28)), Some(Overdue::Idle));
    }

    #[test]
    fn a_connection_waiting_for_a_target_is_not_idle() {
        let (limits, mut life) = (limits(Some(10), Some(60)), Life::begun(START));
        assert_eq!(limits.look(&mut life, None, seconds(59)), None);
        assert_eq!(limits.look(&mut life, Some(0), seconds(59)), None);
        assert_eq!(limits.look(&mut life, None, seconds(60)), Some(Overdue::TooOld));
    }

    #[test]
    fn bytes_do_not_extend_the_lifetime() {
        let (limits, mut life) = (limits(None, Some(60)), Life::begun(seconds(5)));
        assert_eq!(limits.look(&mut life, Some(1), seconds(64)), None);
        assert_eq!(limits.look(&mut life, Some(2), seconds(65)), Some(Overdue::TooOld));
    }

    #[test]
    fn a_slow_reader_does_not_extend_the_idle_deadline() {
        let (limits, mut life) = (limits(Some(10), Some(20)), Life::begun(START));
        assert_eq!(limits.look(&mut life, Some(1), seconds(19)), None);
        assert_eq!(limits.look(&mut life, Some(2), seconds(20)), Some(Overdue::TooOld));
        assert_eq!(limits.look(&mut life, Some(3), seconds(24)), None);
        assert_eq!(limits.look(&mut life, Some(4), seconds(25)), Some(Overdue::StillOpen));
    }

    #[test]
    fn the_sweep_interval_is_bounded() {
        assert_eq!(limits(None, None).period(), None);
        assert_eq!(limits(Some(5), Some(600)).period(), Some(seconds(5) / 10));
        assert_eq!(limits(Some(600), None).period(), Some(LONGEST_PERIOD));
        let idle = Some(Duration::from_millis(1));
        let soon = TimeLimits { idle, ..TimeLimits::default() };
        assert_eq!(soon.period(), Some(SHORTEST_PERIOD));
    }
}
