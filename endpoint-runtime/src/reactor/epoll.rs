//! The reactor: which sockets and timers are waited for, and one turn of waiting.
//!
//! 1. A source is added to epoll when it is first waited for, and not before: much of what connections do needs no
//!    wait. It is watched by edges, in the directions that were asked for.
//! 2. An event wakes who waits for it, and is remembered until somebody makes use of it. It says that there may be
//!    something, never how much.
//! 3. Who has tried in vain waits for the next edge, and so does who has read a TCP socket empty. Whoever else waits may
//!    have left something, whose edge is past: the kernel is asked anew.
//! 4. Wakers are woken, and dropped, outside of the locks: what they do is not known.

use std::collections::BTreeMap;
use std::io;
use std::mem;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};

use super::sources::{Direction, NO_KEY, Sources, Tried};

/// How many events a turn takes at most.
const EVENTS: usize = 256;

/// How long a turn takes at most. What `epoll_wait` cannot be told (25 days and more) takes another call, which old
/// systems and many filters of system calls do not have.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The key of the bell, which is no source.
const BELL: u64 = u64::MAX;

/// One for the process.
pub(super) struct Reactor {
    epoll: OwnedFd,
    /// Ends a wait from outside.
    bell: OwnedFd,
    /// Whether somebody waits, or is about to.
    asleep: AtomicBool,
    sources: Mutex<Sources>,
    timers: Mutex<BTreeMap<(Instant, u64), Waker>>,
    /// Who goes on after the next turn.
    later: Mutex<Vec<Waker>>,
    /// Whether others get the processor before the next wait.
    gives_way: AtomicBool,
}

/// What a turn needs, kept from one to the next.
pub(super) struct Turn {
    events: Vec<Event>,
    wakers: Vec<Waker>,
}

impl Turn {
    pub(super) fn new() -> Self {
        Self { events: Vec::with_capacity(EVENTS), wakers: Vec::new() }
    }
}

