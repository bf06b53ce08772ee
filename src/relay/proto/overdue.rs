//! Which connections have been idle, or there at all, for too long: found by looking at all of them
//! now and then.
//!
//! A timer for each connection would have to be set anew with every byte. Instead everybody is
//! looked at once a
//! [period](TimeLimits::period), and who is overdue is found that much too late at most.
//!
//! The driver's loop:
//! 1. Keep a [`Life`] for each connection, begun when it was accepted.
//! 2. Once a period, pass the bytes that it has moved so far to [`TimeLimits::look`], and end it if
//!    that says so.
//!
//! It has no clock: every `now` is the time since the driver began, and never goes back.

use std::time::Duration;

/// How late an overdue connection is found at most.
pub const LONGEST_PERIOD: Duration = Duration::from_secs(1);

/// Looking more often would cost more than it is worth.
pub const SHORTEST_PERIOD: Duration = Duration::from_millis(10);

/// A limit is overshot by this part of itself at most, where the bounds above let it.
const PART: u32 = 10;

/// How long connections may be there.
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
    /// How long no byte may move.
    pub idle: Option<Duration>,
    /// How long a connection may be there in all.
    pub lifetime: Option<Duration>,
}

/// What is known of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    began: Duration,
    /// When it had last moved a byte, as far as anybody has looked.
    moved_at: Duration,
    moved: u64,
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// No byte has moved for too long.
    Idle,
    /// It has been there for too long.
    TooOld,
}

impl Life {
    /// It begins now.
    pub const fn begun(now: Duration) -> Self {
        Self { began: now, moved_at: now, moved: 0 }
    }
}

impl TimeLimits {
    /// How long to wait between two looks; `None` where there is nothing to look for.
    pub fn period(&self) -> Option<Duration> {
        let shortest = self.idle.into_iter().chain(self.lifetime).min()?;
        Some((shortest / PART).clamp(SHORTEST_PERIOD, LONGEST_PERIOD))
    }

    /// Looks at a connection that has moved so many bytes; `None` is one that cannot move any yet,
    /// and is not idle.
    pub fn look(&self, life: &mut Life, moved: Option<u64>, now: Duration) -> Option<Overdue> {
        match moved {
            Some(moved) if moved == life.moved => {}
            other => (life.moved, life.moved_at) = (other.unwrap_or(life.moved), now),
        }
        let over = |limit: Option<Duration>, since: Duration| {
            limit.is_some_and(|limit| now.saturating_sub(since) >= limit)
        };
        if over(self.lifetime, life.began) {
            return Some(Overdue::TooOld);
        }
        over(self.idle, life.moved_at).then_some(Overdue::Idle)
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
        TimeLimits { idle: idle.map(seconds), lifetime: lifetime.map(seconds) }
    }

    #[test]
    fn bytes_put_the_end_off() {
        let (limits, mut life) = (limits(Some(10), None), Life::begun(START));
        assert_eq!(limits.look(&mut life, Some(0), seconds(9)), None);
        assert_eq!(limits.look(&mut life, Some(1), seconds(18)), None);
        assert_eq!(limits.look(&mut life, Some(1), seconds(27)), None);
        assert_eq!(limits.look(&mut life, Some(1), seconds(28)), Some(Overdue::Idle));
    }

    #[test]
    fn who_waits_for_a_target_is_not_idle_but_grows_old() {
        let (limits, mut life) = (limits(Some(10), Some(60)), Life::begun(START));
        assert_eq!(limits.look(&mut life, None, seconds(59)), None);
        assert_eq!(limits.look(&mut life, Some(0), seconds(59)), None);
        assert_eq!(limits.look(&mut life, None, seconds(60)), Some(Overdue::TooOld));
    }

    #[test]
    fn bytes_do_not_make_anybody_younger() {
        let (limits, mut life) = (limits(None, Some(60)), Life::begun(seconds(5)));
        assert_eq!(limits.look(&mut life, Some(1), seconds(64)), None);
        assert_eq!(limits.look(&mut life, Some(2), seconds(65)), Some(Overdue::TooOld));
    }

    #[test]
    fn one_looks_often_enough_but_not_too_often() {
        assert_eq!(limits(None, None).period(), None);
        assert_eq!(limits(Some(5), Some(600)).period(), Some(seconds(5) / 10));
        assert_eq!(limits(Some(600), None).period(), Some(LONGEST_PERIOD));
        let soon = TimeLimits { idle: Some(Duration::from_millis(1)), lifetime: None };
        assert_eq!(soon.period(), Some(SHORTEST_PERIOD));
    }
}
