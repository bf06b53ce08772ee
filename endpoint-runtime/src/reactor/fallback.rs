//! The thread that takes turns when no thread inside `block_on` does.
//!
//! It starts at the first wait, because the waiting thread may later take a turn or block in its
//! future. Every 50 ms it checks whether a turn has begun or ended. When a thread sleeps in the
//! poller, it stops checking until that turn has ended.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::thread;
use std::time::Duration;

use super::sources::wake_all;
use super::turns::Reactor;
use crate::lock::lock;

/// The time without a turn after which the threads inside `block_on` count as blocked.
const PATIENCE: Duration = Duration::from_millis(50);

impl Reactor {
    /// Makes sure that the fallback runs, so that a task that now waits is woken.
    ///
    /// Called at each wait, because this thread may never take a turn.
    pub(super) fn be_driven(&'static self) {
        if !self.turns.fallback.has_started.load(Ordering::SeqCst) {
            self.start_fallback();
        } else if !self.turns.is_taken() {
            self.turns.fallback.rouse();
        }
    }

    /// Starts the thread. If that fails, it is logged, and the next wait tries again.
    fn start_fallback(&'static self) {
        let fallback = &self.turns.fallback;
        let _lock = lock(&fallback.sleep);
        if fallback.has_started.load(Ordering::SeqCst) {
            return;
        }
        let thread = thread::Builder::new().name("endpoint-runtime".to_owned());
        match thread.spawn(|| self.run_fallback()) {
            Ok(_) => fallback.has_started.store(true, Ordering::SeqCst),
            Err(error) => {
                tracing::error!("cannot start the thread that waits for sockets: {error}");
            }
        }
    }

    /// The loop of the thread, which never ends.
    fn run_fallback(&self) {
        let (turns, fallback) = (&self.turns, &self.turns.fallback);
        let mut wakers = Vec::new();
        let mut last = turns.count();
        loop {
            if turns.is_entered() {
                let waited = fallback.bell.wait_timeout(lock(&fallback.sleep), PATIENCE);
                drop(waited.unwrap_or_else(PoisonError::into_inner));
            }
            let now = turns.count();
            if now != last && turns.is_entered() {
                last = now;
            } else if self.needs_fallback() {
                fallback.drives.store(true, Ordering::SeqCst);
                self.drive(&mut wakers);
                fallback.drives.store(false, Ordering::SeqCst);
                last = turns.count();
            } else {
                self.rest(now);
                last = turns.count();
            }
        }
    }

    /// Whether a task waits while no thread takes a turn.
    fn needs_fallback(&self) -> bool {
        !self.turns.is_taken() && self.sources.are_waited_for()
    }

    /// Takes turns until a thread inside `block_on` is ready to take the next one.
    fn drive(&self, wakers: &mut Vec<Waker>) {
        while let Some(turn) = self.turns.begin() {
            self.sources.wait(wakers, || !self.turns.has_parked());
            let is_relieved = self.turns.has_parked();
            drop(turn);
            wake_all(wakers);
            if is_relieved {
                return;
            }
        }
    }

    /// Sleeps until a turn ends, or until a task waits while no thread takes a turn.
    fn rest(&self, turns: usize) {
        let fallback = &self.turns.fallback;
        let mut sleep = lock(&fallback.sleep);
        fallback.rests.store(true, Ordering::SeqCst);
        // A turn or a wait that began before `rests` was set did not wake this thread.
        if self.needs_fallback() || self.turns.count() != turns {
            fallback.rests.store(false, Ordering::SeqCst);
        }
        while fallback.rests.load(Ordering::SeqCst) {
            sleep = fallback.bell.wait(sleep).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
