//! Selects the target for each connection, and avoids targets that fail for a pause.
//!
//! Rules:
//! - A connection tries each target once, until one answers. [`Balance`] determines where it
//!   starts: always at the first target, or at each in turn. The others follow in their configured
//!   order.
//! - A target that failed is down for a pause, which doubles with every failure. Other targets
//!   are tried before it, but if they all fail, it is still tried. Of several targets that are
//!   down, the one whose pause ends first is tried first.
//! - After the pause, one connection may try the target as if it were up: the trial. Until its
//!   result is known, other connections still try the target last. A target that does not respond
//!   therefore delays only one connection in each pause.
//! - When a target answers, it is up again.
//!
//! The driver's loop, for each connection:
//! 1. Create a [`Route`], and call [`Targets::next`] for targets until it returns `None`.
//! 2. Connect to the target, and report [`answered`](Targets::answered) or
//!    [`failed`](Targets::failed). A failure before anything was sent is not reported, because it
//!    says nothing about the target.
//!
//! See [`Targets`] for an example.

use std::time::Duration;

use endpoint_runtime::proto::backoff::Backoff;

/// How long a target is avoided after its first failure.
///
/// See [`Targets`] for an example.
pub const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The maximum pause of a target that keeps failing, and so the maximum delay until it is used
/// again.
///
/// See [`Targets`] for an example.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Which target a connection tries first.
///
/// Part of [`RelaySettings`](crate::relay::RelaySettings).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Balance {
    /// The first target in the list; the others are used only while it is down.
    #[default]
    First,
    /// Each target in turn, so that connections are spread evenly.
    RoundRobin,
}

/// The targets of a service, and which of them are down.
///
/// The machine has no clock: every `now` is the time since the driver started, and never decreases.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use strports::relay::proto::targets::{Balance, Targets};
///
/// let mut targets = Targets::new(2, Balance::First);
/// let now = Duration::ZERO;
/// let mut route = targets.route();
/// assert_eq!(targets.next(&mut route, now), Some(0));
/// targets.failed(0, now);
/// assert_eq!(targets.next(&mut route, now), Some(1));
/// targets.answered(1);
///
/// let mut route = targets.route();
/// assert_eq!(targets.next(&mut route, now), Some(1)); // 0 is down
/// ```
#[derive(Debug)]
pub struct Targets {
    balance: Balance,
    /// The index of the target that the next connection tries first, with round robin.
    turn: usize,
    marks: Vec<Mark>,
}

/// Whether one target is down, and until when.
#[derive(Debug)]
struct Mark {
    pauses: Backoff,
    /// When the target's pause ends; `None` if the target is up.
    until: Option<Duration>,
    /// Whether one connection is trying the target after its pause, with the result still unknown.
    on_trial: bool,
}

/// Which targets one connection has tried, and where it started.
///
/// See [`Targets`] for an example.
#[derive(Debug)]
pub struct Route {
    start: usize,
    tried: Vec<bool>,
}

impl Targets {
    /// Creates the state of `count` targets, all of which are up.
    pub fn new(count: usize, balance: Balance) -> Self {
        let mark = || Mark {
            pauses: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
            until: None,
            on_trial: false,
        };
        Self { balance, turn: 0, marks: (0..count).map(|_| mark()).collect() }
    }

    /// Starts the route of a new connection, at the target that the balance selects.
    #[must_use]
    pub fn route(&mut self) -> Route {
        let start = match self.balance {
            Balance::First => 0,
            Balance::RoundRobin => self.turn,
        };
        self.turn = (self.turn + 1).checked_rem(self.marks.len()).unwrap_or_default();
        Route { start, tried: vec![false; self.marks.len()] }
    }

    /// Returns the index of the next target to try; `None` if all have been tried.
    ///
    /// If a `Targets` with fewer targets created the route, only those are tried.
    pub fn next(&mut self, route: &mut Route, now: Duration) -> Option<usize> {
        let count = self.marks.len();
        let is_untried = |i| route.tried.get(i) == Some(&false);
        let untried = || (0..count).map(|i| (route.start + i) % count).filter(|&i| is_untried(i));
        let ready = untried().find(|&i| self.marks[i].until.is_none_or(|until| until <= now));
        let chosen = ready.or_else(|| untried().min_by_key(|&i| self.marks[i].until))?;
        if ready.is_some() {
            self.marks[chosen].begin_trial(now);
        }
        route.tried[chosen] = true;
        Some(chosen)
    }

