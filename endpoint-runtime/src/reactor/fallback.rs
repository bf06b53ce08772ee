//! The thread that takes the turns when no thread inside `block_on` does.
//!
//! It starts at the first wait, since nothing tells in advance whether the waiting thread will take
//! a turn or block in its future. Twice in 100 ms it looks whether a turn has begun or ended, until
//! it finds a thread asleep in the poller; then it rests until that turn has ended.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use super::sources::{Reactor, wake_all};
use crate::lock::lock;

/// The time without a turn after which the threads inside `block_on` count as blocked.
const PATIENCE: Duration = Duration::from_millis(50);

pub(super) struct Fallback {
    has_started: AtomicBool,
    /// Whether it sleeps until [`rouse`](Self::rouse).
    rests: AtomicBool,
    /// Whether it takes the turns.
    drives: AtomicBool,
    /// Held to start the thread and to go to sleep.
    sleep: Mutex<()>,
    bell: Condvar,
}

impl Fallback {
    pub(super) const fn new() -> Self {
        Self {
            has_started: AtomicBool::new(false),
            rests: AtomicBool::new(false),
            drives: AtomicBool::new(false),
            sleep: Mutex::new(()),
            bell: Condvar::new(),
        }
    }

    pub(super) fn is_driving(&self) -> bool {
        self.drives.load(Ordering::SeqCst)
    }

    /// Makes sure that a task that waits is woken, even if its thread never takes a turn.
    pub(super) fn be_ready(&self, reactor: &'static Reactor) {
        if !self.has_started.load(Ordering::SeqCst) {
            self.start(reactor);
        } else if !reactor.driving.is_turning() {
            self.rouse();
        }
    }

    /// Ends the rest of the thread: it looks for turns again.
    pub(super) fn rouse(&self) {
        if self.rests.load(Ordering::SeqCst) {
            self.take_over();
        }
    }

    /// Has the thread look now whether it has to take the turns.
    pub(super) fn take_over(&self) {
        self.rests.store(false, Ordering::SeqCst);
        // The lock makes sure that the thread has begun to sleep, or sees the change.
        drop(self.lock());
        self.bell.notify_one();
    }

    fn start(&self, reactor: &'static Reactor) {
        let _lock = self.lock();
        if self.has_started.load(Ordering::SeqCst) {
            return;
        }
        let thread = thread::Builder::new().name("endpoint-runtime".to_owned());
        match thread.spawn(|| reactor.driving.fallback.run(reactor)) {
            Ok(_) => self.has_started.store(true, Ordering::SeqCst),
            Err(error) => {
                tracing::error!("cannot start the thread that waits for sockets: {error}");
            }
        }
    }

    fn run(&self, reactor: &Reactor) {
        let driving = &reactor.driving;
        let mut wakers = Vec::new();
        let mut turns = driving.turns();
        loop {
            if driving.is_entered() {
                self.pause();
            }
            let now = driving.turns();
            if now != turns && driving.is_entered() {
                turns = now;
                continue;
            }
            turns = now;
            if driving.is_turning() || !reactor.is_waited_for() {
                self.rest(reactor, turns);
                turns = driving.turns();
            } else {
                self.drives.store(true, Ordering::SeqCst);
                drive(reactor, &mut wakers);
                self.drives.store(false, Ordering::SeqCst);
                turns = driving.turns();
            }
        }
    }

    fn pause(&self) {
        let waited = self.bell.wait_timeout(self.lock(), PATIENCE);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Sleeps until a turn ends or, while no thread takes one, until a task waits.
    fn rest(&self, reactor: &Reactor, turns: usize) {
        let driving = &reactor.driving;
        let mut lock = self.lock();
        self.rests.store(true, Ordering::SeqCst);
        // What has changed before does not rouse this thread.
        let is_needed = !driving.is_turning() && reactor.is_waited_for();
        if is_needed || driving.turns() != turns {
            self.rests.store(false, Ordering::SeqCst);
        }
        while self.rests.load(Ordering::SeqCst) {
            lock = self.bell.wait(lock).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        lock(&self.sleep)
    }
}

/// Takes turns until a thread inside `block_on` wants the next one.
fn drive(reactor: &Reactor, wakers: &mut Vec<Waker>) {
    while let Some(turn) = reactor.begin_turn() {
        reactor.wait(wakers, || !reactor.driving.has_parked());
        let is_relieved = reactor.driving.has_parked();
        drop(turn);
        wake_all(wakers);
        if is_relieved {
            return;
        }
    }
}
