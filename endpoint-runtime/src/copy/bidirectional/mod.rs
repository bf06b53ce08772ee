//! Both directions of a copy, in one future.
//!
//! Rules, for each direction:
//! 1. Bytes that were read are written before more are read. A slow reader slows the sender down,
//!    and one buffer or pipe per direction bounds the memory.
//! 2. An end of file is forwarded as a half-close; the other direction continues.
//! 3. A read error ends the direction after the bytes read before it are delivered. A write error
//!    ends it at once, because nothing more can be delivered.
//! 4. An error also ends the other direction, after the bytes that had arrived are delivered. After
//!    a reset it ends at once, because the peer reads nothing more.
//! 5. An error is never forwarded as an end of file: a truncated direction does not close its write
//!    side, so that the caller can abort the connection.
//! 6. If a TLS client ends without `close_notify`, the answer is still delivered, for at most
//!    [`ANSWER_TIME`]. The request may be truncated, so its write side stays open, and the target
//!    is aborted at the end.
//! 7. If the destination of a direction stops reading, the direction ends without an error, unless
//!    bytes are in flight. That is the case after a UNIX peer has closed its socket, or the last
//!    reader of a pipe has closed it. A program that exits closes its output a moment later, so the
//!    other direction has [`EXIT_TIME`] to end normally.
//! 8. After one direction has ended, the other one may be idle for the half-close limit, if there
//!    is one.
//! 9. If the copy ends with one side, the other direction ends once the bytes that had arrived are
//!    delivered.
//! 10. A waiting direction holds a buffer or a pipe only while it contains bytes.

use core::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::direction::{Direction, Failed};
use super::end::End;
use super::traffic::{Traffic, Transferred};
use crate::duration::HumanDuration;
use crate::error::Doing;
use crate::reactor::Timer;

/// The time limit for the answer to a truncated request.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// The time limit for a program to close its output after it has closed its input.
const EXIT_TIME: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

/// How a copy ended.
pub(super) enum Outcome {
    /// Both sides have ended.
    Ended,
    /// The side `gone` stopped reading. `is_answered` as in [`CopyFailure`], for the other side.
    Unheard {
        gone: Side,
        is_answered: bool,
    },
    Failed(Box<CopyFailure>),
}

/// The first failure of either direction.
pub(super) struct CopyFailure {
    pub(super) side: Side,
    pub(super) doing: Doing,
    pub(super) error: io::Error,
    /// Whether the failed side received all bytes of the other side, up to the end of file.
    pub(super) is_answered: bool,
    /// The deadline for the other direction.
    answer_limit: Option<Timer>,
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl CopyFailure {
    /// The error if the last direction, from this side, was idle for the half-close limit.
    ///
    /// If bytes are stuck in the direction, the other side did not read them.
    fn idle(from: Side, is_stuck: bool, limit: Duration) -> Self {
        let limit = HumanDuration(limit);
        let (side, doing, why) = if is_stuck {
            (from.other(), Doing::Write, format!("it took nothing for {limit}"))
        } else {
            let why = format!("it sent nothing for {limit} after the end of what it was sent");
            (from, Doing::Read, why)
        };
        let error = io::Error::new(io::ErrorKind::TimedOut, why);
        Self { side, doing, error, is_answered: false, answer_limit: None }
    }
}

impl fmt::Debug for CopyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, doing, error, is_answered, answer_limit: _ } = self;
        let mut shown = f.debug_struct("CopyFailure");
        shown.field("side", side).field("doing", doing).field("error", error);
        shown.field("is_answered", is_answered).finish_non_exhaustive()
    }
}

/// The state of both directions.
#[derive(Debug)]
pub(super) struct Bidirectional {
    a_to_b: Direction,
    b_to_a: Direction,
    // Boxed, because most copies have none.
    failure: Option<Box<CopyFailure>>,
    /// The side that stopped reading.
    unheard: Option<Side>,
    half_close: Option<Duration>,
    half_closed: Option<Box<HalfClosed>>,
    /// Whether an end of file of A ends both directions.
    ends_with_a: bool,
}

/// The limit of the last direction, after the other one has ended.
#[derive(Debug)]
struct HalfClosed {
    /// The bytes that the last direction had delivered when the timer was started.
    delivered: u64,
    timer: Timer,
}

