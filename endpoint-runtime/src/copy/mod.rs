//! Joins two connections: copies bytes both ways until both sides have ended.

mod bidirectional;
mod buffer;
mod direction;
mod end;
mod outcome;
#[cfg(target_os = "linux")]
mod pipe;
mod traffic;

use core::fmt;
use std::borrow::Borrow;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use smol::future::zip;

use self::bidirectional::Bidirectional;
use self::outcome::{CopyFailure, Outcome, Side};
pub use self::traffic::{Traffic, Transferred};
use crate::error::Error;
use crate::net::{Boxed, Connection};

/// Copies between two connections until both have ended, then closes them.
///
/// An end of file on one side becomes a half-close of the other side, and the opposite direction
/// stays open. An error becomes an error. If one side resets the connection or ends TLS without its
/// closing alert, the bytes that had arrived are delivered to the other side. That side then
/// receives:
///
/// - a reset (TCP);
/// - a reset without the closing alert (TLS over TCP);
/// - a reset if bytes that it sent were not read, and an end of file otherwise (UNIX sockets);
/// - SIGTERM (programs).
///
/// If one side stops reading, both directions end without an error, after the bytes that it sent
/// are delivered. That is the case when a UNIX peer closes its socket, or the reader of a pipe
/// closes it. After a half-close, the close of a UNIX peer and the reset of a TCP peer are noticed
/// on Linux only.
///
/// A TLS client that ends without `close_notify` still receives its answer. `b` then reads no end
/// of file. It is reset after the answer, or once the answer has been idle for 30 seconds.
///
/// Inherited descriptors and streams of the caller are dropped without being closed.
///
/// Descriptors that arrive with the bytes of a UNIX socket are closed, not forwarded.
///
/// # Cancellation
///
/// Dropping the future closes both connections at once.
///
/// # Errors
///
/// Returns the first failure of either direction. Bytes that had arrived by then are delivered
/// first, as fast as the other side reads them. A reset by a peer is a
/// [`Blame::Peer`](crate::Blame::Peer) error of its endpoint.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::{client_from_string, relay, server_from_string};
///
/// # async fn forward() -> Result<(), endpoint_runtime::Error> {
/// let mut listener = server_from_string("tcp:8080")?.listen().await?;
/// let client = client_from_string("unix:/run/app.sock")?;
/// let transferred = relay(listener.accept().await?, client.connect().await?).await?;
/// println!("{} bytes in, {} bytes out", transferred.a_to_b, transferred.b_to_a);
/// # Ok(())
/// # }
/// ```
pub fn relay(
    a: Connection,
    b: Connection,
) -> impl Future<Output = Result<Transferred, Error>> + Send {
    Relay::new(a, b, Traffic::new())
}

/// Copies like [`relay`], and counts the delivered bytes in `traffic`.
///
/// # Cancellation
///
/// Dropping the future closes both connections at once.
///
/// # Errors
///
/// Returns the same errors as [`relay`].
///
/// # Examples
///
/// ```
/// use endpoint_runtime::{Address, Connection, Traffic, relay_watched};
/// use smol::io::Cursor;
///
/// # smol::block_on(async {
/// let tape = |bytes: &[u8]| {
///     let stream = Cursor::new(bytes.to_vec());
///     Connection::new("tape:1", stream, Address::Stdio, Address::Stdio)
/// };
/// let (first, second) = (tape(b"to be relayed"), tape(b""));
/// let traffic = Traffic::new();
/// relay_watched(first, second, &traffic).await?;
/// assert_eq!(traffic.so_far().a_to_b, 13);
/// # Ok::<(), endpoint_runtime::Error>(())
/// # }).unwrap();
/// ```
pub fn relay_watched(
    a: Connection,
    b: Connection,
    traffic: &Traffic,
) -> impl Future<Output = Result<Transferred, Error>> + Send {
    Relay::new(a, b, traffic)
}

