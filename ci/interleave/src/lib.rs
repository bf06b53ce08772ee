//! The reactor's handover of turns, as `endpoint-runtime` has it, with shuttle's threads.
//!
//! `build.rs` copies `turns.rs`, `driver.rs` and `fallback.rs` and replaces locks, atomics and
//! threads, so that shuttle decides which thread runs. [`Sources`] stands for the poller. `tests/`
//! runs the copies under many schedules; a wake that is lost leaves a thread asleep, which shuttle
//! reports. Shuttle has no time, so that the fallback takes turns once instead of every 50 ms.

mod lock {
    use shuttle::sync::{Mutex, MutexGuard};

    /// Locks a mutex of shuttle.
    pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

mod reactor {
    pub(super) mod sources;

    pub(super) mod turns {
        #![allow(dead_code, reason = "a copy; other files of the reactor use the rest")]
        include!(concat!(env!("OUT_DIR"), "/turns.rs"));
    }

    pub(super) mod driver {
        #![allow(dead_code, reason = "a copy; shuttle needs a new reactor for each schedule")]
        include!(concat!(env!("OUT_DIR"), "/driver.rs"));
    }

    pub(super) mod fallback {
        #![allow(dead_code, reason = "a copy; its loop needs a clock")]
        include!(concat!(env!("OUT_DIR"), "/fallback.rs"));

        /// Ignores messages.
        mod tracing {
            macro_rules! error {
                ($($message:tt)*) => {
                    let _ = format!($($message)*);
                };
            }
            pub(super) use error;
        }

        impl Reactor {
            /// What the thread of the fallback does when no thread has taken a turn for a while.
            pub(in crate::reactor) fn drive_once(&self) {
                self.turns.fallback.drives.store(true, Ordering::SeqCst);
                self.drive(&mut Vec::new());
                self.turns.fallback.drives.store(false, Ordering::SeqCst);
            }
        }
    }

    /// A reactor of one schedule.
    pub(super) struct Leaked(turns::Reactor);

    /// Runs a future on a reactor.
    pub(super) fn block_on<T>(reactor: &'static Leaked, future: impl Future<Output = T>) -> T {
        reactor.0.block_on(future)
    }

    /// Takes turns until another thread is ready to.
    pub(super) fn drive(reactor: &'static Leaked) {
        reactor.0.drive_once();
    }

    /// The poller of a reactor.
    pub(super) fn sources(reactor: &'static Leaked) -> &'static sources::Sources {
        &reactor.0.sources
    }

    /// Makes a reactor that is never dropped.
    pub(super) fn leak() -> &'static Leaked {
        Box::leak(Box::new(Leaked(turns::Reactor::new())))
    }
}

use std::future::Future;
use std::task::Poll;

/// A reactor of one schedule.
#[derive(Clone, Copy)]
pub struct Reactor(&'static reactor::Leaked);

impl Reactor {
    /// Makes a reactor.
    #[expect(clippy::new_without_default, reason = "it is leaked")]
    pub fn new() -> Self {
        Self(reactor::leak())
    }

    /// Blocks the thread until the future is ready.
    pub fn block_on<T>(self, future: impl Future<Output = T>) -> T {
        reactor::block_on(self.0, future)
    }

    /// Takes turns as the fallback does, until another thread is ready to.
    pub fn drive(self) {
        reactor::drive(self.0);
    }

    /// Waits until the poller reports the event.
    pub fn event(self, id: usize) -> impl Future<Output = ()> {
        std::future::poll_fn(move |cx| {
            if reactor::sources(self.0).is_ready(id, cx.waker()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    }

    /// Makes the poller report the event.
    pub fn happen(self, id: usize) {
        reactor::sources(self.0).happen(id);
    }
}