impl Default for Bidirectional {
    /// Side A is read first, because it is usually the client and sends first.
    fn default() -> Self {
        Self {
            a_to_b: Direction::default(),
            b_to_a: Direction::waiting(),
            failure: None,
            unheard: None,
            half_close: None,
            half_closed: None,
            ends_with_a: false,
        }
    }
}

impl Bidirectional {
    /// Limits how long a direction may be idle after the other one has ended.
    pub(super) fn limit_half_close(&mut self, limit: Option<Duration>) {
        self.half_close = limit;
    }

    /// Keeps the write side of A open at the end of file of B.
    pub(super) fn keep_a_open(&mut self) {
        self.b_to_a.keep_open();
    }

    /// Ends both directions at the end of file of A.
    pub(super) fn end_with_a(&mut self) {
        self.ends_with_a = true;
    }

    /// Copies in both directions; ready once both have ended. The caller then drops both ends.
    pub(super) fn poll<A: End, B: End>(
        &mut self,
        cx: &mut Context<'_>,
        a: &mut A,
        b: &mut B,
        traffic: &Traffic,
    ) -> Poll<(Transferred, Outcome)> {
        let is_last = self.b_to_a.has_ended();
        if let Err(failed) = self.a_to_b.poll(cx, a, b, &traffic.a_to_b, is_last) {
            self.note(Side::A, Side::B, a, failed);
        }
        let is_last = self.a_to_b.has_ended();
        if let Err(failed) = self.b_to_a.poll(cx, b, a, &traffic.b_to_a, is_last) {
            self.note(Side::B, Side::A, b, failed);
            // The first direction was polled before the second one failed, so it is polled again.
            if let Err(failed) = self.a_to_b.poll(cx, a, b, &traffic.a_to_b, false) {
                self.note(Side::A, Side::B, a, failed);
            }
        }
        self.end_unheard(cx, a, b);
        if self.ends_with_a && self.a_to_b.has_ended() && !self.b_to_a.is_last_call() {
            self.b_to_a.call_last();
            // The next poll ends it.
            cx.waker().wake_by_ref();
        }
        self.limit_answer(cx);
        self.limit_last(cx);
        if !(self.a_to_b.is_done() && self.b_to_a.is_done()) {
            return Poll::Pending;
        }
        let has_got_all = |side| match side {
            Side::A => self.b_to_a.has_ended(),
            Side::B => self.a_to_b.has_ended(),
        };
        let outcome = match (self.failure.take(), self.unheard) {
            (Some(mut failure), _) => {
                failure.is_answered = has_got_all(failure.side);
                Outcome::Failed(failure)
            }
            (None, Some(gone)) => Outcome::Unheard { gone, is_answered: has_got_all(gone.other()) },
            (None, None) => Outcome::Ended,
        };
        let transferred =
            Transferred { a_to_b: self.a_to_b.delivered(), b_to_a: self.b_to_a.delivered() };
        Poll::Ready((transferred, outcome))
    }

    /// Ends a direction whose destination stopped reading.
    fn end_unheard<A: End, B: End>(&mut self, cx: &mut Context<'_>, a: &mut A, b: &mut B) {
        let gone = if self.a_to_b.waits_for_bytes()
            && b.poll_unheard(cx, self.b_to_a.has_ended()).is_ready()
        {
            Side::B
        } else if self.b_to_a.waits_for_bytes()
            && a.poll_unheard(cx, self.a_to_b.has_ended()).is_ready()
        {
            Side::A
        } else {
            return;
        };
        let (ended, _) = self.directions(gone.other());
        ended.give_up();
        self.unheard.get_or_insert(gone);
    }

