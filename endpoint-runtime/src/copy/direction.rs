//! One direction of a copy: the bytes in flight, and the steps to its end.
//!
//! Bytes are copied through a buffer. In bulk transfers between two plain sockets, the kernel moves
//! them through a pipe instead.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use super::buffer::Buffer;
use super::end::End;
#[cfg(target_os = "linux")]
use super::pipe::Pipe;
use crate::error::Operation;
use crate::reactor;

/// How many bytes a direction moves in one poll before it lets other tasks of the thread run.
pub(super) const TURN: usize = 4 * 1024 * 1024;

/// How many reads a direction makes before it yields, if the reads are small.
const ROUNDS: u32 = 16;

/// How many bytes are still delivered after the other direction failed.
///
/// The limit is larger than a receive buffer, and bounds a sender that never pauses.
pub(super) const MAX_DRAIN: usize = 8 * 1024 * 1024;

/// A read of this size counts as bulk: more bytes have probably arrived, and a pipe is worth its
/// system calls.
const BULK: usize = 64 * 1024;

/// The bytes that a direction has read but not written yet.
#[derive(Debug, Default)]
enum InFlight {
    #[default]
    Nothing,
    /// The bytes `start..end` of a buffer.
    Copied { buffer: Buffer, start: u32, end: u32 },
    /// Bytes in a pipe of the kernel; they never enter this process.
    #[cfg(target_os = "linux")]
    Spliced(Pipe),
}

/// One direction of a copy: its bytes in flight, and how far it is from its end.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts; there may be thousands of directions"
)]
pub(super) struct Direction {
    in_flight: InFlight,
    delivered: u64,
    /// How many bytes that have already arrived may still be read; `None` unless the direction
    /// drains.
    drain_left: Option<usize>,
    /// How many more small reads end the bulk mode; 0 outside the bulk mode.
    bulk: u8,
    /// Whether the source socket is empty, so that the next read waits until it is readable.
    is_source_empty: bool,
    /// Whether the send buffer of the destination socket was enlarged, which the first bulk read
    /// does.
    is_enlarged: bool,
    /// Whether a layer such as TLS may still buffer written bytes.
    unflushed: bool,
    /// Whether the write side of the destination stays open after the end of file.
    keeps_open: bool,
    /// Whether reading has ended; the write side is closed next.
    ended: bool,
    /// Whether the direction was truncated, so that its write side is not closed.
    cut: bool,
    done: bool,
}

/// The read or write that failed, and its error.
pub(super) type Failed = (Operation, io::Error);

impl Direction {
    /// Creates a direction that waits until its source is readable before its first read.
    pub(super) fn waiting() -> Self {
        Self { is_source_empty: true, ..Self::default() }
    }

    /// Keeps the write side of the destination open after the end of file.
    pub(super) fn keep_open(&mut self) {
        self.keeps_open = true;
    }

    /// Whether everything up to the end of file was delivered.
    pub(super) fn has_ended(&self) -> bool {
        self.done && !self.cut
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Whether bytes were read but not written yet.
    pub(super) fn is_in_flight(&self) -> bool {
        !matches!(self.in_flight, InFlight::Nothing)
    }

    /// Whether the direction has no bytes to write and has not read an end of file.
    pub(super) fn waits_for_bytes(&self) -> bool {
        !self.done && !self.ended && !self.is_in_flight()
    }

    /// Records that the other direction failed: from now on, only bytes that have already arrived
    /// are delivered.
    pub(super) fn drain(&mut self) {
        self.cut = true;
        self.drain_left.get_or_insert(MAX_DRAIN);
    }

    /// Whether only bytes that have arrived are still delivered.
    pub(super) fn is_draining(&self) -> bool {
        self.drain_left.is_some()
    }

    /// Ends the direction immediately, because nothing more can be delivered.
    pub(super) fn give_up(&mut self) {
        self.in_flight = InFlight::Nothing;
        (self.cut, self.done) = (true, true);
    }

    /// Moves as many bytes as possible, and registers the task's waker.
    ///
    /// After an error, the direction ends as soon as the bytes in flight are delivered. If
    /// `is_last`, the other direction [has ended](Self::has_ended), and the caller drops both ends
    /// after this one.
    pub(super) fn poll<R: End, W: End>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
        traffic: &AtomicU64,
        is_last: bool,
    ) -> Result<(), Failed> {
        let mut result = Ok(());
        let before = self.delivered;
        if let Err(error) = self.poll_moving(cx, reader, writer, traffic, is_last, &mut result) {
            self.give_up();
            result = result.and(Err((Operation::Write, error)));
        }
        if self.bulk > 0 && self.delivered > before {
            // Yields once, so that the peers, often on the same CPUs, batch their reads and writes.
            reactor::give_way();
        }
        result
    }

