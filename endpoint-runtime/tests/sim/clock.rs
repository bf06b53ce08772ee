//! A clock that moves to the next event immediately.

use std::collections::BTreeMap;
use std::time::Duration;

/// The time since the start, and the planned events.
pub(crate) struct Clock<E> {
    now: Duration,
    /// By time. Events at the same time happen in the order in which they were planned.
    planned: BTreeMap<(Duration, u64), E>,
    count: u64,
}

impl<E> Clock<E> {
    pub(crate) fn new() -> Self {
        Self { now: Duration::ZERO, planned: BTreeMap::new(), count: 0 }
    }

    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    /// Plans an event.
    pub(crate) fn after(&mut self, delay: Duration, event: E) {
        self.count += 1;
        self.planned.insert((self.now + delay, self.count), event);
    }

    /// Advances to the next event, or to `limit` if there is none before.
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
