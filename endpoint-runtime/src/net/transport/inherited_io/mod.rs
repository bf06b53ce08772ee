//! Bytes through descriptors whose flags are not ours alone.
//!
//! `O_NONBLOCK` belongs to the open file, and so to each process that has a copy: the shell
//! on the same terminal, the next program on the same pipe, a parent with a copy of the socket. A
//! program that meets the flag unprepared fails in odd ways, and one that sets it and crashes never
//! clears it. So it is never set on what was inherited:
//! - a socket is asked call by call not to wait (`MSG_DONTWAIT`);
//! - a pipe or terminal is opened anew, by its link in `/proc`: an open file of our own, whose flag
//!   is ours ([`polled`]);
//! - everything else is read and written by threads, which may wait ([`threads`]): what cannot be
//!   polled, as files; what may not be opened anew, as the terminal of another user; what opening
//!   anew would make something else of, as the master of a pseudo-terminal.
//!
//! Polled halves hold no byte between calls, so that dropping one loses none. Of the others, a
//! reader starts a thread only when there is something to read, if `polling` can tell; a writer
//! hands each write to a thread, which finishes it whatever becomes of the writer.

mod polled;
mod threads;

use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use smol::io::{AsyncRead, AsyncWrite};

use self::polled::{Access, Polled};
use self::threads::{Reader, Writer};

/// A stream through one or two such descriptors.
#[derive(Debug, Default)]
pub(crate) struct InheritedIo {
    input: Option<Input>,
    /// `None` once the write side is closed.
    output: Option<Output>,
}

#[derive(Debug)]
enum Input {
    Polled(Polled),
    Threads(Reader),
}

#[derive(Debug)]
enum Output {
    Polled(Polled),
    Threads(Writer),
}

impl InheritedIo {
    /// Reads from one descriptor, writes to the other.
    pub(crate) fn new(input: OwnedFd, output: OwnedFd) -> io::Result<Self> {
        let input = match Polled::new(input, Access::Read)? {
            Ok(polled) => Input::Polled(polled),
            Err(descriptor) => Input::Threads(Reader::new(descriptor)?),
        };
        let mut io = Self { input: Some(input), output: None };
        io.write_to(output)?;
        Ok(io)
    }

    /// Both ways through one descriptor.
    pub(crate) fn both_ways(descriptor: OwnedFd) -> io::Result<Self> {
        Self::new(descriptor.try_clone()?, descriptor)
    }

    /// Writes to this descriptor from now on, unless the write side is open.
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

    /// Ready once what is written is read no more, if that can be known without writing.
    pub(crate) fn poll_unheard(&self, cx: &mut Context<'_>, has_ended: bool) -> Poll<()> {
        match &self.output {
            Some(Output::Polled(polled)) => polled.poll_unheard(cx, has_ended),
            Some(Output::Threads(_)) | None => Poll::Pending,
        }
    }

    /// Whether a thread works for it or holds bytes that were not delivered yet.
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

    /// Resolves once every byte is written; shuts a socket down for writing, and closes what is
    /// ours of all else.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(self.as_mut().poll_flush(cx));
        let ended = match self.output.take() {
            Some(Output::Polled(polled)) => polled.end(),
            Some(Output::Threads(_)) | None => Ok(()),
        };
        Poll::Ready(flushed.and(ended))
    }
}
