//! `block_on`: polls a future, and takes the turns of the reactor meanwhile.
//!
//! A thread whose future is pending takes a turn, or parks while another thread does. When a turn
//! ends, a parked thread takes the next one, as the future that is polled now may take long. Where
//! no thread is left to do so, the [fallback](super::fallback) does.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::sources::wake_all;
use super::turns::{Entered, Reactor, Sleeper};

/// The reactor of the process.
static REACTOR: Reactor = Reactor::new();

/// Blocks the thread until the future is ready, and waits for this crate's sockets meanwhile.
///
/// Sockets that are opened inside belong to the reactor of this crate, which takes fewer system
/// calls than async-io. Outside, as under `smol::block_on` or on tokio, they belong to async-io.
/// Several threads may call this, also within itself.
///
/// Code that blocks the thread inside, such as a nested `smol::block_on`, delays the sockets of
/// this reactor by up to 100 ms: a thread named `endpoint-runtime` waits for them then, and for
/// those that outlive the call.
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

    /// Takes turns, or parks while another thread does, until the future has to be polled.
    fn sleep(&self, sleeper: &Arc<Sleeper>, wakers: &mut Vec<Waker>) {
        loop {
            if let Some(turn) = self.turns.begin() {
                self.sources.wait(wakers, || sleeper.begin_turn());
                // Most tasks of a turn belong to this thread, which needs no interruption.
                sleeper.end_turn();
                drop(turn);
                wake_all(wakers);
            } else {
                self.turns.park(sleeper);
            }
            if sleeper.is_woken() {
                // Another thread may have left the next turn to this one.
                if !self.turns.is_taken() {
                    self.turns.hand_over();
                }
                return;
            }
        }
    }
}