impl Reactor {
    /// The one of this process.
    pub(super) fn of_process() -> io::Result<&'static Self> {
        static REACTOR: OnceLock<Reactor> = OnceLock::new();
        if let Some(reactor) = REACTOR.get() {
            return Ok(reactor);
        }
        let opened = Self::open()?;
        Ok(REACTOR.get_or_init(|| opened))
    }

    fn open() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        // By edges it need not be read.
        epoll::add(&epoll, &bell, EventData::new_u64(BELL), EventFlags::IN | EventFlags::ET)?;
        Ok(Self {
            epoll,
            bell,
            asleep: AtomicBool::new(false),
            sources: Mutex::default(),
            timers: Mutex::default(),
            later: Mutex::default(),
            gives_way: AtomicBool::new(false),
        })
    }

    /// An attempt is next, which makes use of what has come so far.
    pub(super) fn note_attempt(&self, key: &AtomicU64, direction: Direction) {
        let mut sources = self.sources();
        if let Some(source) = sources.get(key.load(Ordering::Acquire)) {
            source.ways[direction as usize].is_fresh = false;
        }
    }

    /// Waits for an event, where none has come since the last time.
    pub(super) fn poll_ready(
        &self,
        key: &AtomicU64,
        fd: BorrowedFd<'_>,
        direction: Direction,
        tried: Tried,
        waker: &Waker,
    ) -> Poll<io::Result<()>> {
        let mut sources = self.sources();
        let mut place = key.load(Ordering::Acquire);
        let is_new = place == NO_KEY;
        if is_new {
            place = sources.insert();
            key.store(place, Ordering::Release);
        }
        let Some(source) = sources.get(place) else {
            return Poll::Ready(Err(io::ErrorKind::NotFound.into()));
        };
        let is_read = matches!(direction, Direction::Read);
        let ended = source.is_over && is_read && tried != Tried::InVain;
        let way = &mut source.ways[direction as usize];
        if mem::take(&mut way.is_fresh) || ended {
            return Poll::Ready(Ok(()));
        }
        let may_have_missed = match tried {
            Tried::InVain => false,
            Tried::Emptied => source.is_odd,
            Tried::Unknown => true,
        };
        let anew = may_have_missed && way.waker.is_none();
        let last = match &way.waker {
            Some(last) if last.will_wake(waker) => None,
            _ => way.waker.replace(waker.clone()),
        };
        if !way.is_watched || anew {
            way.is_watched = true;
            let (data, flags) = (EventData::new_u64(place), source.flags());
            let watched = if is_new {
                epoll::add(&self.epoll, fd, data, flags)
            } else {
                epoll::modify(&self.epoll, fd, data, flags)
            };
            if let Err(error) = watched {
                let way = &mut source.ways[direction as usize];
                way.is_watched = false;
                let ours = way.waker.take();
                if is_new {
                    sources.remove(place);
                    key.store(NO_KEY, Ordering::Release);
                }
                drop(sources);
                drop((last, ours));
                return Poll::Ready(Err(error.into()));
            }
        }
        drop(sources);
        drop(last);
        Poll::Pending
    }

    /// Forgets a source. Where the descriptor is not closed next, or not the only one, epoll has to be told.
    pub(super) fn forget(&self, key: u64, still_open: Option<BorrowedFd<'_>>) {
        let mut sources = self.sources();
        let forgotten = sources.remove(key);
        drop(sources);
        drop(forgotten);
        if let Some(fd) = still_open {
            // What fails here is a descriptor that has gone already.
            let _ = epoll::delete(&self.epoll, fd);
        }
    }

    /// Has a waker woken at a time; until [`forget_timer`](Self::forget_timer) with what this gives.
    pub(super) fn insert_timer(&self, at: Instant, waker: Waker) -> u64 {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let id = LAST.fetch_add(1, Ordering::Relaxed);
        self.timers().insert((at, id), waker);
        // Who sleeps may do so for too long.
        self.ring();
        id
    }

    /// Has another waker woken, if need be; whether the timer was still there.
    pub(super) fn renew_timer(&self, at: Instant, id: u64, waker: &Waker) -> bool {
        let mut timers = self.timers();
        let Some(last) = timers.get_mut(&(at, id)) else { return false };
        let last =
            if last.will_wake(waker) { None } else { Some(mem::replace(last, waker.clone())) };
        drop(timers);
        drop(last);
        true
    }

    pub(super) fn forget_timer(&self, at: Instant, id: u64) {
        let forgotten = self.timers().remove(&(at, id));
        drop(forgotten);
    }

    /// Waits, if `may_sleep` still says so once a [`ring`](Self::ring) would be heard; who was waited for is in `turn`.
    pub(super) fn wait(&self, turn: &mut Turn, may_sleep: impl FnOnce() -> bool) {
        self.asleep.store(true, Ordering::SeqCst);
        let sleeps = may_sleep() && self.later().is_empty();
        let limit = if sleeps { self.until_next_timer() } else { Some(Duration::ZERO) };
        if self.gives_way.swap(false, Ordering::Relaxed) && sleeps {
            thread::yield_now();
        }
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        turn.events.clear();
        // What can fail is being interrupted: that is a turn without events.
        let _ = epoll::wait(&self.epoll, spare_capacity(&mut turn.events), limit.as_ref());
        self.asleep.store(false, Ordering::SeqCst);
        self.collect_events(turn);
        self.collect_timers(turn);
        turn.wakers.append(&mut self.later());
    }

    /// Has a waker woken after the next turn, which does not wait for anything then.
    pub(super) fn wake_later(&self, waker: Waker) {
        self.later().push(waker);
        self.ring();
    }

    /// Lets others have the processor before the next wait, once, if there are any that want it.
    pub(super) fn give_way(&self) {
        self.gives_way.store(true, Ordering::Relaxed);
    }

    /// Ends a wait, if somebody waits.
    pub(super) fn ring(&self) {
        if self.asleep.load(Ordering::SeqCst) {
            // It fails where it has rung 2⁶⁴ times.
            let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
        }
    }

    /// Whether anybody waits for anything.
    pub(super) fn is_waited_for(&self) -> bool {
        self.sources().are_waited_for() || !self.timers().is_empty() || !self.later().is_empty()
    }

    fn collect_events(&self, turn: &mut Turn) {
        if turn.events.is_empty() {
            return;
        }
        let mut sources = self.sources();
        for event in &turn.events {
            let key = event.data.u64();
            let Some(source) = sources.get(key) else { continue };
            let flags = event.flags;
            source.is_over |= flags.intersects(EventFlags::RDHUP | EventFlags::HUP);
            source.is_odd |= flags.intersects(EventFlags::PRI | EventFlags::ERR);
            let both = EventFlags::ERR | EventFlags::HUP;
            let came = [
                flags.intersects(both | EventFlags::IN | EventFlags::RDHUP | EventFlags::PRI),
                flags.intersects(both | EventFlags::OUT),
            ];
            for (way, _) in source.ways.iter_mut().zip(came).filter(|(_, came)| *came) {
                way.is_fresh = true;
                turn.wakers.extend(way.waker.take());
            }
        }
    }

    fn collect_timers(&self, turn: &mut Turn) {
        let mut timers = self.timers();
        if timers.is_empty() {
            return;
        }
        let now = Instant::now();
        while let Some(first) = timers.first_entry().filter(|first| first.key().0 <= now) {
            turn.wakers.push(first.remove());
        }
    }

    fn until_next_timer(&self) -> Option<Duration> {
        let timers = self.timers();
        let (next, _) = timers.keys().next()?;
        Some(next.saturating_duration_since(Instant::now()).min(LONGEST))
    }

    /// Sources and timers are whole whenever they are not being changed, whoever panicked.
    fn sources(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn timers(&self) -> MutexGuard<'_, BTreeMap<(Instant, u64), Waker>> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn later(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.later.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Wakes those whose time has come.
    pub(super) fn wake(&mut self) {
        for waker in self.wakers.drain(..) {
            // One that panics must not keep the others from hearing, nor end the thread that all of them rely on.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_turn_is_one_that_every_system_knows() {
        let reactor = Reactor::open().unwrap();
        let century = Instant::now() + Duration::from_secs(100 * 365 * 24 * 60 * 60);
        reactor.insert_timer(century, Waker::noop().clone());
        let limit = reactor.until_next_timer().unwrap();
        assert!(i32::try_from(limit.as_millis()).is_ok(), "{limit:?}");
    }
}
