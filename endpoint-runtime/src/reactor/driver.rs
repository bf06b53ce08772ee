//! Which thread takes the turns of the reactor: one of those inside `block_on`.
//!
//! A thread inside [`block_on`] whose future is pending takes a turn, or parks while another
//! thread does. When a turn ends, a parked thread takes the next one, as the future that is polled
//! now may take long. Where no thread is left to do so, the [fallback](super::fallback) does.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::fallback::Fallback;
use super::sources::{Reactor, wake_all};
use crate::lock::lock;

/// The reactor of the process.
static REACTOR: Reactor = Reactor::new();

thread_local! {
    /// The reactor whose `block_on` the thread is in.
    static CURRENT: Cell<Option<&'static Reactor>> = const { Cell::new(None) };
}

/// The reactor that sockets and timers of this thread belong to, unless they are async-io's.
pub(super) fn current() -> Option<&'static Reactor> {
    CURRENT.get()
}

/// Blocks the thread until the future is ready, and waits for this crate's sockets meanwhile.
///
/// Sockets that are opened inside belong to the reactor of this crate, which needs no other thread
/// and fewer system calls than async-io. Outside, as under `smol::block_on` or on tokio, they
/// belong to async-io. Several threads may call this, also within itself.
///
/// Code that blocks the thread inside, such as a nested `smol::block_on`, delays the sockets of
/// this reactor by up to 100 ms; a thread named `endpoint-runtime` waits for them then, and also
/// for those that outlive the call.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), endpoint_runtime::Error> {
/// endpoint_runtime::block_on(async {
///     let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
///     let listener = server.listen().await?;
///     assert!(listener.local_address().port() > Some(0));
///     listener.close().await
/// })
/// # }
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    REACTOR.block_on(future)
}

/// The threads that drive a reactor.
pub(super) struct Driving {
    /// The turns begun and ended: odd while a thread takes one.
    turns: AtomicUsize,
    /// The number of calls of `block_on`.
    entered: AtomicUsize,
    /// The threads inside `block_on` that sleep while another one takes the turns.
    parked: Mutex<Vec<Arc<Sleeper>>>,
    pub(super) fallback: Fallback,
}

impl Driving {
    pub(super) const fn new() -> Self {
        Self {
            turns: AtomicUsize::new(0),
            entered: AtomicUsize::new(0),
            parked: Mutex::new(Vec::new()),
            fallback: Fallback::new(),
        }
    }

    pub(super) fn turns(&self) -> usize {
        self.turns.load(Ordering::SeqCst)
    }

    pub(super) fn is_turning(&self) -> bool {
        self.turns() % 2 == 1
    }

    /// Whether a thread is inside `block_on`.
    pub(super) fn is_entered(&self) -> bool {
        self.entered.load(Ordering::SeqCst) > 0
    }

    /// Whether a thread inside `block_on` waits for the right to a turn.
    pub(super) fn has_parked(&self) -> bool {
        !self.parked().is_empty()
    }

    fn parked(&self) -> MutexGuard<'_, Vec<Arc<Sleeper>>> {
        lock(&self.parked)
    }

    /// Lets a parked thread take the next turn.
    fn hand_over(&self) {
        let next = self.parked().pop();
        if let Some(next) = next {
            next.thread.unpark();
        }
    }
}

/// The right to a turn.
pub(super) struct Turn<'a> {
    driving: &'a Driving,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.driving.turns.fetch_add(1, Ordering::SeqCst);
        self.driving.hand_over();
        self.driving.fallback.rouse();
    }
}

impl Reactor {
    pub(super) fn block_on<T>(&'static self, future: impl Future<Output = T>) -> T {
        let sleeper = Arc::new(Sleeper {
            state: AtomicU8::new(AWAKE),
            thread: thread::current(),
            reactor: self,
        });
        let waker = Waker::from(Arc::clone(&sleeper));
        let mut cx = Context::from_waker(&waker);
        let mut future = pin!(future);
        let mut wakers = Vec::new();
        let _entered = Entered::new(self);
        loop {
            sleeper.state.store(AWAKE, Ordering::SeqCst);
            if let Poll::Ready(done) = future.as_mut().poll(&mut cx) {
                return done;
            }
            self.sleep(&sleeper, &mut wakers);
        }
    }

    pub(super) fn begin_turn(&self) -> Option<Turn<'_>> {
        let driving = &self.driving;
        let turns = driving.turns() & !1;
        let begun =
            driving.turns.compare_exchange(turns, turns + 1, Ordering::SeqCst, Ordering::SeqCst);
        begun.is_ok().then(|| Turn { driving })
    }

    /// Makes sure that a task that waits is woken, even if this thread never takes a turn.
    pub(super) fn be_driven(&'static self) {
        self.driving.fallback.be_ready(self);
    }

    /// Takes turns, or parks while another thread does, until the future has to be polled.
    fn sleep(&self, sleeper: &Arc<Sleeper>, wakers: &mut Vec<Waker>) {
        loop {
            if let Some(turn) = self.begin_turn() {
                self.wait(wakers, || sleeper.changes(AWAKE, IN_TURN));
                // Most tasks of a turn belong to this thread, which needs no interruption.
                let _ = sleeper.changes(IN_TURN, AWAKE);
                drop(turn);
                wake_all(wakers);
            } else {
                self.park(sleeper);
            }
            if sleeper.is_woken() {
                // Another thread may have left the next turn to this one.
                if !self.driving.is_turning() {
                    self.driving.hand_over();
                }
                return;
            }
        }
    }

    /// Sleeps until the future is woken, or the next turn may be this thread's.
    fn park(&self, sleeper: &Arc<Sleeper>) {
        let driving = &self.driving;
        driving.parked().push(Arc::clone(sleeper));
        if driving.fallback.is_driving() {
            self.interrupt();
        }
        // A turn that ended before the push has not seen this thread.
        if driving.is_turning() && sleeper.changes(AWAKE, PARKED) {
            thread::park();
            let _ = sleeper.changes(PARKED, AWAKE);
        }
        driving.parked().retain(|other| !Arc::ptr_eq(other, sleeper));
    }
}

/// A thread inside `block_on`.
struct Sleeper {
    state: AtomicU8,
    thread: Thread,
    reactor: &'static Reactor,
}

/// Polls its future, or is about to sleep.
const AWAKE: u8 = 0;
/// Has to poll its future once more before it may sleep.
const WOKEN: u8 = 1;
/// Sleeps in the poller.
const IN_TURN: u8 = 2;
/// Sleeps while another thread takes the turns.
const PARKED: u8 = 3;

impl Sleeper {
    fn changes(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    fn is_woken(&self) -> bool {
        self.state.load(Ordering::SeqCst) == WOKEN
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match self.state.swap(WOKEN, Ordering::SeqCst) {
            IN_TURN => self.reactor.interrupt(),
            PARKED => self.thread.unpark(),
            _ => {}
        }
    }
}

/// A call of `block_on`.
struct Entered {
    reactor: &'static Reactor,
    outer: Option<&'static Reactor>,
}

impl Entered {
    fn new(reactor: &'static Reactor) -> Self {
        reactor.driving.entered.fetch_add(1, Ordering::SeqCst);
        Self { reactor, outer: CURRENT.replace(Some(reactor)) }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
        let driving = &self.reactor.driving;
        if driving.entered.fetch_sub(1, Ordering::SeqCst) == 1 {
            if self.reactor.is_waited_for() {
                driving.fallback.take_over();
            }
        } else if !driving.is_turning() {
            // This thread may have been chosen for the next turn, and does not take it.
            driving.hand_over();
        }
    }
}
