//! A program joined to standard input and output, as if it had been started in place of this one.
//!
//! So it is over when the program has ended and its output is written, though there may be more input; input that the
//! program does not read is no error; a signal that ends this process ends the program; and its exit status is passed
//! on.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_signal::{Signal, Signals};
use smol::channel::{Sender, bounded};
use smol::future::{FutureExt, pending};
use smol::io::{AsyncRead, AsyncWrite};
use smol::stream::StreamExt;

use super::exit::{Exit, Failure};
use super::{limited, run};
use crate::relay::TimeLimits;
use crate::runtime::{Connection, ProcessFacts};

/// Until the program ends, or one of the signals does it.
pub(super) async fn join(
    program: Connection,
    process: ProcessFacts,
    limits: TimeLimits,
) -> Result<Exit, Failure> {
    let signals = run::ending_signals().chain([Signal::Winch]);
    let mut signals = Signals::new(signals).map_err(Failure::Signals)?;
    let signalled = async {
        while let Some(signal) = signals.next().await {
            match signal.map_err(Failure::Signals)? {
                // Where that fails, the program has a wrong idea of its window.
                Signal::Winch => drop(process.resize(None)),
                signal => return Ok(ended_by(signal)),
            }
        }
        pending().await
    };
    let (told, output_ended) = bounded(1);
    let streams = run::standard_streams().await?.on_top(|inner| Streams { inner, told });
    let program = program.on_top(Program);
    let over = async {
        let relayed = limited::relay(program, streams, limits);
        let ended = async {
            let _ = output_ended.recv().await;
            let _ = process.exit_status().await;
            Ok(())
        };
        relayed.or(ended).await?;
        process.exit_status().await.map(Exit::from).map_err(Failure::Program)
    };
    over.or(signalled).await
}

/// What a shell would say of us, had we not caught it.
fn ended_by(signal: Signal) -> Exit {
    Exit::Program(u8::try_from(Exit::of_signal(signal as i32)).unwrap_or(u8::MAX))
}

/// The program, which may have closed its input.
struct Program(Connection);

/// Standard input and output, which tell when the output is written to its end.
struct Streams {
    inner: Connection,
    told: Sender<Infallible>,
}

impl AsyncRead for Program {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Program {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(Pin::new(&mut self.0).poll_write(cx, buf)) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Poll::Ready(Ok(buf.len())),
            written => Poll::Ready(written),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

impl AsyncRead for Streams {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Streams {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = ready!(Pin::new(&mut self.inner).poll_close(cx));
        self.told.close();
        Poll::Ready(closed)
    }
}
