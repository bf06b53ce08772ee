//! A simulated clock that jumps to the time of the next event, so that tests never wait.

use std::collections::BTreeMap;
use std::time::Duration;

/// A simulated time since the start, with the events that are planned.
pub(crate) struct Clock<E> {
    now: Duration,
    /// The planned events by their times. Those at one time happen in the order of planning.
    planned: BTreeMap<(Duration, u64), E>,
    /// How many events were planned so far.
    count: u64,
}

impl<E> Clock<E> {
    pub(crate) fn new() -> Self {
        Self { now: Duration::ZERO, planned: BTreeMap::new(), count: 0 }
    }

    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    /// Plans an event at this delay from now.
    pub(crate) fn after(&mut self, delay: Duration, event: E) {
        self.count += 1;
        self.planned.insert((self.now + delay, self.count), event);
    }

    /// Advances to the next event and returns it; `None` if there is none before `limit`.
    #[track_caller]
    pub(crate) fn next_until(&mut self, limit: Duration) -> Option<E> {
        assert!(limit > self.now, "a wait until {limit:?} at {:?} makes the driver spin", self.now);
        match self.planned.first_entry() {
            Some(entry) if entry.key().0 <= limit => {
                self.now = entry.key().0;
                Some(entry.remove())
            }
            _ => {
                self.now = limit;
                None
            }
        }
    }
}
