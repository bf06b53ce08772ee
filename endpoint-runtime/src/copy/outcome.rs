//! How a copy ends, and which side is to blame.

use core::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use crate::duration::HumanDuration;
use crate::error::Operation;
use crate::reactor::Timer;

/// One side of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

/// How a copy ended.
pub(super) enum Outcome {
    /// Both sides have ended without an error.
    Ended,
    /// The side `gone` stopped reading. `is_answered` as in [`CopyFailure`], for the other side.
    WriteClosed {
        gone: Side,
        is_answered: bool,
    },
    Failed(Box<CopyFailure>),
}

/// The first failure of either direction.
pub(super) struct CopyFailure {
    pub(super) side: Side,
    pub(super) operation: Operation,
    pub(super) error: io::Error,
    /// Whether the failed side received all bytes of the other side, up to the end of file.
    pub(super) is_answered: bool,
    /// The limit of the other direction, which delivers the answer.
    pub(super) answer_limit: Option<IdleLimit>,
}

/// Limits how long a direction may be idle.
#[derive(Debug)]
pub(super) struct IdleLimit {
    pub(super) limit: Duration,
    pub(super) timer: Timer,
    /// The bytes that the direction had delivered when the timer was started.
    pub(super) delivered: u64,
}

impl IdleLimit {
    pub(super) fn new(limit: Duration, delivered: u64) -> Self {
        Self { limit, timer: Timer::after(limit), delivered }
    }

    /// Whether the direction was idle for the limit. `delivered` are its bytes so far.
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

    /// The error if the last direction, from this side, was idle for the half-close limit.
    ///
    /// If bytes are stuck in the direction, the other side did not read them.
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
