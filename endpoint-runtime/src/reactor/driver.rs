//! `block_on`: polls a future, and takes turns of the reactor while the future is pending.
//!
//! A thread with a pending future takes a turn, or parks while another thread takes one. When a
//! turn ends, a parked thread takes the next one, because the first thread now polls its future,
//! which may take long. If no thread is parked, the [fallback](super::fallback) takes it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::sources::wake_all;
use super::turns::{Entered, Reactor, Sleeper};

/// The only reactor outside of tests: all threads inside [`block_on`] share it.
static REACTOR: Reactor = Reactor::new();

/// Blocks the thread until the future is ready, and drives the sockets of this crate.
///
/// Sockets that are opened inside `future` belong to the reactor of this crate, which takes fewer
/// system calls than async-io. Sockets that are opened elsewhere, such as under `smol::block_on` or
/// on tokio, belong to async-io. Several threads may call this function, and calls may be nested.
///
/// Code inside `future` that blocks the thread, such as a nested `smol::block_on`, delays the
/// sockets of this reactor by up to 100 ms. After that time, a thread named `endpoint-runtime`
/// drives them. That thread also drives sockets that outlive the call.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), endpoint_runtime::Error> {
/// endpoint_runtime::block_on(async {
///     let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
///     let listener = server.listen().await?;
///     assert!(listener.local_address().port() > Some(0));
///     listener.close().await
/// })
/// # }
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    REACTOR.block_on(future)
}

impl Reactor {
    /// Like [`block_on`](block_on()), for this reactor.
    pub(super) fn block_on<T>(&'static self, future: impl Future<Output = T>) -> T {
        let sleeper = Arc::new(Sleeper::new(&self.sources));
        let waker = Waker::from(Arc::clone(&sleeper));
        let mut cx = Context::from_waker(&waker);
        let mut future = pin!(future);
        let mut wakers = Vec::new();
        let _entered = Entered::new(self);
        loop {
            sleeper.forget_wake();
            if let Poll::Ready(done) = future.as_mut().poll(&mut cx) {
                return done;
            }
            self.sleep(&sleeper, &mut wakers);
        }
    }

    /// Takes turns, or parks while another thread does, until this thread's future is woken.
    fn sleep(&self, sleeper: &Arc<Sleeper>, wakers: &mut Vec<Waker>) {
        loop {
            if let Some(turn) = self.turns.begin() {
                self.sources.wait(wakers, || sleeper.begin_turn());
                // Most tasks of a turn belong to this thread, which need not be interrupted.
                sleeper.end_turn();
                drop(turn);
                wake_all(wakers);
            } else {
                self.turns.park(sleeper);
            }
            if sleeper.is_woken() {
                // Another thread may have chosen this thread for the next turn. This thread polls
                // its future instead, so it passes the turn on.
                if !self.turns.is_taken() {
                    self.turns.hand_over();
                }
                return;
            }
        }
    }
}
