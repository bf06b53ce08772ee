//! Copies between two sides that follow a script.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Waker;

use smol::io::{AsyncRead, AsyncWrite};

use super::*;
use crate::copy::buffer;
use crate::copy::direction::{MAX_DRAIN, TURN};
use crate::reactor::Timer;

/// One side of a copy, whose reads and writes follow a script.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a test")]
struct Script {
    /// The results of the next reads; an empty vector is an end of file. Without results, reads are
    /// pending.
    reads: VecDeque<io::Result<Vec<u8>>>,
    /// Whether reads always return bytes.
    endless: bool,
    read: usize,
    /// How many more bytes writes accept; at 0 they are pending.
    room: usize,
    written: Vec<u8>,
    closed: bool,
    /// Whether writes fail with `BrokenPipe`.
    broken: bool,
    /// Whether the peer still reads the answer after a read error of this side.
    expects_answer: bool,
    /// Whether `poll_write_closed` reports that the peer stopped reading.
    is_write_closed: bool,
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

    fn poll_write_closed(&mut self, _: &mut Context<'_>, _: bool) -> Poll<Option<io::Error>> {
        if self.is_write_closed { Poll::Ready(None) } else { Poll::Pending }
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
fn an_end_of_file_leaves_the_other_direction_open() {
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
fn a_side_that_does_not_read_limits_the_other_to_one_buffer() {
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
fn data_read_before_an_error_is_delivered() {
    let mut copying = Bidirectional::default();
    let (mut a, mut b) = (Script::new([some("last words"), reset()]), Script::new([some("?")]));
    b.room = 4;
    assert!(poll(&mut copying, &mut a, &mut b).is_pending());
    b.room = usize::MAX;
    let Poll::Ready((_, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
        panic!("the error ends both directions");
    };
    assert_eq!((failure.side, failure.operation), (Side::A, Operation::Read));
    assert_eq!((b.written.as_slice(), b.closed), (&b"last words"[..], false));
    assert_eq!(a.written, b"?");
}

#[test]
fn a_truncated_request_is_answered() {
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
fn a_late_answer_ends_at_the_limit() {
    let mut copying = Bidirectional::default();
    let (mut a, mut b) = (Script::new([reset()]), Script::new([some("half of it")]));
    a.expects_answer = true;
    assert!(poll(&mut copying, &mut a, &mut b).is_pending());
    let end = |copying: &mut Bidirectional| {
        let limit = copying.failure.as_mut().unwrap().answer_limit.as_mut().unwrap();
        limit.timer = Timer::after(Duration::ZERO);
    };
    b.reads.push_back(some(" and more"));
    end(&mut copying);
    assert!(poll(&mut copying, &mut a, &mut b).is_pending(), "its time begins again");
    assert!(poll(&mut copying, &mut a, &mut b).is_pending());
    end(&mut copying);
    assert!(poll(&mut copying, &mut a, &mut b).is_pending());
    let Poll::Ready((_, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
        panic!("its time is over");
    };
    assert!(!failure.is_answered);
    assert_eq!((a.written.as_slice(), a.closed), (&b"half of it and more"[..], false));
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
    assert_eq!((failure.side, failure.operation), (Side::B, Operation::Read));
    assert_eq!(
        failure.error.to_string(),
        "it sent nothing for 3600 seconds after the end of its input"
    );
    assert_eq!((a.written.as_slice(), a.closed), (&b"half of it"[..], false));
}

#[test]
fn a_closed_receiver_ends_both_directions() {
    let mut copying = Bidirectional::default();
    let (mut a, mut b) = (Script::new([]), Script::new([]));
    assert!(poll(&mut copying, &mut a, &mut b).is_pending());
    b.is_write_closed = true;
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
fn the_output_of_a_closed_receiver_may_end_first() {
    let mut copying = Bidirectional::default();
    let (mut a, mut b) = (Script::new([]), Script::new([some("done"), END]));
    b.is_write_closed = true;
    assert!(matches!(poll(&mut copying, &mut a, &mut b), Poll::Ready((_, None))));
    assert_eq!((a.written.as_slice(), a.closed), (&b"done"[..], true));
}

#[test]
fn undeliverable_data_stays_unread() {
    let mut copying = Bidirectional::default();
    let (mut a, mut b) = (Script::new([reset()]), Script::new([some("to nobody")]));
    assert!(poll(&mut copying, &mut a, &mut b).is_ready());
    assert_eq!((b.read, b.closed, a.closed), (0, false, false));
}

#[test]
fn data_received_before_a_write_error_is_delivered() {
    let mut copying = Bidirectional::default();
    let (mut a, mut b) = (Script::new([some("x")]), Script::new([some("go"), some(" away")]));
    b.broken = true;
    let Poll::Ready((transferred, Some(failure))) = poll(&mut copying, &mut a, &mut b) else {
        panic!("the error ends both directions");
    };
    assert_eq!((failure.side, failure.operation), (Side::B, Operation::Write));
    assert_eq!(transferred, Transferred { a_to_b: 0, b_to_a: 7 });
    assert_eq!((a.written.as_slice(), a.closed), (&b"go away"[..], false));
}

#[test]
fn a_busy_sender_ends_after_the_last_call() {
    let mut copying = Bidirectional::default();
    let (mut a, mut b) = (Script::new([some("x")]), Script::new([]));
    (b.broken, b.endless) = (true, true);
    let mut polls = 0;
    while poll(&mut copying, &mut a, &mut b).is_pending() {
        polls += 1;
        assert!(polls < 1000);
    }
    assert_eq!(a.written.len(), MAX_DRAIN);
}

#[test]
fn an_end_that_is_not_forwarded_ends_only_its_direction() {
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
