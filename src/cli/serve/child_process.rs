//! Relays between a child process and standard input and output, as if the child ran directly.
//!
//! 1. The command ends when the child has exited and its output is written. It does not wait for
//!    the end of standard input.
//! 2. Input that the child does not read is not an error.
//! 3. A signal that ends this process terminates the child.
//! 4. The exit status of the child becomes that of the command.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_signal::Signal;
use smol::channel::{Sender, bounded};
use smol::future::{FutureExt, pending};
use smol::io::{AsyncRead, AsyncWrite};
use smol::stream::StreamExt;

use super::endpoints::standard_streams;
use super::signals::{catch, ending_signals};
use super::time_limits::relay_within;
use crate::cli::args::Terms;
use crate::cli::exit::{Exit, Failure};
use crate::runtime::{Connection, ProcessHandle};

/// Relays until the child exits, or a signal ends this process. Returns the child's exit code, or
/// 128 plus the number of the signal.
pub(in crate::cli) async fn join_child(
    child: Connection,
    process: ProcessHandle,
    terms: Terms,
) -> Result<Exit, Failure> {
    let signals = ending_signals().chain([Signal::Winch]);
    let mut signals = catch(signals).map_err(Failure::Signals)?;
    let signaled = async {
        while let Some(signal) = signals.next().await {
            match signal.map_err(Failure::Signals)? {
                // If resizing fails, only the window size of the child's pseudo-terminal is wrong.
                Signal::Winch => drop(process.resize(None)),
                signal => return Ok(exit_of(signal)),
            }
        }
        pending().await
    };
    let (closes, output_closed) = bounded(1);
    let streams = standard_streams().await?;
    let streams = streams.on_top(|inner| Side { inner, closes: Some(closes) });
    let child = child.on_top(|inner| Side { inner, closes: None });
    let ended = async {
        let relayed = relay_within(child, streams, terms);
        let exited = async {
            let _ = output_closed.recv().await;
            let _ = process.exit_status().await;
            Ok(())
        };
        relayed.or(exited).await?;
        process.exit_status().await.map(Exit::from).map_err(Failure::Program)
    };
    ended.or(signaled).await
}

/// Returns 128 plus the signal's number, as shells do for a process that a signal killed.
fn exit_of(signal: Signal) -> Exit {
    Exit::Program(u8::try_from(Exit::from_signal(signal as i32)).unwrap_or(u8::MAX))
}

/// One side of the relay: the child, or standard input and output.
struct Side {
    inner: Connection,
    /// Closed, without a message, once all output is written to standard output. `None` on the
    /// child's side.
    closes: Option<Sender<Infallible>>,
}

impl AsyncRead for Side {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Side {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(Pin::new(&mut self.inner).poll_write(cx, buf)) {
            // The child has closed its standard input, which is no error: the rest is discarded.
            Err(error) if self.closes.is_none() && error.kind() == io::ErrorKind::BrokenPipe => {
                Poll::Ready(Ok(buf.len()))
            }
            written => Poll::Ready(written),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = ready!(Pin::new(&mut self.inner).poll_close(cx));
        if let Some(closes) = &self.closes {
            closes.close();
        }
        Poll::Ready(closed)
    }
}
