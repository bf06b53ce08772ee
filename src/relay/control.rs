//! Passes requests, such as to stop, from any thread to a running service.

use std::sync::{Mutex, MutexGuard};
use std::task::Waker;

use endpoint_runtime::{OpenCountSender, Succession};
use futures_util::task::AtomicWaker;

use super::event::Stop;
use crate::lock::lock;

/// The pending requests to a service, and the waker of the task that executes them.
#[derive(Debug, Default)]
pub(super) struct Control {
    requests: Mutex<Requests>,
    /// The waker of the task that accepts connections, and later drains.
    supervisor: AtomicWaker,
}

/// The requests that were not executed yet.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Why to stop accepting connections; `None` until that is requested.
    pub(super) stop: Option<Stop>,
    /// Whether open connections are also aborted, instead of given time to end.
    pub(super) cut: bool,
    /// The successor to start; `None` unless a handover was requested and is not begun.
    pub(super) succession: Option<Succession>,
    /// Whether a handover was requested, and its successor is not ready yet.
    pub(super) is_handing_over: bool,
    /// Sends the number of connections still open here to the successor that has taken over.
    pub(super) successor: Option<OpenCountSender>,
}

impl Control {
    /// Calls `request` to change the requests, wakes the supervisor, and returns its result.
    pub(super) fn ask<T>(&self, request: impl FnOnce(&mut Requests) -> T) -> T {
        let known = request(&mut self.requests());
        self.wake();
        known
    }

    /// Wakes the supervisor, the task that accepts connections or drains.
    pub(super) fn wake(&self) {
        self.supervisor.wake();
    }

    /// Returns the requests. `waker` is woken when they change.
    pub(super) fn poll_requests(&self, waker: &Waker) -> MutexGuard<'_, Requests> {
        // The waker is registered before reading. A request in between then wakes it, and is not
        // missed.
        self.supervisor.register(waker);
        self.requests()
    }

    /// Locks the requests, also after a panic: each change is one assignment, so they stay valid.
    fn requests(&self) -> MutexGuard<'_, Requests> {
        lock(&self.requests)
    }
}
