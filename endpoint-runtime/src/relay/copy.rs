//! Copies between two connections, both ways at once, in one future.
//!
//! Rules, for each direction:
//! 1. What was read is written before anything more is read: a slow reader slows the sender down, and one buffer
//!    per direction bounds the memory.
//! 2. An end of file is passed on as a half-close; the other direction goes on.
//! 3. A reading error ends the direction after what was read before it has been delivered; a writing error ends it
//!    at once, because nothing can be delivered any more.
//! 4. An error also ends the other direction, as soon as it has delivered what had arrived; at once where the error
//!    says that nobody is left to deliver to.
//! 5. An error is never passed on as an end of file: what is cut short is not closed but left to be aborted
//!    ([`Connection::abort`]).

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use smol::io::{AsyncRead, AsyncWrite};

use super::traffic::{Traffic, Transferred};
use crate::error::Doing;
#[cfg(doc)]
use crate::net::Connection;

/// The size of a buffer: fewer calls do not get cheaper beyond this, as a pipe or socket holds about as much.
const BUFFER: usize = 64 * 1024;

/// How many buffers a direction moves before it lets other tasks of its thread run.
const ROUNDS: u32 = 16;

/// How much a direction still delivers after the other one has failed: more than a receive buffer holds, but an end
/// to a sender that never pauses.
const LAST_CALL: u64 = 8 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

#[derive(Debug)]
pub(super) struct Failure {
    pub(super) side: Side,
    pub(super) doing: Doing,
    pub(super) error: io::Error,
}

/// Both ways of one relay.
#[derive(Debug, Default)]
pub(super) struct Relay {
    a_to_b: Direction,
    b_to_a: Direction,
    failure: Option<Failure>,
}

impl Relay {
    /// Moves what can be moved both ways; ready once both have ended.
    pub(super) fn poll<A, B>(
        &mut self,
        cx: &mut Context<'_>,
        mut a: Pin<&mut A>,
        mut b: Pin<&mut B>,
        traffic: &Traffic,
    ) -> Poll<(Transferred, Option<Failure>)>
    where
        A: AsyncRead + AsyncWrite,
        B: AsyncRead + AsyncWrite,
    {
        // One buffer serves both directions as long as neither has to keep what it holds.
        let mut spare = None;
        self.a_to_b.poll(cx, a.as_mut(), b.as_mut(), &traffic.a_to_b, &mut spare);
        self.note(Side::A, Side::B);
        self.b_to_a.poll(cx, b.as_mut(), a.as_mut(), &traffic.b_to_a, &mut spare);
        if self.note(Side::B, Side::A) {
            // The failure of the second direction is news to the first one.
            self.a_to_b.poll(cx, a, b, &traffic.a_to_b, &mut spare);
        }
        if !(self.a_to_b.done && self.b_to_a.done) {
            return Poll::Pending;
        }
        let transferred =
            Transferred { a_to_b: self.a_to_b.delivered, b_to_a: self.b_to_a.delivered };
        Poll::Ready((transferred, self.failure.take()))
    }

    /// Keeps the first failure and tells the other direction of it.
    fn note(&mut self, from: Side, to: Side) -> bool {
        let (direction, other) = match from {
            Side::A => (&mut self.a_to_b, &mut self.b_to_a),
            Side::B => (&mut self.b_to_a, &mut self.a_to_b),
        };
        let Some((doing, error)) = direction.failure.take() else {
            return false;
        };
        let side = if doing == Doing::Read { from } else { to };
        other.cut = true;
        if doing == Doing::Read && error.kind() == io::ErrorKind::ConnectionReset {
            // What the other side has sent stays unread: of a UNIX socket that is closed so, its peer learns that
            // something was lost.
            other.buffer = None;
            other.done = true;
        } else {
            other.last_call.get_or_insert(LAST_CALL);
        }
        self.failure.get_or_insert(Failure { side, doing, error });
        true
    }
}

/// One way: what is in flight, and how far it is from its end.
#[derive(Debug, Default)]
struct Direction {
    /// Kept only while it holds something.
    buffer: Option<Box<[u8]>>,
    start: usize,
    end: usize,
    delivered: u64,
    unflushed: bool,
    /// Nothing more is read; the write side is closed next.
    ended: bool,
    /// It ended before its time, and its write side is not closed.
    cut: bool,
    done: bool,
    failure: Option<(Doing, io::Error)>,
    /// How much is still read, and only if it has arrived already.
    last_call: Option<u64>,
}