/// The future of [`relay`], which can also be aborted.
///
/// `T` gives access to the counters: a [`Traffic`], a reference to one, or a type that owns one.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use endpoint_runtime::{Connection, Error, Relay, Timer, Traffic};
/// use smol::future::or;
///
/// /// Copies for a minute at most; then both sides see a reset.
/// async fn copy_for_a_minute(a: Connection, b: Connection) -> Result<(), Error> {
///     let mut relay = Relay::new(a, b, Traffic::new());
///     let is_over = or(async { Some((&mut relay).await) }, async {
///         Timer::after(Duration::from_secs(60)).await;
///         None
///     });
///     if let Some(result) = is_over.await {
///         return result.map(drop);
///     }
///     relay.abort();
///     relay.await.map(drop)
/// }
/// ```
// Not an `async fn`: its future would hold both connections twice, for thousands of relays.
pub struct Relay<T = Traffic> {
    /// The connections; `None` once they are being aborted.
    ends: Option<(Connection, Connection)>,
    /// The state of both directions.
    copying: Bidirectional,
    traffic: T,
    /// Resolves to the failure that ended the copy, or to `None` after [`abort`](Self::abort).
    aborting: Option<Boxed<'static, Option<Error>>>,
}

impl<T: Borrow<Traffic>> Relay<T> {
    /// Copies between `a` and `b`, and counts the delivered bytes in `traffic`.
    pub fn new(mut a: Connection, mut b: Connection, traffic: T) -> Self {
        a.refuse_descriptors();
        b.refuse_descriptors();
        Self { ends: Some((a, b)), copying: Bidirectional::default(), traffic, aborting: None }
    }

    /// Limits how long one direction may be idle after the other one has ended.
    ///
    /// At the limit both connections are aborted, and the error names the side that did not end. By
    /// default there is no limit.
    #[must_use]
    pub fn with_half_close_limit(mut self, limit: Option<Duration>) -> Self {
        self.copying.limit_half_close(limit);
        self
    }

    /// Does not forward the end of file of `b` to `a`.
    ///
    /// Some servers discard their answer when the client closes its write side.
    #[must_use]
    pub fn keeping_a_open(mut self) -> Self {
        self.copying.keep_a_open();
        self
    }

    /// Ends the copy when `a` has ended and the bytes that had arrived are delivered, even if `b`
    /// has not ended.
    #[must_use]
    pub fn ending_with_a(mut self) -> Self {
        self.copying.end_with_a();
        self
    }

    /// Aborts both connections. The future then resolves without an error, once both peers can see
    /// the abort.
    pub fn abort(&mut self) {
        if let Some((a, b)) = self.ends.take() {
            self.aborting = Some(Box::pin(async move {
                zip(a.abort(), b.abort()).await;
                None
            }));
        }
    }
}

impl<T: Borrow<Traffic> + Unpin> Future for Relay<T> {
    type Output = Result<Transferred, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some((a, b)) = &mut this.ends {
            let copied = this.copying.poll(cx, a, b, this.traffic.borrow());
            let (transferred, outcome) = ready!(copied);
            // Closed now, even if the future is kept for longer.
            let ends = this.ends.take();
            this.aborting = match outcome {
                Outcome::Ended => return Poll::Ready(Ok(transferred)),
                Outcome::WriteClosed { gone, is_answered } => {
                    ends.map(|(a, b)| leave(a, b, gone, is_answered))
                }
                Outcome::Failed(failure) => ends.map(|(a, b)| abort(a, b, *failure)),
            };
        }
        match &mut this.aborting {
            Some(aborting) => Poll::Ready(match ready!(aborting.as_mut().poll(cx)) {
                Some(error) => Err(error),
                None => Ok(this.traffic.borrow().so_far()),
            }),
            None => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Relay<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("ends", &self.ends).finish_non_exhaustive()
    }
}

/// Closes both connections after the side `gone` stopped reading.
///
/// If `is_answered`, the other side has received everything, and reads an end of file instead of
/// an error.
fn leave(
    a: Connection,
    b: Connection,
    gone: Side,
    is_answered: bool,
) -> Boxed<'static, Option<Error>> {
    Box::pin(async move {
        let (gone, other) = if gone == Side::A { (a, b) } else { (b, a) };
        drop(gone);
        if is_answered {
            other.close_after_delivery().await;
        } else {
            other.abort().await;
        }
        None
    })
}

/// Aborts both connections after a failure, and resolves to its error.
///
/// If the failed side has received everything, that side is closed instead.
fn abort(a: Connection, b: Connection, failure: CopyFailure) -> Boxed<'static, Option<Error>> {
    Box::pin(async move {
        let (failed, other) = if failure.side == Side::A { (a, b) } else { (b, a) };
        let error = failed.error(failure.operation, failure.error);
        if failure.is_answered {
            drop(failed);
            other.abort().await;
        } else {
            zip(failed.abort(), other.abort()).await;
        }
        Some(error)
    })
}
