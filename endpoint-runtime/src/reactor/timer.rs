//! Timers, and time limits for futures.

use core::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use smol::future::FutureExt;

use super::foreign::open_async_io;
use super::turns::{Reactor, current};

/// How long a thread sleeps at most if descriptors to start async-io's reactor are lacking.
const WITHOUT_REACTOR: Duration = Duration::from_millis(10);

/// A future that is ready at a given time. An unpolled timer costs nothing.
///
/// A timer that is first polled inside [`block_on`](crate::block_on) belongs to that reactor, which
/// wakes no other thread for it. All others belong to async-io.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use endpoint_runtime::{Timer, block_on};
///
/// let began = Instant::now();
/// block_on(async {
///     Timer::after(Duration::from_millis(1)).await;
/// });
/// assert!(began.elapsed() >= Duration::from_millis(1));
/// ```
pub struct Timer {
    /// When the timer is ready; `None` means never.
    at: Option<Instant>,
    place: Place,
}

/// Where a timer is registered.
enum Place {
    /// Nowhere: it was not polled yet, or has fired.
    None,
    /// In this reactor, under this number.
    Ours(&'static Reactor, u64),
    AsyncIo(Box<async_io::Timer>),
}

impl Timer {
    /// Creates a timer that is ready after `pause`.
    pub fn after(pause: Duration) -> Self {
        Self { at: Instant::now().checked_add(pause), place: Place::None }
    }

    pub(crate) const fn at(at: Instant) -> Self {
        Self { at: Some(at), place: Place::None }
    }

    pub(crate) const fn never() -> Self {
        Self { at: None, place: Place::None }
    }

    /// Removes the timer from its reactor.
    fn forget(&mut self) {
        if let (Some(at), &Place::Ours(reactor, id)) = (self.at, &self.place) {
            reactor.sources.forget_timer(at, id);
        }
        self.place = Place::None;
    }
}

fn insert(reactor: &'static Reactor, at: Instant, waker: &Waker) -> u64 {
    let id = reactor.sources.insert_timer(at, waker.clone());
    reactor.be_driven();
    id
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        let now = Instant::now();
        if at <= now {
            self.forget();
            return Poll::Ready(());
        }
        match &mut self.place {
            Place::Ours(reactor, id) if reactor.sources.renew_timer(at, *id, cx.waker()) => {}
            Place::Ours(reactor, id) => *id = insert(reactor, at, cx.waker()),
            Place::AsyncIo(timer) => return Pin::new(timer).poll(cx).map(drop),
            Place::None => match current() {
                Some(reactor) => {
                    self.place = Place::Ours(reactor, insert(reactor, at, cx.waker()));
                }
                None if open_async_io().is_ok() => {
                    self.place = Place::AsyncIo(Box::new(async_io::Timer::at(at)));
                    return self.poll(cx);
                }
                // Sleeping here blocks the executor, but without a reactor nothing else could wake
                // the task.
                None => {
                    thread::sleep(at.duration_since(now).min(WITHOUT_REACTOR));
                    cx.waker().wake_by_ref();
                }
            },
        }
        Poll::Pending
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Returns the result of the future, or `None` if it takes longer than `limit`.
pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let done = async { Some(future.await) };
    let late = async {
        Timer::after(limit).await;
        None
    };
    done.or(late).await
}