impl Direction {
    /// Moves what can be moved; whatever it waits for will wake the task.
    fn poll<R: AsyncRead, W: AsyncWrite>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
        traffic: &AtomicU64,
        spare: &mut Option<Box<[u8]>>,
    ) {
        for _ in 0..ROUNDS {
            if self.done {
                return;
            }
            match self.poll_deliver(cx, writer.as_mut(), traffic) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return self.give_up(error),
            }
            *spare = self.buffer.take().or(spare.take());
            if self.ended {
                self.done = true;
            } else if self.poll_fill(cx, reader.as_mut(), spare).is_pending() {
                if self.last_call.is_none() {
                    return self.settle(cx, writer);
                }
                self.ended = true;
            }
        }
        if !self.done {
            cx.waker().wake_by_ref();
        }
    }

    /// Nothing more comes for now: what a layer holds back has to go out.
    fn settle<W: AsyncWrite>(&mut self, cx: &mut Context<'_>, writer: Pin<&mut W>) {
        if self.unflushed {
            match writer.poll_flush(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(error)) => self.give_up(error),
            }
        }
    }

    /// Nothing can be delivered any more.
    fn give_up(&mut self, error: io::Error) {
        self.failure.get_or_insert((Doing::Write, error));
        self.cut = true;
        self.buffer = None;
        self.done = true;
    }

    /// Writes what is in flight, and closes the write side behind the last of it where nothing is missing.
    fn poll_deliver<W: AsyncWrite>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: Pin<&mut W>,
        traffic: &AtomicU64,
    ) -> Poll<io::Result<()>> {
        while let Some(rest) = self.in_flight() {
            match ready!(writer.as_mut().poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => {
                    self.start += written;
                    self.delivered += written as u64;
                    traffic.fetch_add(written as u64, Ordering::Relaxed);
                    self.unflushed = true;
                }
            }
        }
        match (self.ended, self.cut) {
            (false, _) => Poll::Ready(Ok(())),
            (true, false) => writer.poll_close(cx),
            (true, true) => writer.poll_flush(cx),
        }
    }

    fn in_flight(&self) -> Option<&[u8]> {
        self.buffer.as_deref()?.get(self.start..self.end).filter(|rest| !rest.is_empty())
    }

    /// Reads once; an end of file or an error ends the direction.
    fn poll_fill<R: AsyncRead>(
        &mut self,
        cx: &mut Context<'_>,
        reader: Pin<&mut R>,
        spare: &mut Option<Box<[u8]>>,
    ) -> Poll<()> {
        if self.last_call == Some(0) {
            self.ended = true;
            return Poll::Ready(());
        }
        let mut buffer = spare.take().unwrap_or_else(|| vec![0; BUFFER].into_boxed_slice());
        match reader.poll_read(cx, &mut buffer) {
            Poll::Pending => {
                *spare = Some(buffer);
                return Poll::Pending;
            }
            Poll::Ready(Ok(0)) => self.ended = true,
            Poll::Ready(Ok(read)) => {
                (self.start, self.end) = (0, read);
                self.buffer = Some(buffer);
                self.last_call = self.last_call.map(|left| left.saturating_sub(read as u64));
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Poll::Ready(Err(error)) => {
                self.failure = Some((Doing::Read, error));
                (self.ended, self.cut) = (true, true);
            }
        }
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::task::Waker;

    use super::*;

    /// One side of a relay, by script.
    #[derive(Default)]
    struct Script {
        /// What reading gives; nothing left means nothing more for now.
        reads: VecDeque<io::Result<Vec<u8>>>,
        /// Whether reading never stops giving.
        endless: bool,
        read: usize,
        /// How much it still takes.
        room: usize,
        written: Vec<u8>,
        closed: bool,
        broken: bool,
    }

    impl Script {
        fn new(reads: impl IntoIterator<Item = io::Result<Vec<u8>>>) -> Self {
            Self { reads: reads.into_iter().collect(), room: usize::MAX, ..Self::default() }
        }
    }

    impl AsyncRead for Script {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            if self.endless {
                self.read += buf.len();
                return Poll::Ready(Ok(buf.len()));
            }
            match self.reads.pop_front() {
                None => Poll::Pending,
                Some(Err(error)) => Poll::Ready(Err(error)),
                Some(Ok(bytes)) => {
                    buf[..bytes.len()].copy_from_slice(&bytes);
                    self.read += bytes.len();
                    Poll::Ready(Ok(bytes.len()))
                }
            }
        }
    }

    impl AsyncWrite for Script {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            if self.broken {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            let taken = buf.len().min(self.room);
            if taken == 0 {
                return Poll::Pending;
            }
            self.room -= taken;
            self.written.extend(&buf[..taken]);
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.closed = true;
            Poll::Ready(Ok(()))
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "one kind of step in a script")]
    fn some(text: &str) -> io::Result<Vec<u8>> {
        Ok(text.into())
    }

    const END: io::Result<Vec<u8>> = Ok(Vec::new());

    fn reset() -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::ConnectionReset.into())
    }

    fn poll(
        relay: &mut Relay,
        a: &mut Script,
        b: &mut Script,
    ) -> Poll<(Transferred, Option<Failure>)> {
        let mut cx = Context::from_waker(Waker::noop());
        relay.poll(&mut cx, Pin::new(a), Pin::new(b), &Traffic::default())
    }

    #[test]
    fn an_end_on_one_side_leaves_the_way_back_open() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([some("question"), END]), Script::new([]));
        assert!(poll(&mut relay, &mut a, &mut b).is_pending());
        assert_eq!((b.written.as_slice(), b.closed, a.closed), (&b"question"[..], true, false));

        b.reads.extend([some("answer"), END]);
        let Poll::Ready((transferred, failure)) = poll(&mut relay, &mut a, &mut b) else {
            panic!("both sides have ended");
        };
        assert_eq!(transferred, Transferred { a_to_b: 8, b_to_a: 6 });
        assert!(failure.is_none());
        assert_eq!((a.written.as_slice(), a.closed), (&b"answer"[..], true));
    }

    #[test]
    fn a_side_that_does_not_read_stops_the_other_after_one_buffer() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([]), Script::new([]));
        (a.endless, b.room) = (true, 10);
        for _ in 0..5 {
            assert!(poll(&mut relay, &mut a, &mut b).is_pending());
        }
        assert_eq!((a.read, b.written.len()), (BUFFER, 10));
    }

    #[test]
    fn a_busy_direction_lets_others_run() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([]), Script::new([]));
        a.endless = true;
        assert!(poll(&mut relay, &mut a, &mut b).is_pending());
        assert_eq!(a.read, BUFFER * ROUNDS as usize);
    }

    #[test]
    fn an_idle_relay_holds_no_buffer() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([some("x")]), Script::new([some("y")]));
        assert!(poll(&mut relay, &mut a, &mut b).is_pending());
        assert!(relay.a_to_b.buffer.is_none() && relay.b_to_a.buffer.is_none());
    }

    #[test]
    fn what_was_read_before_an_error_is_delivered() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([some("last words"), reset()]), Script::new([some("?")]));
        b.room = 4;
        assert!(poll(&mut relay, &mut a, &mut b).is_pending());
        b.room = usize::MAX;
        let Poll::Ready((_, Some(failure))) = poll(&mut relay, &mut a, &mut b) else {
            panic!("the error ends both directions");
        };
        assert_eq!((failure.side, failure.doing), (Side::A, Doing::Read));
        assert_eq!((b.written.as_slice(), b.closed), (&b"last words"[..], false));
        assert_eq!(a.written, b"?");
    }

    #[test]
    fn what_cannot_be_delivered_stays_unread() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([reset()]), Script::new([some("to nobody")]));
        assert!(poll(&mut relay, &mut a, &mut b).is_ready());
        assert_eq!((b.read, b.closed, a.closed), (0, false, false));
    }

    #[test]
    fn what_had_arrived_when_writing_failed_is_delivered() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([some("x")]), Script::new([some("go"), some(" away")]));
        b.broken = true;
        let Poll::Ready((transferred, Some(failure))) = poll(&mut relay, &mut a, &mut b) else {
            panic!("the error ends both directions");
        };
        assert_eq!((failure.side, failure.doing), (Side::B, Doing::Write));
        assert_eq!(transferred, Transferred { a_to_b: 0, b_to_a: 7 });
        assert_eq!((a.written.as_slice(), a.closed), (&b"go away"[..], false));
    }

    #[test]
    fn a_sender_that_never_pauses_ends_after_the_last_call() {
        let mut relay = Relay::default();
        let (mut a, mut b) = (Script::new([some("x")]), Script::new([]));
        (b.broken, b.endless) = (true, true);
        let mut polls = 0;
        while poll(&mut relay, &mut a, &mut b).is_pending() {
            polls += 1;
            assert!(polls < 1000);
        }
        assert_eq!(a.written.len() as u64, LAST_CALL);
    }
}
