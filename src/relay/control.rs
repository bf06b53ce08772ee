//! What is asked of a running service from outside, and how it hears of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use endpoint_runtime::Succession;
use futures_util::task::AtomicWaker;

use super::event::Stop;

/// Requests, and the task that obeys them.
#[derive(Debug, Default)]
pub(super) struct Control {
    requests: Mutex<Requests>,
    /// The task that accepts connections, and later waits for the last ones to end.
    supervisor: AtomicWaker,
}

/// What is asked for and was not obeyed yet.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// To accept no more connections.
    pub(super) stop: Option<Stop>,
    /// To give up those that are open, too.
    pub(super) cut: bool,
    /// To start another process that takes over.
    pub(super) succession: Option<Succession>,
    /// Such a process is on its way.
    pub(super) is_handing_over: bool,
}

impl Control {
    /// Asks for something; what is to be known of the requests.
    pub(super) fn ask<T>(&self, request: impl FnOnce(&mut Requests) -> T) -> T {
        let known = request(&mut self.requests());
        self.wake();
        known
    }

    /// Has the supervisor look around.
    pub(super) fn wake(&self) {
        self.supervisor.wake();
    }

    /// What is asked for; `waker` is woken when there is more.
    pub(super) fn poll_requests(&self, waker: &Waker) -> MutexGuard<'_, Requests> {
        // Before the look, so that no request is missed.
        self.supervisor.register(waker);
        self.requests()
    }

    /// Requests are whole whenever they are not being changed, whoever panicked.
    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
