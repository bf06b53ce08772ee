//! Who takes the turns of the reactor: whoever blocks on a future, one at a time; where nobody does, a thread.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use super::epoll::{Reactor, Turn};

/// How many block on a future. While anybody does, the thread leaves the turns to them.
static PRESENT: AtomicUsize = AtomicUsize::new(0);

/// Whether somebody takes a turn.
static TURNING: AtomicBool = AtomicBool::new(false);

/// Those who block on a future and let somebody else turn, for one of them to be next.
static PARKED: Mutex<Vec<Arc<Sleeper>>> = Mutex::new(Vec::new());

/// Whether there is a thread, to look at in passing.
static HAS_THREAD: AtomicBool = AtomicBool::new(false);

/// The same, to be sure of.
static THREAD: Mutex<bool> = Mutex::new(false);

/// It does nothing until the last of those who are present has left, or all of them have been busy for this long.
static LEFT: Condvar = Condvar::new();
const PATIENCE: Duration = Duration::from_millis(100);

thread_local! {
    /// Whether this thread blocks on a future.
    static IS_PRESENT: Cell<bool> = const { Cell::new(false) };
}

/// Blocks the thread until the future is ready, and waits on this very thread for the sockets of this crate.
///
/// Any other executor does, too; then a thread of this crate does the waiting, and each event has to wake another one. It
/// may be called by several threads, and within itself; but what blocks within it some other way, such as
/// `smol::block_on`, must not wait for sockets of this crate.
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
        sleeper.sleep(&mut turn);
    }
}

/// Sees to it that somebody takes turns.
///
/// Those who block on a future may be busy with it for long, or even with waiting for this thread.
pub(super) fn be_driven() {
    if !HAS_THREAD.load(Ordering::SeqCst)
        && (PRESENT.load(Ordering::SeqCst) == 0 || !IS_PRESENT.get())
    {
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
/// Takes the next turn, and does not poll its future before.
const IS_NEXT: u8 = 4;

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
        self.changes(AWAKE, asleep)
    }

    fn changes(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Takes a turn, or sleeps until it is woken while somebody else does.
    fn sleep(self: &Arc<Self>, turn: &mut Turn) {
        loop {
            // Without a reactor nothing can be waited for here, so nothing is; other things may be.
            if let Ok(reactor) = Reactor::of_process() {
                if let Some(turning) = Turning::begin() {
                    reactor.wait(turn, || self.falls(IN_TURN));
                    // Whom this turn wakes is mostly ourselves: no bell is needed then.
                    let _ = self.changes(IN_TURN, AWAKE);
                    drop(turning);
                    return turn.wake();
                }
            }
            if !self.parks() {
                return;
            }
        }
    }

    /// Sleeps until it is woken, or until its turn has come: whether it has.
    fn parks(self: &Arc<Self>) -> bool {
        parked().push(Arc::clone(self));
        // Who turns looks for others after its turn; this one may have come too late for that.
        let is_late = !TURNING.load(Ordering::SeqCst) && Reactor::of_process().is_ok();
        if !is_late && self.falls(IS_PARKED) {
            while self.state.load(Ordering::SeqCst) == IS_PARKED {
                thread::park();
            }
        }
        parked().retain(|other| !Arc::ptr_eq(other, self));
        if self.changes(IS_NEXT, AWAKE) || (is_late && self.state.load(Ordering::SeqCst) == AWAKE) {
            return true;
        }
        // It may have been next, and polls its future now, which may take long: another one takes over.
        if !TURNING.load(Ordering::SeqCst) {
            wake_next();
        }
        false
    }

    fn is_next(&self) -> bool {
        self.changes(IS_PARKED, IS_NEXT) || self.changes(AWAKE, IS_NEXT)
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

/// Has one of those who are parked take a turn. Who was woken meanwhile is none of them: it polls its future first.
fn wake_next() {
    let mut parked = parked();
    while let Some(next) = parked.pop() {
        if next.is_next() {
            drop(parked);
            return next.thread.unpark();
        }
    }
}

/// Somebody who blocks on a future.
struct Present {
    /// Within another one.
    was_present: bool,
}

impl Present {
    fn enter() -> Self {
        // The thread, if it turns, has to leave.
        if PRESENT.fetch_add(1, Ordering::SeqCst) == 0 && *has_thread() {
            if let Ok(reactor) = Reactor::of_process() {
                reactor.ring();
            }
        }
        Self { was_present: IS_PRESENT.replace(true) }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        IS_PRESENT.set(self.was_present);
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
    let mut is_alone = false;
    loop {
        let present = wait_for_need(is_alone);
        let (Some(turning), Ok(reactor)) = (Turning::begin(), Reactor::of_process()) else {
            thread::yield_now();
            continue;
        };
        reactor.wait(&mut turn, || PRESENT.load(Ordering::SeqCst) <= present);
        is_alone = parked().is_empty();
        drop(turning);
        turn.wake();
    }
}

/// Waits until nobody is present, or nobody of them takes turns, and says how many they are; a thread that is still
/// `alone` with them need not wait again.
fn wait_for_need(mut alone: bool) -> usize {
    let mut has_thread = has_thread();
    loop {
        let present = PRESENT.load(Ordering::SeqCst);
        if present == 0 || (alone && !TURNING.load(Ordering::SeqCst)) {
            return present;
        }
        let waited = LEFT.wait_timeout(has_thread, PATIENCE);
        let (again, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        (has_thread, alone) = (again, waited.timed_out());
    }
}

fn parked() -> MutexGuard<'static, Vec<Arc<Sleeper>>> {
    PARKED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn has_thread() -> MutexGuard<'static, bool> {
    THREAD.lock().unwrap_or_else(PoisonError::into_inner)
}
