//! The record of a connection, for other tasks: its counters, and how to end it.

use std::borrow::Borrow;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use endpoint_runtime::Traffic;

use super::event::ConnectionId;

/// A connection, shared by its task and the tasks that supervise all connections.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: ConnectionId,
    pub(super) traffic: Traffic,
    /// Whether a target was reached, so that bytes are copied.
    is_open: AtomicBool,
    order: AtomicU8,
    /// Whether the connection ends without waiting for its peers.
    at_once: AtomicBool,
    /// The waker of the task, which never changes.
    waker: OnceLock<Waker>,
}

/// Why a connection is ended early.
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

    /// The bytes delivered in both directions; `None` until a target is reached.
    pub(super) fn moved(&self) -> Option<u64> {
        let so_far = self.traffic.so_far();
        let is_open = self.is_open.load(Ordering::Relaxed);
        is_open.then(|| so_far.a_to_b.wrapping_add(so_far.b_to_a))
    }

    /// Ends the connection; the first reason counts.
    pub(super) fn cut(&self, why: Cut) {
        let first = self.order.compare_exchange(0, why as u8, Ordering::Release, Ordering::Relaxed);
        if first.is_ok() {
            self.wake();
        }
    }

    /// Ends the connection without waiting until its peers have read, even if it is already ending.
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

    /// Returns why the connection must end; otherwise wakes `waker` when that changes.
    pub(super) fn poll_cut(&self, waker: &Waker) -> Option<Cut> {
        // Registered before reading, so that no order is missed.
        self.waker.get_or_init(|| waker.clone());
        match self.order.load(Ordering::Acquire) {
            0 => None,
            1 => Some(Cut::Idle),
            2 => Some(Cut::TooOld),
            _ => Some(Cut::Stopped),
        }
    }
}

/// Gives the copy access to the counters of a record.
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