    /// Ends the last direction if it was idle for the limit.
    fn limit_last(&mut self, cx: &mut Context<'_>) {
        let from = match (self.a_to_b.is_done(), self.b_to_a.is_done()) {
            (true, false) => Side::B,
            (false, true) => Side::A,
            _ => return,
        };
        let (last, _) = self.directions(from);
        let (delivered, is_stuck) = (last.delivered(), last.is_in_flight());
        let is_leaving = last.is_last_call() || self.unheard.is_some();
        let limit = match (&self.failure, self.half_close) {
            (None, _) if is_leaving => EXIT_TIME,
            (None, Some(limit)) => limit,
            (Some(_), _) | (None, None) => return,
        };
        let start = || Box::new(HalfClosed { delivered, timer: Timer::after(limit) });
        let half_closed = self.half_closed.get_or_insert_with(start);
        if half_closed.delivered != delivered {
            *half_closed = start();
        }
        if Pin::new(&mut half_closed.timer).poll(cx).is_pending() {
            return;
        }
        let (last, _) = self.directions(from);
        if last.is_last_call() {
            last.give_up();
        } else if is_leaving {
            last.call_last();
            // The next poll ends it.
            cx.waker().wake_by_ref();
        } else {
            last.give_up();
            self.failure = Some(Box::new(CopyFailure::idle(from, is_stuck, limit)));
        }
    }

    /// The direction from `from`, and the direction to it.
    fn directions(&mut self, from: Side) -> (&mut Direction, &mut Direction) {
        match from {
            Side::A => (&mut self.a_to_b, &mut self.b_to_a),
            Side::B => (&mut self.b_to_a, &mut self.a_to_b),
        }
    }

    /// Ends the direction of the answer when its time limit is over.
    fn limit_answer(&mut self, cx: &mut Context<'_>) {
        let Some(failure) = &mut self.failure else { return };
        let Some(limit) = &mut failure.answer_limit else { return };
        if Pin::new(limit).poll(cx).is_ready() {
            failure.answer_limit = None;
            let side = failure.side;
            self.directions(side).1.call_last();
            // The next poll ends it.
            cx.waker().wake_by_ref();
        }
    }