    /// Writes and reads in turn until one of them is pending or the turn is used up.
    ///
    /// Returns a write error. A read error is stored in `read_result`, because earlier bytes are
    /// still delivered.
    fn poll_moving<R: End, W: End>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
        traffic: &AtomicU64,
        is_last: bool,
        read_result: &mut Result<(), Failed>,
    ) -> io::Result<()> {
        let mut moved = 0;
        for _ in 0..ROUNDS {
            if self.done {
                return Ok(());
            }
            match self.poll_deliver(cx, writer, traffic, is_last) {
                Poll::Pending => return Ok(()),
                Poll::Ready(delivered) => delivered?,
            }
            if self.ended {
                self.done = true;
                return Ok(());
            }
            if moved >= TURN {
                break;
            }
            match self.poll_fill(cx, reader, writer) {
                Poll::Ready(Ok(read)) => moved += read,
                Poll::Ready(Err(error)) => {
                    *read_result = Err((Operation::Read, error));
                    (self.ended, self.cut) = (true, true);
                }
                Poll::Pending if self.drain_left.is_some() => self.ended = true,
                Poll::Pending => return self.settle(cx, writer),
            }
        }
        reactor::wake_later(cx);
        Ok(())
    }

    /// Flushes bytes that a layer buffers, because nothing more can be read now.
    fn settle<W: End>(&mut self, cx: &mut Context<'_>, writer: &mut W) -> io::Result<()> {
        if self.unflushed {
            if let Poll::Ready(flushed) = Pin::new(writer).poll_flush(cx) {
                flushed?;
                self.unflushed = false;
            }
        }
        Ok(())
    }

    /// Writes the bytes in flight. After the end of file, it also closes the write side, unless the
    /// direction was truncated.
    fn poll_deliver<W: End>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut W,
        traffic: &AtomicU64,
        is_last: bool,
    ) -> Poll<io::Result<()>> {
        while !matches!(self.in_flight, InFlight::Nothing) {
            let written = ready!(self.poll_write(cx, writer))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.delivered += written as u64;
            traffic.fetch_add(written as u64, Ordering::Relaxed);
        }
        match (self.ended, self.cut) {
            (false, _) => Poll::Ready(Ok(())),
            // If `is_last`, the caller closes the socket next. All input of that socket was read,
            // so its peer reads an end of file instead of a reset.
            (true, false) if self.keeps_open => Pin::new(writer).poll_flush(cx),
            (true, false) if is_last && writer.socket().is_some() => Poll::Ready(Ok(())),
            (true, false) => Pin::new(writer).poll_close(cx),
            (true, true) => Pin::new(writer).poll_flush(cx),
        }
    }

    fn poll_write<W: End>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut W,
    ) -> Poll<io::Result<usize>> {
        let (written, is_empty) = match &mut self.in_flight {
            InFlight::Nothing => (0, true),
            InFlight::Copied { buffer, start, end } => {
                let rest = *start as usize..*end as usize;
                let bytes = buffer.get(rest.clone()).unwrap_or_default();
                let Poll::Ready(written) = Pin::new(writer).poll_write(cx, bytes) else {
                    if buffer.keep(rest) {
                        (*start, *end) = (0, *end - *start);
                    }
                    return Poll::Pending;
                };
                let written = written?;
                self.unflushed = true;
                *start = start.saturating_add(u32::try_from(written).unwrap_or(u32::MAX));
                (written, start >= end)
            }
            #[cfg(target_os = "linux")]
            InFlight::Spliced(pipe) => {
                // The writer was a socket when the pipe was filled, and that never changes.
                let Some(socket) = writer.socket() else {
                    return Poll::Ready(Err(io::ErrorKind::Unsupported.into()));
                };
                let written = ready!(socket.poll_write_with(cx, || pipe.empty(socket)))?;
                (written, pipe.held() == 0)
            }
        };
        if is_empty {
            self.in_flight = InFlight::Nothing;
        }
        Poll::Ready(Ok(written))
    }

    /// Reads once, and returns the number of bytes; an end of file ends the direction.
    fn poll_fill<R: End, W: End>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &W,
    ) -> Poll<io::Result<usize>> {
        if self.drain_left == Some(0) {
            self.ended = true;
            return Poll::Ready(Ok(0));
        }
        let read = match self.poll_read(cx, reader, writer.socket().is_some()) {
            Poll::Pending => {
                self.is_source_empty = true;
                return Poll::Pending;
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
                return Poll::Ready(Ok(0));
            }
            Poll::Ready(read) => read?,
        };
        self.ended = read == 0;
        if read >= BULK && !self.is_enlarged {
            self.is_enlarged = true;
            if let Some(socket) = writer.socket() {
                socket.make_room();
            }
        }
        // The read that empties a socket is often small, so one small read does not end bulk mode.
        self.bulk = if read >= BULK { 2 } else { self.bulk.saturating_sub(1) };
        self.is_source_empty = read < BULK;
        self.drain_left = self.drain_left.map(|left| left.saturating_sub(read));
        Poll::Ready(Ok(read))
    }

    /// Reads into a buffer, or into a pipe if the writer is a socket (`into_socket`).
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "it never splices"))]
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut impl End,
        into_socket: bool,
    ) -> Poll<io::Result<usize>> {
        if let Some(socket) = reader.socket() {
            // Avoids the system call on an empty socket. After a failure it is made anyway, because
            // the reactor may not have the event of the arrived bytes yet.
            if self.is_source_empty && self.drain_left.is_none() {
                ready!(socket.poll_readable(cx))?;
                self.is_source_empty = false;
            }
            #[cfg(target_os = "linux")]
            if self.bulk > 0 && into_socket {
                if let Some(mut pipe) = Pipe::lend() {
                    let read = ready!(socket.poll_read_with(cx, || pipe.fill(socket)))?;
                    if read > 0 {
                        self.in_flight = InFlight::Spliced(pipe);
                    }
                    return Poll::Ready(Ok(read));
                }
            }
        }
        let mut buffer = Buffer::lend();
        let read = ready!(Pin::new(reader).poll_read(cx, &mut buffer))?;
        if let Ok(end @ 1..) = u32::try_from(read) {
            self.in_flight = InFlight::Copied { buffer, start: 0, end };
        }
        Poll::Ready(Ok(read))
    }
}
