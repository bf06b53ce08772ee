//! Reads and writes descriptors whose flags are shared with other processes.
//!
//! `O_NONBLOCK` belongs to the open file, so it affects every process with a copy of the
//! descriptor: the shell on the same terminal, the next program on the same pipe, a parent with a
//! copy of the socket. A program that does not expect the flag fails in odd ways. A program that
//! sets it and crashes never clears it. The flag is therefore never set on inherited descriptors:
//! - A socket is used with a flag for each call (`MSG_DONTWAIT`).
//! - A pipe or terminal is opened again through its link in `/proc`. That is a new open file with
//!   its own flags ([`polled`]).
//! - All other descriptors are read and written by threads, which may block ([`threads`]). These
//!   are files that cannot be polled, and descriptors that cannot be opened again. The terminal of
//!   another user may not be opened, and the master of a pseudo-terminal would become another
//!   terminal.
//!
//! Polled halves buffer no bytes between calls, so dropping one loses none. A threaded reader
//! starts a thread only when there are bytes to read, if `polling` can detect that. A threaded
//! writer passes each write to a thread, which completes it even if the writer is dropped.

mod polled;
mod threads;

use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use smol::io::{AsyncRead, AsyncWrite};

use self::polled::{Access, Polled};
use self::threads::{Reader, Writer};

/// A stream over one inherited descriptor for both directions, or over one for each direction.
#[derive(Debug, Default)]
pub(crate) struct InheritedIo {
    /// `None` only for the empty stream that `mem::take` leaves behind.
    input: Option<Input>,
    /// `None` once the write side is closed.
    output: Option<Output>,
}

/// How the descriptor is read without changing its flags.
#[derive(Debug)]
enum Input {
    Polled(Polled),
    Threads(Reader),
}

/// How the descriptor is written without changing its flags.
#[derive(Debug)]
enum Output {
    Polled(Polled),
    Threads(Writer),
}

impl InheritedIo {
    /// Reads from one descriptor and writes to another.
    pub(crate) fn new(input: OwnedFd, output: OwnedFd) -> io::Result<Self> {
        let input = match Polled::new(input, Access::Read)? {
            Ok(polled) => Input::Polled(polled),
            Err(descriptor) => Input::Threads(Reader::new(descriptor)?),
        };
        let mut io = Self { input: Some(input), output: None };
        io.write_to(output)?;
        Ok(io)
    }

    /// Reads and writes the same descriptor.
    pub(crate) fn both_ways(descriptor: OwnedFd) -> io::Result<Self> {
        Self::new(descriptor.try_clone()?, descriptor)
    }

    /// Opens the write side again with this descriptor, if that side is closed.
    pub(crate) fn write_to(&mut self, output: OwnedFd) -> io::Result<()> {
        if self.output.is_none() {
            self.output = Some(match Polled::new(output, Access::Write)? {
                Ok(polled) => Output::Polled(polled),
                Err(descriptor) => Output::Threads(Writer::new(descriptor)),
            });
        }
        Ok(())
    }

    /// Whether the write side is closed.
    pub(crate) fn is_ended(&self) -> bool {
        self.output.is_none()
    }

    /// Ready once the peer has stopped reading, if that can be detected without writing.
    pub(crate) fn poll_write_closed(&self, cx: &mut Context<'_>, has_ended: bool) -> Poll<()> {
        match &self.output {
            Some(Output::Polled(polled)) => polled.poll_write_closed(cx, has_ended),
            Some(Output::Threads(_)) | None => Poll::Pending,
        }
    }

    /// Whether a thread is running, or has read bytes that were not delivered yet.
    pub(crate) fn is_busy(&self) -> bool {
        let reads = matches!(&self.input, Some(Input::Threads(reader)) if !reader.is_idle());
        let writes = matches!(&self.output, Some(Output::Threads(writer)) if !writer.is_idle());
        reads || writes
    }
}

impl AsyncRead for InheritedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.input {
            Some(Input::Polled(polled)) => polled.poll_read(cx, buf),
            Some(Input::Threads(reader)) => reader.poll_read(cx, buf),
            None => Poll::Ready(Ok(0)),
        }
    }
}

impl AsyncWrite for InheritedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.output {
            Some(Output::Polled(polled)) => polled.poll_write(cx, buf),
            Some(Output::Threads(writer)) => writer.poll_write(cx, buf),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.output {
            Some(Output::Threads(writer)) => writer.poll_done(cx),
            Some(Output::Polled(_)) | None => Poll::Ready(Ok(())),
        }
    }

    /// Resolves once every byte is written. Shuts down the write side of a socket; closes other
    /// descriptors.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(self.as_mut().poll_flush(cx));
        let ended = match self.output.take() {
            Some(Output::Polled(polled)) => polled.end(),
            Some(Output::Threads(_)) | None => Ok(()),
        };
        Poll::Ready(flushed.and(ended))
    }
}
