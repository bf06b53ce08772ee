//! What other tasks need of a connection: its counters, and how to end it.

use std::borrow::Borrow;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use endpoint_runtime::Traffic;

use super::event::ConnectionId;

/// The part of a connection that its own task shares with the tasks that supervise all of them.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: ConnectionId,
    pub(super) traffic: Traffic,
    /// Whether a target was reached, so that bytes are being copied.
    is_open: AtomicBool,
    order: AtomicU8,
    /// Whether the connection is aborted without waiting until its peers have read.
    at_once: AtomicBool,
    /// Wakes the task of the connection. Set once, because a task keeps its waker.
    waker: OnceLock<Waker>,
}

/// Why a connection is ended from outside, before its peers end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Cut {
    Idle = 1,
    TooOld = 2,
    Stopped = 3,
}

impl Record {
    pub(super) const fn new(id: ConnectionId) -> Self {
        Self {
            id,
            traffic: Traffic::new(),
            is_open: AtomicBool::new(false),
            order: AtomicU8::new(0),
            at_once: AtomicBool::new(false),
            waker: OnceLock::new(),
        }
    }

    pub(super) fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// The number of bytes delivered in both directions; `None` until a target is reached.
    pub(super) fn moved(&self) -> Option<u64> {
        let so_far = self.traffic.so_far();
        let is_open = self.is_open.load(Ordering::Relaxed);
        is_open.then(|| so_far.a_to_b.wrapping_add(so_far.b_to_a))
    }

    /// Requests the task to end the connection. If it was requested before, the first reason stays.
    pub(super) fn cut(&self, why: Cut) {
        let first = self.order.compare_exchange(0, why as u8, Ordering::Release, Ordering::Relaxed);
        if first.is_ok() {
            self.wake();
        }
    }

    /// Requests the task to abort the connection without waiting until its peers have read. This
    /// also applies to a connection that is already ending.
    pub(super) fn cut_at_once(&self) {
        self.at_once.store(true, Ordering::Release);
        self.cut(Cut::Stopped);
        self.wake();
    }

    pub(super) fn is_at_once(&self) -> bool {
        self.at_once.load(Ordering::Acquire)
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// Returns why the connection must end, and `None` if it may continue. `waker` is woken when
    /// that changes.
    pub(super) fn poll_cut(&self, waker: &Waker) -> Option<Cut> {
        // The waker is registered before reading. A request in between then wakes it, and is not
        // missed.
        self.waker.get_or_init(|| waker.clone());
        match self.order.load(Ordering::Acquire) {
            0 => None,
            1 => Some(Cut::Idle),
            2 => Some(Cut::TooOld),
            _ => Some(Cut::Stopped),
        }
    }
}

/// Lends the counters of a record to the copy, which updates them.
#[derive(Debug)]
pub(super) struct Counters(pub(super) Arc<Record>);

impl Borrow<Traffic> for Counters {
    fn borrow(&self) -> &Traffic {
        &self.0.traffic
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_first_reason_wakes_and_counts() {
        let record = Record::new(ConnectionId::new(1));
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        assert_eq!(record.poll_cut(&waker), None);
        record.cut(Cut::Idle);
        record.cut(Cut::Stopped);
        assert_eq!(record.poll_cut(&waker), Some(Cut::Idle));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn an_ending_connection_learns_that_it_must_not_wait() {
        let record = Record::new(ConnectionId::new(1));
        let woken = Arc::new(Woken::default());
        assert_eq!(record.poll_cut(&Waker::from(Arc::clone(&woken))), None);
        record.cut(Cut::TooOld);
        assert!(!record.is_at_once());
        record.cut_at_once();
        assert!(record.is_at_once());
        assert_eq!(record.poll_cut(Waker::noop()), Some(Cut::TooOld));
        assert_eq!(woken.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn bytes_count_once_a_target_is_reached() {
        let record = Record::new(ConnectionId::new(1));
        assert_eq!(record.moved(), None);
        record.open();
        assert_eq!(record.moved(), Some(0));
    }
}
