//! One way through a relay: what is in flight, and how far it is from its end.
//!
//! Bytes are copied through a buffer until they come in bulk between two plain sockets; then the system moves them
//! through a pipe, unseen.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use super::buffer::Buffer;
use super::end::End;
#[cfg(target_os = "linux")]
use super::pipe::Pipe;
use crate::error::Doing;
use crate::reactor;

/// How many bytes a direction moves before it lets other tasks of its thread run.
pub(super) const TURN: usize = 4 * 1024 * 1024;

/// How often it reads before that, where each time there is little.
const ROUNDS: u32 = 16;

/// How much is still delivered after the other direction has failed: more than a receive buffer holds, but an end to
/// a sender that never pauses.
pub(super) const LAST_CALL: usize = 8 * 1024 * 1024;

/// Bytes that come in bulk: there may be more already, and a pipe is worth its calls.
const BULK: usize = 64 * 1024;

/// What is in flight.
#[derive(Debug, Default)]
enum InFlight {
    #[default]
    Nothing,
    Copied {
        buffer: Buffer,
        start: u32,
        end: u32,
    },
    #[cfg(target_os = "linux")]
    Spliced(Pipe),
}

/// One way.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and ten thousand stay small"
)]
pub(super) struct Direction {
    in_flight: InFlight,
    delivered: u64,
    /// How much is still read, and only if it has arrived already.
    last_call: Option<usize>,
    /// How much reading little it takes until bytes do not come in bulk any more.
    bulk: u8,
    /// The socket that is read from was emptied, and says when there is more.
    drained: bool,
    /// The socket that is written to was told to hold more.
    has_room: bool,
    unflushed: bool,
    /// Nothing more is read; the write side is closed next.
    ended: bool,
    /// It ended before its time, and its write side is not closed.
    cut: bool,
    done: bool,
}

/// Which call failed, and how.
pub(super) type Failed = (Doing, io::Error);

impl Direction {
    /// One whose reader has most likely nothing to say yet: it is waited for before it is read.
    pub(super) fn waiting() -> Self {
        Self { drained: true, ..Self::default() }
    }

    /// Whether everything was delivered, up to the end of what its reader had to say.
    pub(super) fn has_ended(&self) -> bool {
        self.done && !self.cut
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.in_flight, InFlight::Nothing)
    }

    /// The other direction has failed: what has arrived is still delivered.
    pub(super) fn call_last(&mut self) {
        self.cut = true;
        self.last_call.get_or_insert(LAST_CALL);
    }

    /// Nothing can be delivered any more.
    pub(super) fn give_up(&mut self) {
        self.in_flight = InFlight::Nothing;
        (self.cut, self.done) = (true, true);
    }

    /// Moves what can be moved; whatever it waits for will wake the task.
    ///
    /// An error has ended it, or will as soon as what is in flight is delivered. Where it is the last direction, and the
    /// other one [has ended](Self::has_ended), whoever polls it drops the ends once it is done.
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
            result = result.and(Err((Doing::Write, error)));
        }
        if self.bulk > 0 && self.delivered > before {
            // Those who read and write at both ends of this, mostly on the same processors, then have more for it, and
            // it is woken less often.
            reactor::give_way();
        }
        result
    }

    /// The error is one of writing; one of reading goes to `read_result`.
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
                    *read_result = Err((Doing::Read, error));
                    (self.ended, self.cut) = (true, true);
                }
                Poll::Pending if self.last_call.is_some() => self.ended = true,
                Poll::Pending => return self.settle(cx, writer),
            }
        }
        reactor::wake_later(cx);
        Ok(())
    }

    /// Nothing more comes for now: what a layer holds back has to go out.
    fn settle<W: End>(&mut self, cx: &mut Context<'_>, writer: &mut W) -> io::Result<()> {
        if self.unflushed {
            if let Poll::Ready(flushed) = Pin::new(writer).poll_flush(cx) {
                flushed?;
                self.unflushed = false;
            }
        }
        Ok(())
    }

    /// Writes what is in flight, and closes the write side behind the last of it where nothing is missing.
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
            // Closing the socket is next, of which nothing is unread: that says as much.
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
                let rest = buffer.get(*start as usize..*end as usize).unwrap_or_default();
                let written = ready!(Pin::new(writer).poll_write(cx, rest))?;
                self.unflushed = true;
                *start = start.saturating_add(u32::try_from(written).unwrap_or(u32::MAX));
                (written, start >= end)
            }
            #[cfg(target_os = "linux")]
            InFlight::Spliced(pipe) => {
                // It was a socket when the pipe was filled, and they do not change.
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

    /// Reads once; an end of file ends the direction.
    fn poll_fill<R: End, W: End>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &W,
    ) -> Poll<io::Result<usize>> {
        if self.last_call == Some(0) {
            self.ended = true;
            return Poll::Ready(Ok(0));
        }
        let read = match self.poll_read(cx, reader, writer) {
            Poll::Pending => {
                self.drained = true;
                return Poll::Pending;
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
                return Poll::Ready(Ok(0));
            }
            Poll::Ready(read) => read?,
        };
        self.ended = read == 0;
        if read >= BULK && !self.has_room {
            self.has_room = true;
            if let Some(socket) = writer.socket() {
                socket.make_room();
            }
        }
        // What empties a socket is often little, and says nothing of what comes next.
        self.bulk = if read >= BULK { 2 } else { self.bulk.saturating_sub(1) };
        self.drained = read < BULK;
        self.last_call = self.last_call.map(|left| left.saturating_sub(read));
        Poll::Ready(Ok(read))
    }

    fn poll_read<R: End, W: End>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &W,
    ) -> Poll<io::Result<usize>> {
        if let Some(socket) = reader.socket() {
            // Asking the socket first would cost a call, which mostly says that there is nothing. On the last call it
            // is asked: what has arrived may not have been announced yet.
            if self.drained && self.last_call.is_none() {
                ready!(socket.poll_readable(cx))?;
                self.drained = false;
            }
            #[cfg(target_os = "linux")]
            if self.bulk > 0 && writer.socket().is_some() {
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
