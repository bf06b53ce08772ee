//! The write end of a pipe that has lost its last reader.

use std::os::fd::AsFd;
use std::task::{Context, Poll, ready};

use async_io::Async;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Ready once the last reader of a pipe has gone; `writer` is its write end.
///
/// The write end is never readable, so that an event of reading is an error. Other systems than
/// Linux have pipes that carry bytes both ways, and are not asked.
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

/// Whether nothing that is written to a pipe or to a socket can be read any more.
pub(crate) fn is_broken(writer: impl AsFd) -> bool {
    let mut polled = [PollFd::new(&writer, PollFlags::empty())];
    // A descriptor that cannot be asked counts as read until a write says otherwise.
    let asked = poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    asked.is_ok() && polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
}
