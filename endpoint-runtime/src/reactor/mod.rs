//! The reactor: socket readiness and timers.
//!
//! A socket that is opened on a thread inside [`block_on`] belongs to the reactor of this crate.
//! All others belong to async-io. [`Async`] and [`Timer`] wrap both. async-io has three additional
//! costs: each wait arms the socket with a system call, because sockets are armed for one event;
//! each turn takes four system calls in addition to the wait; and its thread alternates with the
//! one of `block_on`, so that many events wake another thread. The reactor of this crate watches
//! sockets edge-triggered from their first wait until they close, and the thread inside `block_on`
//! waits itself. `benches/README.md` has measurements.
//!
//! Files, pipes, signals and child processes always belong to async-io.
//!
//! - `sources`: sources, timers, and one turn of waiting.
//! - `turns`: the right to wait, which one thread has at a time.
//! - `driver`: `block_on`.
//! - `fallback`: the thread that waits when no thread inside `block_on` does.
//! - `socket`, `watched`: the two kinds of sockets, and ours.
//! - `timer`: times, and time limits of futures.
//! - `foreign`: opens async-io's reactor without a panic.
//! - `hang_up`: the hang-up of a socket after its end of file, where async-io has the socket.
//! - `broken_pipe`: the end of a pipe's readers.

mod broken_pipe;
mod driver;
mod fallback;
mod foreign;
mod hang_up;
mod socket;
mod sources;
mod timer;
mod turns;
mod watched;

use std::future::poll_fn;
use std::task::{Context, Poll};

pub(crate) use self::broken_pipe::{is_broken, poll_broken_pipe};
pub use self::driver::block_on;
pub use self::foreign::open_async_io;
pub(crate) use self::socket::Async;
pub use self::timer::Timer;
pub(crate) use self::timer::within;
use self::turns::current;

/// Wakes the task after the tasks whose sockets are ready now.
///
/// Waking it at once could starve them: an executor whose queue is never empty rarely polls for
/// events of sockets.
pub(crate) fn wake_later(cx: &Context<'_>) {
    match current() {
        Some(reactor) => {
            reactor.sources.wake_later(cx.waker().clone());
            reactor.be_driven();
        }
        None => cx.waker().wake_by_ref(),
    }
}

/// Yields until the tasks whose sockets are ready now have been polled.
///
/// An executor whose queue is never empty rarely polls for events of sockets. Loops that always
/// have more work should await this function between pieces of work.
///
/// # Cancellation
///
/// Dropping the future has no effect.
///
/// # Examples
///
/// ```
/// # endpoint_runtime::block_on(async {
/// for piece in [1_u64, 2, 3] {
///     assert!((1..=piece).product::<u64>() > 0); // a long computation
///     endpoint_runtime::next_turn().await;
/// }
/// # });
/// ```
pub async fn next_turn() {
    let mut since = None;
    poll_fn(|cx| {
        let ended = current().map(|reactor| reactor.turns.ended());
        // If the task also waits for other events, these poll this future before the turn has
        // passed. async-io does not count its turns, so there the second poll always suffices.
        let has_passed = since.is_some_and(|since| ended.is_none() || ended != since);
        if has_passed {
            return Poll::Ready(());
        }
        since.get_or_insert(ended);
        wake_later(cx);
        Poll::Pending
    })
    .await;
}

/// Yields the processor once before this thread's next wait.
///
/// A bulk copy that is faster than both of its peers is then not woken for every few bytes.
pub(crate) fn give_way() {
    if let Some(reactor) = current() {
        reactor.sources.give_way();
    }
}

#[cfg(test)]
mod tests;
