//! The ways in which a copy can end, and the timer that ends an idle direction.

use core::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use crate::duration::HumanDuration;
use crate::error::Operation;
use crate::reactor::Timer;

/// One of the two connections of a copy, in the order of the arguments of `relay`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

/// How a copy ended: without an error, by a side that stopped reading, or by a failure.
pub(super) enum Outcome {
    /// Both sides have ended without an error.
    Ended,
    /// The side `gone` stopped reading. `is_answered` is whether the other side received all bytes
    /// of `gone`, up to its end of file.
    WriteClosed {
        gone: Side,
        is_answered: bool,
    },
    Failed(Box<CopyFailure>),
}

/// The first failure of either direction, and the side that it is reported for.
pub(super) struct CopyFailure {
    pub(super) side: Side,
    pub(super) operation: Operation,
    pub(super) error: io::Error,
    /// Whether the failed side received all bytes of the other side, up to the end of file.
    pub(super) is_answered: bool,
    /// The idle limit of the answer to a truncated request; `None` if no answer is expected.
    pub(super) answer_limit: Option<IdleLimit>,
}

/// A limit on how long a direction may deliver nothing; its timer starts again after each delivery.
#[derive(Debug)]
pub(super) struct IdleLimit {
    pub(super) limit: Duration,
    pub(super) timer: Timer,
    /// How many bytes the direction had delivered when the timer was started.
    pub(super) delivered: u64,
}

impl IdleLimit {
    pub(super) fn new(limit: Duration, delivered: u64) -> Self {
        Self { limit, timer: Timer::after(limit), delivered }
    }

    /// Whether the limit has passed without a delivery. `delivered` is the number of bytes so far.
    pub(super) fn is_over(&mut self, delivered: u64, cx: &mut Context<'_>) -> bool {
        if self.delivered != delivered {
            *self = Self::new(self.limit, delivered);
        }
        Pin::new(&mut self.timer).poll(cx).is_ready()
    }
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl CopyFailure {
    pub(super) fn new(side: Side, operation: Operation, error: io::Error) -> Self {
        Self { side, operation, error, is_answered: false, answer_limit: None }
    }

    /// The failure of the last direction, which reads from `from` and was idle for `limit`.
    ///
    /// If `is_stuck`, bytes of `from` wait to be written, so the other side failed to read them.
    pub(super) fn idle(from: Side, is_stuck: bool, limit: Duration) -> Self {
        let limit = HumanDuration(limit);
        let (side, operation, why) = if is_stuck {
            (from.other(), Operation::Write, format!("it accepted no data for {limit}"))
        } else {
            let why = format!("it sent nothing for {limit} after the end of its input");
            (from, Operation::Read, why)
        };
        Self::new(side, operation, io::Error::new(io::ErrorKind::TimedOut, why))
    }
}

impl fmt::Debug for CopyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, operation, error, is_answered, answer_limit: _ } = self;
        let mut shown = f.debug_struct("CopyFailure");
        shown.field("side", side).field("operation", operation).field("error", error);
        shown.field("is_answered", is_answered).finish_non_exhaustive()
    }
}