    /// Records that a target did not answer. Returns its pause if one begins, and `None` if the
    /// target was already down.
    pub fn failed(&mut self, target: usize, now: Duration) -> Option<Duration> {
        let mark = self.marks.get_mut(target)?;
        // An attempt that began before the target went down says nothing new.
        if mark.until.is_some_and(|until| now < until) && !mark.on_trial {
            return None;
        }
        let pause = mark.pauses.failed();
        (mark.until, mark.on_trial) = (Some(now.saturating_add(pause)), false);
        Some(pause)
    }

    /// Records that a target answered. Returns whether it was down before.
    pub fn answered(&mut self, target: usize) -> bool {
        let Some(mark) = self.marks.get_mut(target) else { return false };
        mark.pauses.succeeded();
        mark.on_trial = false;
        mark.until.take().is_some()
    }

    /// Whether a target is down, so that others are tried before it.
    pub fn is_down(&self, target: usize) -> bool {
        self.marks.get(target).is_some_and(|mark| mark.until.is_some())
    }
}

impl Mark {
    /// Makes other connections avoid the target until the trial has a result, or expires.
    fn begin_trial(&mut self, now: Duration) {
        if self.until.is_some() {
            self.on_trial = true;
            self.until = Some(now.saturating_add(LONGEST_PAUSE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::ZERO;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Returns the order in which a connection tries the targets. It reports no results.
    fn order(targets: &mut Targets, now: Duration) -> Vec<usize> {
        let mut route = targets.route();
        std::iter::from_fn(|| targets.next(&mut route, now)).collect()
    }

    #[test]
    fn the_first_target_is_preferred() {
        let mut targets = Targets::new(3, Balance::First);
        assert_eq!(order(&mut targets, START), [0, 1, 2]);
        assert_eq!(order(&mut targets, START), [0, 1, 2]);
    }

    #[test]
    fn targets_take_turns() {
        let mut targets = Targets::new(3, Balance::RoundRobin);
        assert_eq!(order(&mut targets, START), [0, 1, 2]);
        assert_eq!(order(&mut targets, START), [1, 2, 0]);
        assert_eq!(order(&mut targets, START), [2, 0, 1]);
        assert_eq!(order(&mut targets, START), [0, 1, 2]);
    }

    #[test]
    fn a_route_of_fewer_targets_tries_only_these() {
        let mut route = Targets::new(1, Balance::First).route();
        let mut targets = Targets::new(2, Balance::First);
        assert_eq!(targets.next(&mut route, START), Some(0));
        assert_eq!(targets.next(&mut route, START), None);
    }

    #[test]
    fn failed_targets_come_last_in_the_order_of_their_retry() {
        let mut targets = Targets::new(3, Balance::First);
        assert_eq!(targets.failed(1, START), Some(seconds(1)));
        assert_eq!(targets.failed(0, START + seconds(1) / 2), Some(seconds(1)));
        assert_eq!(order(&mut targets, seconds(1) * 3 / 4), [2, 1, 0]);
    }

    #[test]
    fn pauses_grow_with_failures_and_end_with_a_success() {
        let mut targets = Targets::new(1, Balance::First);
        let mut now = START;
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            assert_eq!(targets.failed(0, now), Some(seconds(pause)));
            assert_eq!(targets.failed(0, now), None, "one more that was on its way");
            now += seconds(pause);
        }
        assert!(targets.is_down(0));
        assert!(targets.answered(0));
        assert!(!targets.answered(0));
        assert!(!targets.is_down(0));
        assert_eq!(targets.failed(0, now), Some(seconds(1)));
    }

    #[test]
    fn one_connection_probes_a_failed_target() {
        let mut targets = Targets::new(2, Balance::First);
        targets.failed(0, START);
        let now = seconds(1);
        let mut trial = targets.route();
        assert_eq!(targets.next(&mut trial, now), Some(0));
        assert_eq!(order(&mut targets, now), [1, 0], "what comes of it is not known yet");
        assert_eq!(targets.failed(0, now), Some(seconds(2)));
        assert_eq!(order(&mut targets, now), [1, 0]);
    }

    #[test]
    fn an_unreported_probe_expires() {
        let mut targets = Targets::new(2, Balance::First);
        targets.failed(0, START);
        assert_eq!(order(&mut targets, seconds(1)), [0, 1]);
        assert_eq!(order(&mut targets, seconds(1) + LONGEST_PAUSE), [0, 1]);
    }

    #[test]
    fn without_a_target_there_is_none() {
        assert_eq!(order(&mut Targets::new(0, Balance::RoundRobin), START), [0; 0]);
    }
}
