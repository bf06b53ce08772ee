//! Descriptors that are sent over a UNIX socket with its bytes (`SCM_RIGHTS`).
//!
//! A descriptor is sent with a byte, so outgoing descriptors wait for the next write. Received
//! descriptors are closed by the system, unless the connection keeps them: then they are queued up
//! to a limit. Descriptors beyond the limit are closed, and the read after their bytes fails, so
//! that no descriptor is lost silently. Closing the connection closes all queued descriptors.

use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::cmsg_space;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use smol::io::{AsyncRead, AsyncWrite};

use crate::reactor::Async;

/// The maximum number of descriptors in one write; the limit of Linux (`SCM_MAX_FD`).
pub(super) const MOST_AT_ONCE: usize = 253;

/// The size in bytes of the control messages for that many descriptors.
const SPACE: usize = cmsg_space!(ScmRights(MOST_AT_ONCE));

/// The maximum number of buffers in one call; the limit of Linux (`UIO_MAXIOV`).
const MOST_BUFFERS: usize = 1024;

/// The descriptors that a connection has queued to send, and those that it has received.
#[derive(Debug, Default)]
pub(super) struct Descriptors {
    /// Descriptors to send with the next byte.
    pub(super) outgoing: Vec<OwnedFd>,
    /// How many received descriptors may wait; `None` if the program does not keep any.
    pub(super) most: Option<usize>,
    /// Received descriptors that the program has not taken yet, oldest first.
    pub(super) waiting: VecDeque<OwnedFd>,
    /// Set once descriptors were lost; every later read then fails.
    lost: Option<Lost>,
}

/// Why received descriptors were lost.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// More descriptors were received than this limit allows.
    OverBound(usize),
    /// This process cannot open more descriptors, so the system has closed some.
    NoRoom,
}

impl Descriptors {
    /// Closes the received descriptors, and lets the system close further ones.
    pub(super) fn refuse(&mut self) {
        let outgoing = std::mem::take(&mut self.outgoing);
        *self = Self { outgoing, ..Self::default() };
    }

    /// Whether the next write must send descriptors.
    pub(super) fn are_outgoing(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Reads bytes, and queues the descriptors that arrive with them.
    pub(super) fn poll_read(
        &mut self,
        stream: &mut Async<UnixStream>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let Some(most) = self.most else {
            return Pin::new(stream).poll_read_vectored(cx, bufs);
        };
        if let Some(lost) = self.lost {
            return Poll::Ready(Err(lost.into()));
        }
        let count = bufs.len().min(MOST_BUFFERS);
        let bufs = &mut bufs[..count];
        if bufs.iter().all(|it| it.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let mut space = [MaybeUninit::uninit(); SPACE];
        let received = ready!(stream.poll_read_with(cx, |socket| {
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let received = recvmsg(socket, bufs, &mut control, CLOSED_ON_EXEC)?;
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                    self.waiting.extend(descriptors.inspect(close_on_exec));
                }
            }
            Ok(received)
        }))?;
        if received.flags.contains(ReturnFlags::CTRUNC) {
            self.lost = Some(Lost::NoRoom);
        }
        if self.waiting.len() > most {
            self.waiting.truncate(most);
            self.lost = Some(Lost::OverBound(most));
        }
        Poll::Ready(Ok(received.bytes))
    }

    /// Writes bytes, and sends the queued descriptors with the first of them.
    pub(super) fn poll_write(
        &mut self,
        stream: &mut Async<UnixStream>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bufs = &bufs[..bufs.len().min(MOST_BUFFERS)];
        if !self.are_outgoing() || bufs.iter().all(|it| it.is_empty()) {
            return Pin::new(stream).poll_write_vectored(cx, bufs);
        }
        let descriptors: Vec<BorrowedFd<'_>> = self.outgoing.iter().map(AsFd::as_fd).collect();
        let mut space = [MaybeUninit::uninit(); SPACE];
        let written = ready!(stream.poll_write_with(cx, |socket| {
            let mut control = SendAncillaryBuffer::new(&mut space);
            // `push` cannot fail: the space suffices for the maximum number of queued descriptors.
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
            Ok(sendmsg(socket, bufs, &mut control, WITHOUT_SIGNAL)?)
        }))?;
        self.outgoing.clear();
        Poll::Ready(Ok(written))
    }
}

impl From<Lost> for io::Error {
    fn from(lost: Lost) -> Self {
        let text = match lost {
            Lost::OverBound(most) => {
                format!("more than {most} received descriptors were not taken")
            }
            Lost::NoRoom => "descriptors were lost: this process has too many open files".into(),
        };
        Self::new(io::ErrorKind::InvalidData, text)
    }
}

/// The flag that sets close-on-exec on received descriptors.
#[cfg(not(target_vendor = "apple"))]
pub(in crate::net) const CLOSED_ON_EXEC: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(target_vendor = "apple")]
pub(in crate::net) const CLOSED_ON_EXEC: RecvFlags = RecvFlags::empty();

/// The flag that prevents SIGPIPE when the peer has closed its socket.
#[cfg(not(target_vendor = "apple"))]
pub(in crate::net) const WITHOUT_SIGNAL: SendFlags = SendFlags::NOSIGNAL;
/// std has set `SO_NOSIGPIPE` on the socket, which has the same effect.
#[cfg(target_vendor = "apple")]
pub(in crate::net) const WITHOUT_SIGNAL: SendFlags = SendFlags::empty();

/// Does nothing: the flag of the receiving call has set close-on-exec.
#[cfg(not(target_vendor = "apple"))]
pub(in crate::net) fn close_on_exec(_: &OwnedFd) {}

/// Apple systems have no flag to set close-on-exec while receiving.
#[cfg(target_vendor = "apple")]
pub(in crate::net) fn close_on_exec(descriptor: &OwnedFd) {
    let _ = rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC);
}
