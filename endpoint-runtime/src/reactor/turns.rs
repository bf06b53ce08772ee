//! Turns: one thread at a time waits for the events of all tasks, and then passes the turn on.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::Wake;
use std::thread::{self, Thread};

use super::sources::Sources;
use crate::lock::lock;

thread_local! {
    /// The reactor of the thread's innermost `block_on`; `None` outside of one.
    static CURRENT: Cell<Option<&'static Reactor>> = const { Cell::new(None) };
}

/// The reactor for new sockets and timers of this thread, or `None` for async-io.
pub(super) fn current() -> Option<&'static Reactor> {
    CURRENT.get()
}

/// A reactor: sockets and timers, and the threads that take turns to wait for them.
pub(super) struct Reactor {
    pub(super) sources: Sources,
    pub(super) turns: Turns,
}

impl Reactor {
    pub(super) const fn new() -> Self {
        Self { sources: Sources::new(), turns: Turns::new() }
    }
}

/// The turns of a reactor, and the threads that are ready to take one.
pub(super) struct Turns {
    /// The number of turns begun plus the number of turns ended: odd during a turn.
    count: AtomicUsize,
    /// How many calls of `block_on` are running, on all threads.
    entered: AtomicUsize,
    /// The threads inside `block_on` that sleep while another one takes turns.
    parked: Mutex<Vec<Arc<Sleeper>>>,
    pub(super) fallback: Fallback,
}

/// The state that the [fallback](super::fallback) thread shares with other threads.
pub(super) struct Fallback {
    pub(super) has_started: AtomicBool,
    /// Whether the thread sleeps until [`rouse`](Self::rouse), instead of checking for turns.
    pub(super) rests: AtomicBool,
    /// Whether the thread takes turns, in the place of threads inside `block_on`.
    pub(super) drives: AtomicBool,
    /// Locked to start the thread, and by the thread before it sleeps.
    pub(super) sleep: Mutex<()>,
    /// Wakes the thread, which waits with the lock `sleep`.
    pub(super) bell: Condvar,
}

impl Turns {
    const fn new() -> Self {
        Self {
            count: AtomicUsize::new(0),
            entered: AtomicUsize::new(0),
            parked: Mutex::new(Vec::new()),
            fallback: Fallback {
                has_started: AtomicBool::new(false),
                rests: AtomicBool::new(false),
                drives: AtomicBool::new(false),
                sleep: Mutex::new(()),
                bell: Condvar::new(),
            },
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// How many turns have ended.
    pub(super) fn ended(&self) -> usize {
        self.count() / 2
    }

    /// Whether a thread is taking a turn, that is, waits for events.
    pub(super) fn is_taken(&self) -> bool {
        self.count() % 2 == 1
    }

    /// Begins a turn; `None` if another thread is taking one.
    pub(super) fn begin(&self) -> Option<Turn<'_>> {
        let even = self.count() & !1;
        let begun = self.count.compare_exchange(even, even + 1, Ordering::SeqCst, Ordering::SeqCst);
        begun.is_ok().then(|| Turn(self))
    }

    /// Whether a thread is inside `block_on`.
    pub(super) fn is_entered(&self) -> bool {
        self.entered.load(Ordering::SeqCst) > 0
    }

    /// Whether a thread inside `block_on` is parked, and so could take the next turn.
    pub(super) fn has_parked(&self) -> bool {
        !self.parked().is_empty()
    }

    /// Wakes a parked thread, if there is one, to take the next turn.
    pub(super) fn hand_over(&self) {
        let next = self.parked().pop();
        if let Some(next) = next {
            next.thread.unpark();
        }
    }

    /// Sleeps until the future of the thread is woken, or until this thread may take the next turn.
    pub(super) fn park(&self, sleeper: &Arc<Sleeper>) {
        self.parked().push(Arc::clone(sleeper));
        if self.fallback.drives.load(Ordering::SeqCst) {
            sleeper.sources.interrupt();
        }
        // If a turn ended before the push, it did not wake this thread.
        if self.is_taken() && sleeper.changes(AWAKE, PARKED) {
            thread::park();
            sleeper.changes(PARKED, AWAKE);
        }
        self.parked().retain(|other| !Arc::ptr_eq(other, sleeper));
    }

    fn parked(&self) -> MutexGuard<'_, Vec<Arc<Sleeper>>> {
        lock(&self.parked)
    }
}

