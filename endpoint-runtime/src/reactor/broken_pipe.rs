//! Detects that the last reader of a pipe has closed it.

use std::os::fd::AsFd;
use std::task::{Context, Poll, ready};

use async_io::Async;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Ready once the last reader of a pipe is closed. `writer` is the write end of the pipe.
///
/// The write end is never readable, so a read event means an error. On systems other than Linux,
/// where pipes may be bidirectional, this is never ready.
pub(crate) fn poll_broken_pipe<T: AsFd>(writer: &Async<T>, cx: &mut Context<'_>) -> Poll<()> {
    if !cfg!(target_os = "linux") {
        return Poll::Pending;
    }
    while !is_broken(writer) {
        if ready!(writer.poll_readable(cx)).is_err() {
            return Poll::Pending;
        }
    }
    Poll::Ready(())
}

/// Whether all readers of a pipe or socket have closed it, so that writing fails.
pub(crate) fn is_broken(writer: impl AsFd) -> bool {
    let mut polled = [PollFd::new(&writer, PollFlags::empty())];
    // If polling fails, the readers count as open until a write fails.
    let polled_events = poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    polled_events.is_ok() && polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
}
