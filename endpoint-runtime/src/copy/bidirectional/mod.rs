//! Copies between two connections in both directions, as one state machine without tasks.
//!
//! Rules, for each direction:
//! 1. Bytes that were read are written before more are read. A slow reader slows the sender down,
//!    and one buffer or pipe per direction bounds the memory.
//! 2. An end of file is forwarded as a half-close; the other direction continues.
//! 3. A read error ends the direction after the bytes read before it are delivered. A write error
//!    ends it immediately, because nothing more can be delivered.
//! 4. An error also ends the other direction, after the bytes that had arrived are delivered. After
//!    a reset it ends immediately, because the peer reads nothing more.
//! 5. An error is never forwarded as an end of file: a truncated direction does not close its write
//!    side, so that the caller can abort the connection.
//! 6. If a TLS client ends without `close_notify`, its request may be truncated. The answer is
//!    still delivered, until it ends or is idle for [`ANSWER_TIME`]. The write side of the other
//!    connection stays open, and that connection is aborted at the end.
//! 7. If the destination of a direction stops reading, the direction ends without an error, unless
//!    bytes are in flight. That is the case after a UNIX peer has closed its socket, or the last
//!    reader of a pipe has closed it. A TCP peer that resets the connection after its end of file
//!    is an error. A program that exits closes its output a moment later, so the
//!    other direction has [`EXIT_TIME`] to end normally.
//! 8. After one direction has ended, the other one may be idle for the half-close limit, if there
//!    is one.
//! 9. If the copy ends with one side, the other direction ends once the bytes that had arrived are
//!    delivered.
//! 10. A waiting direction holds a buffer or a pipe only while it contains bytes.

use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use super::direction::{Direction, Failed};
use super::end::End;
use super::outcome::{CopyFailure, IdleLimit, Outcome, Side};
use super::traffic::{Traffic, Transferred};
use crate::error::Operation;

/// How long the answer to a TLS client that ended without `close_notify` may pause (rule 6).
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// How long a program may take to close its output after it has closed its input (rule 7).
const EXIT_TIME: Duration = Duration::from_secs(1);

/// A copy between connections A and B: both directions, and how the first of them ended.
#[derive(Debug)]
pub(super) struct Bidirectional {
    a_to_b: Direction,
    b_to_a: Direction,
    /// The first error of either direction.
    // Boxed, because most copies end without an error.
    failure: Option<Box<CopyFailure>>,
    /// The side that stopped reading although no write failed; `None` while both read.
    write_closed: Option<Side>,
    /// How long one direction may be idle after the other one has ended; `None` means no limit.
    half_close: Option<Duration>,
    /// The timer of the direction that remains after the other one has ended.
    half_closed: Option<Box<IdleLimit>>,
    /// Whether an end of file of A ends both directions, even if B has not ended.
    ends_with_a: bool,
}

impl Default for Bidirectional {
    /// Waits for readiness before the first read of side B: A is usually the client and sends
    /// first.
    fn default() -> Self {
        Self {
            a_to_b: Direction::default(),
            b_to_a: Direction::waiting(),
            failure: None,
            write_closed: None,
            half_close: None,
            half_closed: None,
            ends_with_a: false,
        }
    }
}

impl Bidirectional {
    /// Limits how long a direction may be idle after the other one has ended; `None` for no limit.
    pub(super) fn limit_half_close(&mut self, limit: Option<Duration>) {
        self.half_close = limit;
    }

    /// Keeps the write side of A open at the end of file of B.
    pub(super) fn keep_a_open(&mut self) {
        self.b_to_a.keep_open();
    }

    /// Ends both directions at the end of file of A, even if B has not ended.
    pub(super) fn end_with_a(&mut self) {
        self.ends_with_a = true;
    }

