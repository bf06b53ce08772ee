//! A time to wait for.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use super::driver::be_driven;
use super::epoll::Reactor;

/// How long a thread sleeps before it looks whether there are descriptors again.
const WITHOUT_REACTOR: Duration = Duration::from_millis(10);

/// A future that is ready at a time. Before it is first polled it costs nothing.
///
/// Inside [`block_on`](crate::block_on) no other thread is woken for it.
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
#[derive(Debug)]
pub struct Timer {
    /// `None` is never.
    at: Option<Instant>,
    /// Its place among those of the reactor.
    id: Option<u64>,
}

impl Timer {
    /// Is ready when `pause` is over.
    pub fn after(pause: Duration) -> Self {
        Self { at: Instant::now().checked_add(pause), id: None }
    }

    pub(crate) const fn at(at: Instant) -> Self {
        Self { at: Some(at), id: None }
    }

    pub(crate) const fn never() -> Self {
        Self { at: None, id: None }
    }

    /// Takes it back, where it is waited for.
    fn forget(&mut self) {
        if let (Some(at), Some(id), Ok(reactor)) = (self.at, self.id.take(), Reactor::of_process())
        {
            reactor.forget_timer(at, id);
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        if at <= Instant::now() {
            self.forget();
            return Poll::Ready(());
        }
        let Ok(reactor) = Reactor::of_process() else {
            // Where even epoll has no descriptor there are no sockets to keep waiting: the thread itself sleeps.
            thread::sleep(at.saturating_duration_since(Instant::now()).min(WITHOUT_REACTOR));
            cx.waker().wake_by_ref();
            return Poll::Pending;
        };
        if !self.id.is_some_and(|id| reactor.renew_timer(at, id, cx.waker())) {
            self.id = Some(reactor.insert_timer(at, cx.waker().clone()));
            be_driven();
        }
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.forget();
    }
}
