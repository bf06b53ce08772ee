//! A model of the poller: events that happen, and the wakers that wait for them.

use std::collections::{BTreeMap, BTreeSet};
use std::task::Waker;

use shuttle::sync::{Condvar, Mutex};

use crate::lock::lock;

pub(crate) struct Sources {
    state: Mutex<State>,
    /// A thread that sleeps in the poller waits here.
    poller: Condvar,
}

struct State {
    happened: BTreeSet<usize>,
    waiting: BTreeMap<usize, Waker>,
    /// The poller returns immediately, the next time.
    interrupted: bool,
}

impl Sources {
    pub(super) const fn new() -> Self {
        Self {
            state: Mutex::new(State {
                happened: BTreeSet::new(),
                waiting: BTreeMap::new(),
                interrupted: false,
            }),
            poller: Condvar::new(),
        }
    }

    pub(crate) fn is_ready(&self, id: usize, waker: &Waker) -> bool {
        let mut state = lock(&self.state);
        let is_ready = state.happened.contains(&id);
        if !is_ready {
            state.waiting.insert(id, waker.clone());
        }
        is_ready
    }

    pub(crate) fn happen(&self, id: usize) {
        lock(&self.state).happened.insert(id);
        self.poller.notify_one();
    }

    pub(super) fn interrupt(&self) {
        lock(&self.state).interrupted = true;
        self.poller.notify_one();
    }

    pub(super) fn are_waited_for(&self) -> bool {
        !lock(&self.state).waiting.is_empty()
    }

    /// Takes the wakers of all events that have happened; sleeps for one, if the thread may.
    pub(super) fn wait(&self, wakers: &mut Vec<Waker>, may_sleep: impl FnOnce() -> bool) {
        let may_sleep = may_sleep();
        let mut state = lock(&self.state);
        loop {
            let State { happened, waiting, interrupted } = &mut *state;
            let ready: Vec<usize> =
                waiting.keys().copied().filter(|id| happened.contains(id)).collect();
            wakers.extend(ready.iter().filter_map(|id| waiting.remove(id)));
            if std::mem::take(interrupted) || !wakers.is_empty() || !may_sleep {
                return;
            }
            state = self.poller.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }
}

pub(super) fn wake_all(wakers: &mut Vec<Waker>) {
    wakers.drain(..).for_each(Waker::wake);
}
