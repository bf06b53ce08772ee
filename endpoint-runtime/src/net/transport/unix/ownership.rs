//! Whether this process removes a socket file and its lock; a handover changes that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this process removes the files at the end. If not, another process serves the same
/// socket.
#[derive(Clone, Debug)]
pub(crate) struct Ownership(Arc<AtomicBool>);

impl Ownership {
    pub(crate) fn new(ours: bool) -> Self {
        Self(Arc::new(AtomicBool::new(ours)))
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn set(&self, ours: bool) {
        self.0.store(ours, Ordering::Release);
    }
}
