//! Finds connections that were idle or open for too long, by checking all of them periodically.
//!
//! A timer for each connection would have to be reset with every byte. A periodic check finds an
//! overdue connection at most one [period](TimeLimits::period) late.
//!
//! The driver's loop:
//! 1. Keep a [`Life`] for each connection, from when it was accepted.
//! 2. Once a period, pass the number of bytes that it has moved to [`TimeLimits::look`].
//! 3. On [`Overdue::Idle`] and [`Overdue::TooOld`], end it: bytes that were written to its peers
//!    are still delivered. On [`Overdue::StillOpen`], which follows [`CLOSE_TIME`] later, reset it.
//!
//! It has no clock: every `now` is the time since the driver started, and never decreases.
//!
//! See [`TimeLimits`] for an example.

use std::time::Duration;

/// The longest period, and so the maximum delay in finding an overdue connection.
///
/// See [`TimeLimits`] for an example.
pub const LONGEST_PERIOD: Duration = Duration::from_secs(1);

/// The shortest period: more frequent checks are not worth their cost.
///
/// See [`TimeLimits`] for an example.
pub const SHORTEST_PERIOD: Duration = Duration::from_millis(10);

/// How long an ended connection may still deliver written bytes, even if its peers keep reading.
///
/// See [`TimeLimits`] for an example.
pub const CLOSE_TIME: Duration = Duration::from_secs(5);

/// A period is the shortest limit divided by this number, so a limit is exceeded by at most a
/// tenth. [`SHORTEST_PERIOD`] and [`LONGEST_PERIOD`] take precedence.
const PART: u32 = 10;

/// The time limits of connections.
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
    /// The longest time without a byte in either direction; `None` is no limit.
    ///
    /// A connection that waits for events, such as a long poll, may be silent for minutes.
    pub idle: Option<Duration>,
    /// The longest duration of a connection; `None` is no limit.
    ///
    /// It ends busy connections too, for example so that clients reconnect to new targets.
    pub lifetime: Option<Duration>,
    /// The longest time without a byte after one side has ended and the other has not.
    ///
    /// It is a setting of the copy ([`Relay::with_half_close_limit`]), because the periodic check
    /// cannot detect the end of one side. In a [service](crate::relay::RelayService), `None`
    /// means [`PROGRAM_HALF_CLOSE_TIME`] for programs, and no limit for other targets.
    ///
    /// [`Relay::with_half_close_limit`]: endpoint_runtime::Relay::with_half_close_limit
    /// [`PROGRAM_HALF_CLOSE_TIME`]: crate::relay::PROGRAM_HALF_CLOSE_TIME
    pub half_close: Option<Duration>,
}

/// The age and the last activity of one connection.
///
/// See [`TimeLimits`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    began: Duration,
    /// When a check last found new bytes; after the connection was ended, the time of that.
    moved_at: Duration,
    moved: u64,
    was_ended: bool,
}

/// Why a connection is overdue.
///
/// See [`TimeLimits`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overdue {
    /// No byte was moved for too long.
    Idle,
    /// The connection has been open for too long.
    TooOld,
    /// The connection was ended [`CLOSE_TIME`] ago, and its peers have not read all bytes yet.
    StillOpen,
}

impl Life {
    /// The state of a connection that begins now.
    pub const fn begun(now: Duration) -> Self {
        Self { began: now, moved_at: now, moved: 0, was_ended: false }
    }
}

impl TimeLimits {
    /// The time between two checks; `None` if there are no limits to check.
    pub fn period(&self) -> Option<Duration> {
        let shortest = self.idle.into_iter().chain(self.lifetime).min()?;
        Some((shortest / PART).clamp(SHORTEST_PERIOD, LONGEST_PERIOD))
    }

    /// Checks a connection that has moved this many bytes; `None` means that it has no target yet
    /// and does not count as idle.
    ///
    /// The first result other than `None` ends the connection. The only later one is
    /// [`Overdue::StillOpen`].
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
