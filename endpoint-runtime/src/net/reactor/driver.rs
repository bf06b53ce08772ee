//! Who takes the turns of the reactor: whoever blocks on a future, one at a time; where nobody does, a thread.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::epoll::{Reactor, Turn};

/// How many block on a future. While anybody does, the thread waits for nothing.
static PRESENT: AtomicUsize = AtomicUsize::new(0);

/// Whether somebody takes a turn.
static TURNING: AtomicBool = AtomicBool::new(false);

/// Those who block on a future and let somebody else turn, for one of them to be next.
static PARKED: Mutex<Vec<Arc<Sleeper>>> = Mutex::new(Vec::new());

/// Whether there is a thread, to look at in passing.
static HAS_THREAD: AtomicBool = AtomicBool::new(false);

/// The same, to be sure of.
static THREAD: Mutex<bool> = Mutex::new(false);

/// It does nothing until the last of those who are present has left.
static LEFT: Condvar = Condvar::new();

/// Blocks the thread until the future is ready, and waits on this very thread for the sockets of this crate.
///
/// Any other executor does, too; then a thread of this crate does the waiting, and each event has to wake another one. It
/// may be called by several threads, and within itself.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), endpoint_runtime::Error> {
/// endpoint_runtime::block_on(async {
///     let listener = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
///     assert!(listener.local_address().port() > Some(0));
///     listener.close().await
/// })
/// # }
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let sleeper = Arc::new(Sleeper { state: AtomicU8::new(AWAKE), thread: thread::current() });
    let waker = Waker::from(Arc::clone(&sleeper));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    let mut turn = Turn::new();
    let _present = Present::enter();
    loop {
        sleeper.state.store(AWAKE, Ordering::SeqCst);
        if let Poll::Ready(done) = future.as_mut().poll(&mut cx) {
            return done;
        }
        match (Turning::begin(), Reactor::of_process()) {
            (Some(_turning), Ok(reactor)) => sleeper.turn(reactor, &mut turn),
            // Nothing can be waited for here, so nothing is; other things may be.
            (_, _) => sleeper.park(),
        }
    }
}

/// Sees to it that somebody takes turns.
pub(super) fn be_driven() {
    if PRESENT.load(Ordering::SeqCst) == 0 && !HAS_THREAD.load(Ordering::SeqCst) {
        start_thread();
    }
}

/// Who blocks on a future.
struct Sleeper {
    state: AtomicU8,
    thread: Thread,
}

/// Polls its future, or is about to sleep.
const AWAKE: u8 = 0;
/// Has to poll its future once more before it may sleep.
const WOKEN: u8 = 1;
/// Sleeps in the reactor.
const IN_TURN: u8 = 2;
/// Sleeps by itself.
const IS_PARKED: u8 = 3;

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match self.state.swap(WOKEN, Ordering::SeqCst) {
            IN_TURN => {
                if let Ok(reactor) = Reactor::of_process() {
                    reactor.ring();
                }
            }
            IS_PARKED => self.thread.unpark(),
            _ => {}
        }
    }
}

impl Sleeper {
    fn falls(&self, asleep: u8) -> bool {
        self.state.compare_exchange(AWAKE, asleep, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    fn turn(&self, reactor: &Reactor, turn: &mut Turn) {
        reactor.wait(turn, || self.falls(IN_TURN));
        // Whom this turn wakes is mostly ourselves: no bell is needed then.
        let _ = self.state.compare_exchange(IN_TURN, AWAKE, Ordering::SeqCst, Ordering::SeqCst);
        turn.wake();
    }

    /// Sleeps until it is woken, or until its turn has come.
    fn park(self: &Arc<Self>) {
        parked().push(Arc::clone(self));
        // Who turns looks for others after its turn; this one may have come too late for that.
        if !TURNING.load(Ordering::SeqCst) && Reactor::of_process().is_ok() {
            self.state.store(WOKEN, Ordering::SeqCst);
        } else if self.falls(IS_PARKED) {
            while self.state.load(Ordering::SeqCst) == IS_PARKED {
                thread::park();
            }
        }
        parked().retain(|other| !Arc::ptr_eq(other, self));
    }
}

/// The right to take a turn.
struct Turning;

impl Turning {
    fn begin() -> Option<Self> {
        let begun = TURNING.compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst);
        begun.ok().map(|_| Self)
    }
}

impl Drop for Turning {
    fn drop(&mut self) {
        TURNING.store(false, Ordering::SeqCst);
        // This thread may be busy for long: another one takes over.
        wake_next();
    }
}

fn wake_next() {
    let next = parked().pop();
    if let Some(next) = next {
        next.wake();
    }
}

/// Somebody who blocks on a future.
struct Present;

impl Present {
    fn enter() -> Self {
        // The thread, if it turns, has to leave.
        if PRESENT.fetch_add(1, Ordering::SeqCst) == 0 && *has_thread() {
            if let Ok(reactor) = Reactor::of_process() {
                reactor.ring();
            }
        }
        Self
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        if PRESENT.fetch_sub(1, Ordering::SeqCst) > 1 {
            // This one may have been woken to take over, and have no need to wait any more.
            if !TURNING.load(Ordering::SeqCst) {
                wake_next();
            }
            return;
        }
        if *has_thread() {
            LEFT.notify_one();
        } else if Reactor::of_process().is_ok_and(Reactor::is_waited_for) {
            // Somebody else waits for what this one had waited for along with its own.
            start_thread();
        }
    }
}

fn start_thread() {
    let mut has_thread = has_thread();
    if *has_thread {
        LEFT.notify_one();
        return;
    }
    let started = thread::Builder::new().name("endpoint-runtime".to_owned()).spawn(run_thread);
    *has_thread = started.is_ok();
    HAS_THREAD.store(*has_thread, Ordering::SeqCst);
    if let Err(error) = started {
        tracing::error!("cannot start the thread that waits for sockets: {error}");
    }
}

fn run_thread() {
    let mut turn = Turn::new();
    loop {
        let mut has_thread = has_thread();
        while PRESENT.load(Ordering::SeqCst) > 0 {
            has_thread = LEFT.wait(has_thread).unwrap_or_else(PoisonError::into_inner);
        }
        drop(has_thread);
        let (Some(_turning), Ok(reactor)) = (Turning::begin(), Reactor::of_process()) else {
            thread::yield_now();
            continue;
        };
        reactor.wait(&mut turn, || PRESENT.load(Ordering::SeqCst) == 0);
        turn.wake();
    }
}

fn parked() -> MutexGuard<'static, Vec<Arc<Sleeper>>> {
    PARKED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn has_thread() -> MutexGuard<'static, bool> {
    THREAD.lock().unwrap_or_else(PoisonError::into_inner)
}
