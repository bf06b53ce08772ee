//! The waiting sockets and timers, and one turn of waiting.
//!
//! 1. A socket is added to the poller at its first wait, because many operations never wait. It is
//!    watched edge-triggered, in the directions with a wait so far.
//! 2. An event wakes the waiting task, and counts until the next attempt in its direction. It means
//!    that an attempt may succeed, not how many bytes there are.
//! 3. A task waits for the next edge after an attempt that would have blocked, and after a read
//!    that emptied a TCP socket. Before any other wait, the last edge may already be over, so the
//!    watch is renewed.
//! 4. Wakers are woken and dropped outside of the locks, because they run foreign code.

use std::collections::BTreeMap;
use std::io;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use slab::Slab;

use crate::lock::lock;
use crate::sys::poller::{self, AnyPoller, Event, Interest, Socket, Watched};

/// For how many sockets memory is kept when none is watched any more.
const KEPT: usize = 64;

/// How long a turn sleeps at most without a poller: descriptors to open one may become free.
const WITHOUT_POLLER: Duration = Duration::from_millis(10);

/// What the tasks of a reactor wait for: sockets and timers.
pub(super) struct Sources {
    /// Opened by the first socket or the first turn, because that may fail.
    poller: OnceLock<AnyPoller>,
    /// The watched sockets, by their keys in the poller.
    watched: Mutex<Slab<Source>>,
    timers: Mutex<Timers>,
    /// The tasks that yielded, to wake after the next turn.
    later: Mutex<Vec<Waker>>,
    /// Whether the thread yields the processor before the next wait.
    gives_way: AtomicBool,
    /// Whether a thread waits in the poller, or is about to.
    asleep: AtomicBool,
    /// The events of the current turn; the memory is reused.
    events: Mutex<Vec<Event>>,
}

struct Timers {
    /// Each waiting timer by its time and its number, so that two may have the same time.
    by_time: BTreeMap<(Instant, u64), Waker>,
    last_id: u64,
}

/// A socket with at least one wait so far. The arrays have an element for each [`Direction`].
///
/// There are as many as open sockets, so they are kept small: wakers and flags are apart, because
/// an array of both would have padding.
#[derive(Default)]
struct Source {
    wakers: [Option<Waker>; 2],
    is_watched: [bool; 2],
    /// Whether there was an event since the last attempt.
    is_ready: [bool; 2],
    /// Whether the peer has ended its data, so that reads never wait.
    is_ended: bool,
    /// Whether there was urgent data or an error, so that a short read does not mean "empty".
    is_odd: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Read,
    Write,
}

/// What a task that is about to wait learned from its last attempt to read or write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// The last attempt would have blocked, so only a new event counts.
    WouldBlock,
    /// The read was short, so the socket is empty unless the end or urgent data follows.
    Emptied,
    /// There was no attempt, or it did not show whether the socket is still ready.
    Unknown,
}

impl Sources {
    pub(super) const fn new() -> Self {
        Self {
            poller: OnceLock::new(),
            watched: Mutex::new(Slab::new()),
            timers: Mutex::new(Timers { by_time: BTreeMap::new(), last_id: 0 }),
            later: Mutex::new(Vec::new()),
            gives_way: AtomicBool::new(false),
            asleep: AtomicBool::new(false),
            events: Mutex::new(Vec::new()),
        }
    }

    /// Returns the poller. The first socket or the first wait opens it.
    pub(super) fn poller(&self) -> io::Result<&AnyPoller> {
        if let Some(poller) = self.poller.get() {
            return Ok(poller);
        }
        let opened = poller::open()?;
        Ok(self.poller.get_or_init(|| opened))
    }

    /// Records that an attempt follows, so that only later events count.
    pub(super) fn note_attempt(&self, key: Option<u32>, direction: Direction) {
        let Some(key) = key else { return };
        if let Some(source) = self.watched().get_mut(key as usize) {
            source.is_ready[direction as usize] = false;
        }
    }