impl Fallback {
    /// Wakes the fallback thread if it rests, so that it checks for turns again.
    pub(super) fn rouse(&self) {
        if self.rests.load(Ordering::SeqCst) {
            self.take_over();
        }
    }

    /// Wakes the fallback to check immediately whether it has to take turns.
    pub(super) fn take_over(&self) {
        self.rests.store(false, Ordering::SeqCst);
        // Locking ensures that the thread is already asleep, or reads the new state.
        drop(lock(&self.sleep));
        self.bell.notify_one();
    }
}

/// A turn: while it exists, no other thread can begin one. Dropping it passes the turn on.
pub(super) struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        self.0.hand_over();
        self.0.fallback.rouse();
    }
}

/// A thread inside `block_on`, and the waker of its future.
pub(super) struct Sleeper {
    /// [`AWAKE`], [`WOKEN`], [`IN_TURN`] or [`PARKED`].
    state: AtomicU8,
    thread: Thread,
    sources: &'static Sources,
}

/// The thread polls its future, or is about to sleep.
const AWAKE: u8 = 0;
/// The thread must poll its future once more before it may sleep.
const WOKEN: u8 = 1;
/// The thread sleeps in the poller.
const IN_TURN: u8 = 2;
/// The thread sleeps while another thread takes turns.
const PARKED: u8 = 3;

impl Sleeper {
    pub(super) fn new(sources: &'static Sources) -> Self {
        Self { state: AtomicU8::new(AWAKE), thread: thread::current(), sources }
    }

    /// Records that the future is about to be polled, which answers all earlier wakes.
    pub(super) fn forget_wake(&self) {
        self.state.store(AWAKE, Ordering::SeqCst);
    }

    /// Whether the future was woken since it was last polled.
    pub(super) fn is_woken(&self) -> bool {
        self.state.load(Ordering::SeqCst) == WOKEN
    }

    /// Returns whether the thread may sleep in the poller. Until [`end_turn`](Self::end_turn), a
    /// wake of its future interrupts the poller.
    pub(super) fn begin_turn(&self) -> bool {
        self.changes(AWAKE, IN_TURN)
    }

    /// From now on, a wake of the future does not interrupt the poller.
    pub(super) fn end_turn(&self) {
        self.changes(IN_TURN, AWAKE);
    }

    /// Changes the state if it is `from`; returns whether it was.
    fn changes(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match self.state.swap(WOKEN, Ordering::SeqCst) {
            IN_TURN => self.sources.interrupt(),
            PARKED => self.thread.unpark(),
            _ => {}
        }
    }
}

/// A running call of `block_on`, which makes its reactor that of the thread.
pub(super) struct Entered {
    reactor: &'static Reactor,
    /// The reactor of the enclosing `block_on`, if this call is nested.
    outer: Option<&'static Reactor>,
}

impl Entered {
    pub(super) fn new(reactor: &'static Reactor) -> Self {
        reactor.turns.entered.fetch_add(1, Ordering::SeqCst);
        Self { reactor, outer: CURRENT.replace(Some(reactor)) }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
        let Reactor { sources, turns } = self.reactor;
        if turns.entered.fetch_sub(1, Ordering::SeqCst) == 1 {
            if sources.are_waited_for() {
                turns.fallback.take_over();
            }
        } else if !turns.is_taken() {
            // This thread may have been chosen for the next turn, but does not take it.
            turns.hand_over();
        }
    }
}
