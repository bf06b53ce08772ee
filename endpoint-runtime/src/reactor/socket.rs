//! A socket that is registered with this crate's reactor or with async-io.

use core::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::io::ioctl_fionbio;
use smol::io::{AsyncRead, AsyncWrite};

use super::foreign::open_async_io;
use super::hang_up::HangUp;
use super::sources::{Direction, Tried};
use super::turns::current;
use super::watched::Watched;
use crate::sys::poller::Socket;

/// A non-blocking socket with the wakers of the tasks that wait for it.
///
/// If it is opened on a thread inside `block_on`, it belongs to that reactor, otherwise to
/// async-io. If several tasks wait in one direction, only the last one is woken.
pub(crate) enum Async<T: Socket> {
    /// A socket of this crate's reactor.
    Ours(Watched<T>),
    /// A socket of async-io, which reports a hang-up only by a second poller.
    AsyncIo(async_io::Async<T>, HangUp),
}

impl<T: Socket> Async<T> {
    /// Makes a socket non-blocking and registers it.
    pub(crate) fn new(io: T) -> io::Result<Self> {
        ioctl_fionbio(&io, true)?;
        Self::new_nonblocking(io)
    }

    /// Registers a socket that is non-blocking already.
    ///
    /// Returns an error if no descriptors are left to open a poller.
    pub(crate) fn new_nonblocking(io: T) -> io::Result<Self> {
        if let Some(reactor) = current() {
            return Watched::new(io, reactor).map(Self::Ours);
        }
        open_async_io()?;
        let socket = async_io::Async::new_nonblocking(io)?;
        Ok(Self::AsyncIo(socket, HangUp::default()))
    }

    pub(crate) fn get_ref(&self) -> &T {
        match self {
            Self::Ours(socket) => socket.get_ref(),
            Self::AsyncIo(socket, _) => socket.get_ref(),
        }
    }

    /// Ready once a read may return data, the end of file or an error.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Ours(socket) => socket.poll_readable(cx),
            Self::AsyncIo(socket, _) => socket.poll_readable(cx),
        }
    }

    /// Ready at the next event after the end of file was read, such as a hang-up or an error.
    ///
    /// Never ready if the system reports no such event.
    pub(crate) fn poll_event(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Ours(socket) if socket.reports_end() => {
                socket.poll_ready(Direction::Read, Tried::WouldBlock, cx)
            }
            Self::Ours(_) => Poll::Pending,
            Self::AsyncIo(socket, hang_up) => hang_up.poll(socket, cx),
        }
    }

    /// Waits until the socket is writable, before any attempt to write.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        poll_fn(|cx| self.poll_ready(Direction::Write, cx)).await
    }

    /// Calls `read` until it does not block, each time after an event.
    pub(crate) fn poll_read_with<R>(
        &self,
        cx: &mut Context<'_>,
        read: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(Direction::Read, cx, read)
    }

    /// Calls `write` until it does not block, each time after an event.
    pub(crate) fn poll_write_with<R>(
        &self,
        cx: &mut Context<'_>,
        write: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(Direction::Write, cx, write)
    }

    /// Calls `attempt` at once, unless it would certainly block, and again after each event.
    fn poll_with<R>(
        &self,
        direction: Direction,
        cx: &mut Context<'_>,
        mut attempt: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        if let Self::Ours(socket) = self {
            ready!(socket.poll_attempt(direction, cx))?;
        }
        loop {
            match attempt(self.get_ref()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                done => return Poll::Ready(done),
            }
            ready!(self.poll_ready(direction, cx))?;
        }
    }

    /// Ready once an attempt may succeed; called after an attempt that would have blocked.
    fn poll_ready(&self, direction: Direction, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match (self, direction) {
            (Self::Ours(socket), _) => socket.poll_ready(direction, Tried::WouldBlock, cx),
            (Self::AsyncIo(socket, _), Direction::Read) => socket.poll_readable(cx),
            (Self::AsyncIo(socket, _), Direction::Write) => socket.poll_writable(cx),
        }
    }
}

impl<T: Socket> AsFd for Async<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: Socket + fmt::Debug> fmt::Debug for Async<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Async").field(self.get_ref()).finish()
    }
}

/// A socket that transfers a stream of bytes, in contrast to a listener.
pub(crate) trait Stream: Socket {
    /// Whether a read that fills only a part of the buffer means that the socket is empty.
    ///
    /// A read from a UNIX socket also stops at a message with descriptors or credentials.
    const SHORT_READ_EMPTIES: bool;
}

impl Stream for TcpStream {
    const SHORT_READ_EMPTIES: bool = true;
}

impl Stream for UnixStream {
    const SHORT_READ_EMPTIES: bool = false;
}

impl<T: Stream + Unpin> AsyncRead for Async<T>
where
    for<'a> &'a T: Read,
{
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(self.poll_read_with(cx, |mut io| io.read(buf)));
        if let (Self::Ours(socket), Ok(read)) = (&*self, &read) {
            if T::SHORT_READ_EMPTIES && *read > 0 && *read < buf.len() {
                socket.note_emptied();
            }
        }
        Poll::Ready(read)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_with(cx, |mut io| io.read_vectored(bufs))
    }
}

impl<T: Stream + Unpin> AsyncWrite for Async<T>
where
    for<'a> &'a T: Write,
{
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |mut io| io.write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |mut io| io.write_vectored(bufs))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing, as in async-io: the connection that has the socket shuts down its write side.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