    /// Records the first failure, and ends the other direction, except to wait for an answer.
    fn note(&mut self, from: Side, to: Side, reader: &impl End, (doing, error): Failed) {
        let half_close = self.half_close;
        let is_first = self.failure.is_none();
        let (_, other) = self.directions(from);
        let mut answer_limit = None;
        if doing == Doing::Read && reader.expects_answer_after(&error) && is_first {
            let limit = half_close.map_or(ANSWER_TIME, |limit| limit.min(ANSWER_TIME));
            answer_limit = Some(Timer::after(limit));
        } else if doing == Doing::Read && error.kind() == io::ErrorKind::ConnectionReset {
            // Bytes from the other side stay unread. Closing a UNIX socket with unread bytes resets
            // its peer, which then knows that bytes were lost.
            other.give_up();
        } else {
            other.call_last();
        }
        let side = if doing == Doing::Read { from } else { to };
        self.failure.get_or_insert_with(|| {
            Box::new(CopyFailure { side, doing, error, is_answered: false, answer_limit })
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::task::Waker;

    use smol::io::{AsyncRead, AsyncWrite};

    use super::super::buffer;
    use super::super::direction::{LAST_CALL, TURN};
    use super::*;

    /// A scripted side of a relay.
    #[derive(Default)]
    #[expect(clippy::struct_excessive_bools, reason = "independent facts of a test")]
    struct Script {
        /// The results of reads; when it is empty, reads are pending.
        reads: VecDeque<io::Result<Vec<u8>>>,
        /// Whether reads always return bytes.
        endless: bool,
        read: usize,
        /// How many bytes writes still accept.
        room: usize,
        written: Vec<u8>,
        closed: bool,
        broken: bool,
        /// Whether the side reads the answer after a read error.
        expects_answer: bool,
        /// Whether the side has stopped reading.
        is_unheard: bool,
    }

    impl Script {
        fn new(reads: impl IntoIterator<Item = io::Result<Vec<u8>>>) -> Self {
            Self { reads: reads.into_iter().collect(), room: usize::MAX, ..Self::default() }
        }
    }

    impl End for Script {
        fn expects_answer_after(&self, _: &io::Error) -> bool {
            self.expects_answer
        }

        fn poll_unheard(&mut self, _: &mut Context<'_>, _: bool) -> Poll<()> {
            if self.is_unheard { Poll::Ready(()) } else { Poll::Pending }
        }
    }

    #[test]
    fn an_end_that_is_not_passed_on_ends_its_direction_alone() {
        let mut copying = Bidirectional::default();
        copying.keep_a_open();
        let (mut a, mut b) = (Script::new([]), Script::new([some("question"), END]));
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        assert_eq!((a.written.as_slice(), a.closed), (&b"question"[..], false));
        a.reads.extend([some("answer"), END]);
        assert!(matches!(poll(&mut copying, &mut a, &mut b), Poll::Ready((_, None))));
        assert_eq!((b.written.as_slice(), b.closed), (&b"answer"[..], true));
    }

    #[test]
    fn a_copy_that_ends_with_one_side_delivers_what_has_arrived() {
        let mut copying = Bidirectional::default();
        copying.end_with_a();
        let (mut a, mut b) = (Script::new([END]), Script::new([some("on its way")]));
        (a.room, b.reads) = (4, [some("on its way"), some("too")].into());
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        a.room = usize::MAX;
        assert!(matches!(poll(&mut copying, &mut a, &mut b), Poll::Ready((_, None))));
        assert_eq!(a.written, b"on its waytoo");
        assert!(b.closed);
    }

    #[test]
    fn a_copy_that_ends_with_one_side_does_not_wait_for_it_to_read() {
        let mut copying = Bidirectional::default();
        copying.end_with_a();
        let (mut a, mut b) = (Script::new([END]), Script::new([some("never read")]));
        a.room = 0;
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        copying.half_closed.as_mut().unwrap().timer = Timer::after(Duration::ZERO);
        assert!(matches!(poll(&mut copying, &mut a, &mut b), Poll::Ready((_, None))));
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
        copying: &mut Bidirectional,
        a: &mut Script,
        b: &mut Script,
    ) -> Poll<(Transferred, Option<Box<CopyFailure>>)> {
        let mut cx = Context::from_waker(Waker::noop());
        copying.poll(&mut cx, a, b, &Traffic::new()).map(|(transferred, outcome)| match outcome {
            Outcome::Failed(failure) => (transferred, Some(failure)),
            _ => (transferred, None),
        })
    }

    #[test]
    fn an_end_on_one_side_leaves_the_way_back_open() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([some("question"), END]), Script::new([]));
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        assert_eq!((b.written.as_slice(), b.closed, a.closed), (&b"question"[..], true, false));

        b.reads.extend([some("answer"), END]);
        let Poll::Ready((transferred, failure)) = poll(&mut copying, &mut a, &mut b) else {
            panic!("both sides have ended");
        };
        assert_eq!(transferred, Transferred { a_to_b: 8, b_to_a: 6 });
        assert!(failure.is_none());
        assert_eq!((a.written.as_slice(), a.closed), (&b"answer"[..], true));
    }

    #[test]
    fn a_side_that_does_not_read_stops_the_other_after_one_buffer() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([]), Script::new([]));
        (a.endless, b.room) = (true, 10);
        for _ in 0..5 {
            assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        }
        assert_eq!((a.read, b.written.len()), (buffer::LEN, 10));
    }

    #[test]
    fn a_busy_direction_lets_others_run() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([]), Script::new([]));
        a.endless = true;
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        assert_eq!(a.read, TURN);
    }

    #[test]
    fn an_idle_relay_holds_no_buffer() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([some("x")]), Script::new([some("y")]));
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        assert!(!copying.a_to_b.is_in_flight() && !copying.b_to_a.is_in_flight());
    }

    #[test]
    fn what_was_read_before_an_error_is_delivered() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([some("last words"), reset()]), Script::new([some("?")]));
        b.room = 4;
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        b.room = usize::MAX;
        let Poll::Ready((_, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
            panic!("the error ends both directions");
        };
        assert_eq!((failure.side, failure.doing), (Side::A, Doing::Read));
        assert_eq!((b.written.as_slice(), b.closed), (&b"last words"[..], false));
        assert_eq!(a.written, b"?");
    }

    #[test]
    fn a_request_that_was_cut_short_is_answered() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([some("question"), reset()]), Script::new([]));
        a.expects_answer = true;
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        assert!(poll(&mut copying, &mut a, &mut b).is_pending(), "the answer may take a while");
        b.reads.extend([some("answer"), END]);
        let Poll::Ready((_, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
            panic!("both directions have ended");
        };
        assert!(failure.is_answered);
        assert_eq!((a.written.as_slice(), a.closed), (&b"answer"[..], true));
        assert_eq!((b.written.as_slice(), b.closed), (&b"question"[..], false));
    }

    #[test]
    fn an_answer_that_takes_too_long_is_given_up() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([reset()]), Script::new([some("half of it")]));
        a.expects_answer = true;
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        copying.failure.as_mut().unwrap().answer_limit = Some(Timer::after(Duration::ZERO));
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        let Poll::Ready((_, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
            panic!("its time is over");
        };
        assert!(!failure.is_answered);
        assert_eq!((a.written.as_slice(), a.closed), (&b"half of it"[..], false));
    }

    #[test]
    fn an_answer_after_the_limit_of_a_half_close_is_not_waited_for() {
        let mut copying = Bidirectional::default();
        copying.limit_half_close(Some(Duration::from_secs(3600)));
        let (mut a, mut b) = (Script::new([some("question"), END]), Script::new([]));
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        b.reads.push_back(some("half of it"));
        assert!(poll(&mut copying, &mut a, &mut b).is_pending(), "its time begins again");
        let half_closed = copying.half_closed.as_mut().unwrap();
        assert_eq!(half_closed.delivered, 10);
        half_closed.timer = Timer::after(Duration::ZERO);
        let Poll::Ready((_, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
            panic!("its time is over");
        };
        assert_eq!((failure.side, failure.doing), (Side::B, Doing::Read));
        assert_eq!(
            failure.error.to_string(),
            "it sent nothing for 3600 seconds after the end of what it was sent"
        );
        assert_eq!((a.written.as_slice(), a.closed), (&b"half of it"[..], false));
    }

    #[test]
    fn a_side_that_reads_nothing_more_ends_both_directions() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([]), Script::new([]));
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        b.is_unheard = true;
        assert!(poll(&mut copying, &mut a, &mut b).is_pending(), "its output may end by itself");
        b.reads.push_back(some("done"));
        copying.half_closed.as_mut().unwrap().timer = Timer::after(Duration::ZERO);
        assert!(poll(&mut copying, &mut a, &mut b).is_pending(), "it was delivered just now");
        copying.half_closed.as_mut().unwrap().timer = Timer::after(Duration::ZERO);
        assert!(poll(&mut copying, &mut a, &mut b).is_pending());
        assert!(matches!(poll(&mut copying, &mut a, &mut b), Poll::Ready((_, None))));
        assert_eq!((a.written.as_slice(), a.closed), (&b"done"[..], false), "it is cut short");
    }

    #[test]
    fn the_output_of_a_side_that_reads_nothing_more_may_end_by_itself() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([]), Script::new([some("done"), END]));
        b.is_unheard = true;
        assert!(matches!(poll(&mut copying, &mut a, &mut b), Poll::Ready((_, None))));
        assert_eq!((a.written.as_slice(), a.closed), (&b"done"[..], true));
    }

    #[test]
    fn what_cannot_be_delivered_stays_unread() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([reset()]), Script::new([some("to nobody")]));
        assert!(poll(&mut copying, &mut a, &mut b).is_ready());
        assert_eq!((b.read, b.closed, a.closed), (0, false, false));
    }

    #[test]
    fn what_had_arrived_when_writing_failed_is_delivered() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([some("x")]), Script::new([some("go"), some(" away")]));
        b.broken = true;
        let Poll::Ready((transferred, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
            panic!("the error ends both directions");
        };
        assert_eq!((failure.side, failure.doing), (Side::B, Doing::Write));
        assert_eq!(transferred, Transferred { a_to_b: 0, b_to_a: 7 });
        assert_eq!((a.written.as_slice(), a.closed), (&b"go away"[..], false));
    }

    #[test]
    fn a_sender_that_never_pauses_ends_after_the_last_call() {
        let mut copying = Bidirectional::default();
        let (mut a, mut b) = (Script::new([some("x")]), Script::new([]));
        (b.broken, b.endless) = (true, true);
        let mut polls = 0;
        while poll(&mut copying, &mut a, &mut b).is_pending() {
            polls += 1;
            assert!(polls < 1000);
        }
        assert_eq!(a.written.len(), LAST_CALL);
    }
}
