//! Requests to a running service, from any thread.

use std::sync::{Mutex, MutexGuard};
use std::task::Waker;

use endpoint_runtime::{OpenCountSender, Succession};
use futures_util::task::AtomicWaker;

use super::event::Stop;
use crate::lock::lock;

/// Pending requests, and the waker of the task that executes them.
#[derive(Debug, Default)]
pub(super) struct Control {
    requests: Mutex<Requests>,
    /// The task that accepts connections, and later drains.
    supervisor: AtomicWaker,
}

/// Requests that were not executed yet.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Why to stop accepting, once that was requested.
    pub(super) stop: Option<Stop>,
    /// Whether open connections are aborted as well.
    pub(super) cut: bool,
    /// The successor to start, once a handover was requested.
    pub(super) succession: Option<Succession>,
    /// Whether a successor was started and is not ready yet.
    pub(super) is_handing_over: bool,
    /// The channel that reports the number of open connections to the successor.
    pub(super) successor: Option<OpenCountSender>,
}

impl Control {
    /// Changes the requests, wakes the supervisor, and returns what `request` returned.
    pub(super) fn ask<T>(&self, request: impl FnOnce(&mut Requests) -> T) -> T {
        let known = request(&mut self.requests());
        self.wake();
        known
    }

    /// Wakes the supervisor.
    pub(super) fn wake(&self) {
        self.supervisor.wake();
    }

    /// Returns the requests, and wakes `waker` when they change.
    pub(super) fn poll_requests(&self, waker: &Waker) -> MutexGuard<'_, Requests> {
        // Registered before reading, so that no request is missed.
        self.supervisor.register(waker);
        self.requests()
    }

    /// A panic leaves the requests valid, because each change is a single assignment.
    fn requests(&self) -> MutexGuard<'_, Requests> {
        lock(&self.requests)
    }
}