    /// Ready if there was an event since the last attempt; otherwise watches for the next one.
    pub(super) fn poll_ready<T: Socket>(
        &self,
        socket: &Watched<T>,
        direction: Direction,
        tried: Tried,
        waker: &Waker,
    ) -> Poll<io::Result<()>> {
        let mut watched = self.watched();
        let key = match socket.key() {
            Some(key) => key as usize,
            None => watched.insert(Source::default()),
        };
        let Some(source) = watched.get_mut(key) else {
            return Poll::Ready(Err(io::ErrorKind::NotFound.into()));
        };
        let may_be_ready = match tried {
            Tried::WouldBlock => false,
            Tried::Emptied => source.is_odd || !socket.poller().reports_end(),
            Tried::Unknown => true,
        };
        let is_ended = source.is_ended && direction == Direction::Read;
        let way = direction as usize;
        if mem::take(&mut source.is_ready[way]) || (is_ended && tried != Tried::WouldBlock) {
            return Poll::Ready(Ok(()));
        }
        let waiting = &mut source.wakers[way];
        let must_watch = !source.is_watched[way] || (may_be_ready && waiting.is_none());
        let replaced = match waiting {
            Some(last) if last.will_wake(waker) => None,
            _ => waiting.replace(waker.clone()),
        };
        if must_watch {
            source.is_watched[way] = true;
            let [readable, writable] = source.is_watched;
            let started = u32::try_from(key)
                .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))
                .and_then(|key| socket.watch(Interest { key, readable, writable }));
            if let Err(error) = started {
                source.is_watched[way] = false;
                let unused = source.wakers[way].take();
                if socket.key().is_none() {
                    watched.remove(key);
                }
                drop(watched);
                drop((replaced, unused));
                return Poll::Ready(Err(error));
            }
        }
        drop(watched);
        drop(replaced);
        Poll::Pending
    }

    /// Removes the source of a socket that is no longer watched, and drops its wakers.
    pub(super) fn forget(&self, key: u32) {
        let mut watched = self.watched();
        let removed = watched.try_remove(key as usize);
        if watched.is_empty() && watched.capacity() > KEPT {
            watched.shrink_to_fit();
        }
        drop(watched);
        drop(removed);
    }

    /// Adds a timer that wakes a task at the time `at`. Returns the number of the timer.
    pub(super) fn insert_timer(&self, at: Instant, waker: Waker) -> u64 {
        let mut timers = self.timers();
        timers.last_id += 1;
        let id = timers.last_id;
        timers.by_time.insert((at, id), waker);
        let is_next = timers.by_time.keys().next() == Some(&(at, id));
        drop(timers);
        if is_next {
            self.interrupt();
        }
        id
    }

    /// Replaces the waker of a timer. Returns false if the timer has fired already.
    pub(super) fn renew_timer(&self, at: Instant, id: u64, waker: &Waker) -> bool {
        let mut timers = self.timers();
        let Some(last) = timers.by_time.get_mut(&(at, id)) else { return false };
        let replaced = (!last.will_wake(waker)).then(|| mem::replace(last, waker.clone()));
        drop(timers);
        drop(replaced);
        true
    }

    pub(super) fn forget_timer(&self, at: Instant, id: u64) {
        let removed = self.timers().by_time.remove(&(at, id));
        drop(removed);
    }

    /// Wakes a task after the next turn, which does not sleep.
    pub(super) fn wake_later(&self, waker: Waker) {
        self.later().push(waker);
        self.interrupt();
    }

    pub(super) fn give_way(&self) {
        self.gives_way.store(true, Ordering::Relaxed);
    }

    /// Ends the wait of the thread that waits in the poller, if one does.
    pub(super) fn interrupt(&self) {
        if self.asleep.load(Ordering::SeqCst) {
            if let Some(poller) = self.poller.get() {
                poller.notify();
            }
        }
    }

    /// Whether any task waits for a socket, a timer or the next turn.
    pub(super) fn are_waited_for(&self) -> bool {
        !self.timers().by_time.is_empty()
            || !self.later().is_empty()
            || self.watched().iter().any(|(_, it)| it.wakers.iter().any(Option::is_some))
    }

    /// Waits for events and timers, and appends the wakers of their tasks to `wakers`.
    ///
    /// `may_sleep` is called once [`interrupt`](Self::interrupt) would end the wait. If it returns
    /// false, the wait does not block. Only the thread with the right to the turn may call this.
    pub(super) fn wait(&self, wakers: &mut Vec<Waker>, may_sleep: impl FnOnce() -> bool) {
        // The poller is opened before the thread counts as asleep, because `interrupt` does nothing
        // without one.
        let poller = self.poller();
        self.asleep.store(true, Ordering::SeqCst);
        let sleeps = may_sleep() && self.later().is_empty();
        let limit = if sleeps { self.until_next_timer() } else { Some(Duration::ZERO) };
        if self.gives_way.swap(false, Ordering::Relaxed) && sleeps {
            thread::yield_now();
        }
        let mut events = lock(&self.events);
        match poller {
            Ok(poller) => poller.wait(limit, &mut events),
            Err(_) => thread::sleep(limit.unwrap_or(WITHOUT_POLLER).min(WITHOUT_POLLER)),
        }
        self.asleep.store(false, Ordering::SeqCst);
        self.collect_events(&mut events, wakers);
        self.collect_timers(wakers);
        wakers.append(&mut self.later());
    }

    /// Records the events of a turn, and moves the wakers of their tasks to `wakers`.
    fn collect_events(&self, events: &mut Vec<Event>, wakers: &mut Vec<Waker>) {
        if events.is_empty() {
            return;
        }
        let is_oneshot = self.poller.get().is_some_and(|it| it.is_oneshot());
        let mut watched = self.watched();
        for event in events.drain(..) {
            // If the socket was closed in the meantime, another one may have its key. That socket
            // then makes one unnecessary attempt.
            let Some(source) = watched.get_mut(event.key as usize) else { continue };
            source.is_ended |= event.is_end;
            source.is_odd |= event.is_odd;
            for (way, is_ready) in event.ready.into_iter().enumerate() {
                source.is_watched[way] &= !is_oneshot;
                // A one-shot event ends the watch in both directions, so the task of the other
                // one is woken too: its next attempt renews the watch.
                if is_ready || is_oneshot {
                    source.is_ready[way] = true;
                    wakers.extend(source.wakers[way].take());
                }
            }
        }
    }

    fn collect_timers(&self, wakers: &mut Vec<Waker>) {
        let mut timers = self.timers();
        if timers.by_time.is_empty() {
            return;
        }
        let now = Instant::now();
        while let Some(first) = timers.by_time.first_entry().filter(|it| it.key().0 <= now) {
            wakers.push(first.remove());
        }
    }

    fn until_next_timer(&self) -> Option<Duration> {
        let timers = self.timers();
        let (next, _) = timers.by_time.keys().next()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    fn watched(&self) -> MutexGuard<'_, Slab<Source>> {
        lock(&self.watched)
    }

    fn timers(&self) -> MutexGuard<'_, Timers> {
        lock(&self.timers)
    }

    fn later(&self) -> MutexGuard<'_, Vec<Waker>> {
        lock(&self.later)
    }
}

/// Wakes the tasks of a turn. If a waker panics, the others are still woken.
pub(super) fn wake_all(wakers: &mut Vec<Waker>) {
    for waker in wakers.drain(..) {
        let _ = panic::catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}

#[cfg(test)]
impl Sources {
    /// Creates sources with a given poller.
    pub(super) fn on(poller: AnyPoller) -> Self {
        Self { poller: poller.into(), ..Self::new() }
    }
}