    /// Copies in both directions; ready once both have ended. The caller then drops both ends.
    ///
    /// Returns the number of delivered bytes, and how the copy ended.
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
            // `a_to_b` was polled before `note` set it to drain or to end, so it is polled again.
            if let Err(failed) = self.a_to_b.poll(cx, a, b, &traffic.a_to_b, false) {
                self.note(Side::A, Side::B, a, failed);
            }
        }
        self.end_write_closed(cx, a, b);
        if self.ends_with_a && self.a_to_b.has_ended() && !self.b_to_a.is_draining() {
            self.b_to_a.drain();
            // No event of a socket may follow. The next poll ends the drained direction.
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
        let outcome = match (self.failure.take(), self.write_closed) {
            (Some(mut failure), _) => {
                failure.is_answered = has_got_all(failure.side);
                Outcome::Failed(failure)
            }
            (None, Some(gone)) => {
                Outcome::WriteClosed { gone, is_answered: has_got_all(gone.other()) }
            }
            (None, None) => Outcome::Ended,
        };
        let transferred =
            Transferred { a_to_b: self.a_to_b.delivered(), b_to_a: self.b_to_a.delivered() };
        Poll::Ready((transferred, outcome))
    }

    /// If one side has stopped reading, ends the direction to it and notes that side.
    fn end_write_closed<A: End, B: End>(&mut self, cx: &mut Context<'_>, a: &mut A, b: &mut B) {
        let mut write_closed = None;
        if self.a_to_b.waits_for_bytes() {
            if let Poll::Ready(error) = b.poll_write_closed(cx, self.b_to_a.has_ended()) {
                write_closed = Some((Side::B, error));
            }
        }
        if write_closed.is_none() && self.b_to_a.waits_for_bytes() {
            if let Poll::Ready(error) = a.poll_write_closed(cx, self.a_to_b.has_ended()) {
                write_closed = Some((Side::A, error));
            }
        }
        let Some((side, error)) = write_closed else { return };
        let (ended, _) = self.directions(side.other());
        ended.give_up();
        match error {
            None => drop(self.write_closed.get_or_insert(side)),
            Some(error) => {
                let failure = CopyFailure::new(side, Operation::Write, error);
                self.failure.get_or_insert_with(|| Box::new(failure));
            }
        }
    }

    /// Ends the only remaining direction if it delivered no byte for its limit.
    ///
    /// The limit is [`EXIT_TIME`] if the direction drains or a side stopped reading. Otherwise it
    /// is the half-close limit.
    fn limit_last(&mut self, cx: &mut Context<'_>) {
        let from = match (self.a_to_b.is_done(), self.b_to_a.is_done()) {
            (true, false) => Side::B,
            (false, true) => Side::A,
            _ => return,
        };
        let (last, _) = self.directions(from);
        let (delivered, is_stuck) = (last.delivered(), last.is_in_flight());
        let is_leaving = last.is_draining() || self.write_closed.is_some();
        let limit = match (&self.failure, self.half_close) {
            (None, _) if is_leaving => EXIT_TIME,
            (None, Some(limit)) => limit,
            (Some(_), _) | (None, None) => return,
        };
        let start = || Box::new(IdleLimit::new(limit, delivered));
        let half_closed = self.half_closed.get_or_insert_with(start);
        half_closed.limit = limit;
        if !half_closed.is_over(delivered, cx) {
            return;
        }
        let (last, _) = self.directions(from);
        if last.is_draining() {
            last.give_up();
        } else if is_leaving {
            last.drain();
            // No event of a socket may follow. The next poll ends the drained direction.
            cx.waker().wake_by_ref();
        } else {
            last.give_up();
            self.failure = Some(Box::new(CopyFailure::idle(from, is_stuck, limit)));
        }
    }

    /// Returns the direction that reads from the side `from`, and the opposite direction.
    fn directions(&mut self, from: Side) -> (&mut Direction, &mut Direction) {
        match from {
            Side::A => (&mut self.a_to_b, &mut self.b_to_a),
            Side::B => (&mut self.b_to_a, &mut self.a_to_b),
        }
    }

    /// Ends the answer to a truncated request if no byte of it was delivered for its limit.
    fn limit_answer(&mut self, cx: &mut Context<'_>) {
        let delivered = (self.a_to_b.delivered(), self.b_to_a.delivered());
        let Some(failure) = &mut self.failure else { return };
        let Some(limit) = &mut failure.answer_limit else { return };
        let delivered = match failure.side {
            Side::A => delivered.1,
            Side::B => delivered.0,
        };
        if limit.is_over(delivered, cx) {
            failure.answer_limit = None;
            let side = failure.side;
            self.directions(side).1.drain();
            // No event of a socket may follow. The next poll ends the drained direction.
            cx.waker().wake_by_ref();
        }
    }

    /// Records a failure of the direction from `from` to `to`; the first failure counts.
    ///
    /// The opposite direction then drains. It ends immediately after a reset, and continues if
    /// `reader` still expects its answer.
    fn note(&mut self, from: Side, to: Side, reader: &impl End, (operation, error): Failed) {
        let half_close = self.half_close;
        let is_first = self.failure.is_none();
        let (_, other) = self.directions(from);
        let mut answer_limit = None;
        if operation == Operation::Read && reader.expects_answer_after(&error) && is_first {
            let limit = half_close.map_or(ANSWER_TIME, |limit| limit.min(ANSWER_TIME));
            answer_limit = Some(IdleLimit::new(limit, other.delivered()));
        } else if operation == Operation::Read && error.kind() == io::ErrorKind::ConnectionReset {
            // Bytes that the other side sends can no longer be delivered, so they stay unread. If a
            // UNIX socket is closed with unread bytes, the next read of its peer fails, which
            // reports the loss there.
            other.give_up();
        } else {
            other.drain();
        }
        let side = if operation == Operation::Read { from } else { to };
        self.failure.get_or_insert_with(|| {
            Box::new(CopyFailure { answer_limit, ..CopyFailure::new(side, operation, error) })
        });
    }
}

#[cfg(test)]
mod tests;
