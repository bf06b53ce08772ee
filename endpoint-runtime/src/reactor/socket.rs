//! A socket that does not block, and whom to wake when it is ready.

use core::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use rustix::io::ioctl_fionbio;
use smol::io::{AsyncRead, AsyncWrite};

use super::driver::be_driven;
use super::epoll::Reactor;
use super::sources::{Direction, NO_KEY, Tried};

/// A socket of the reactor; named and used as async-io's, which takes its place on other systems.
pub(crate) struct Async<T: AsFd> {
    io: T,
    /// Of the source, once the socket has been waited for.
    key: AtomicU64,
    /// Whether the socket goes when this is dropped, because nobody else has a descriptor of it.
    is_sole: bool,
    /// Whether the last attempt to read has left nothing.
    emptied: AtomicBool,
}

impl<T: AsFd> Async<T> {
    /// Makes the socket non-blocking.
    pub(crate) fn new(io: T) -> io::Result<Self> {
        ioctl_fionbio(&io, true)?;
        Self::new_nonblocking(io)
    }

    pub(crate) fn new_nonblocking(io: T) -> io::Result<Self> {
        Self::of(io, false)
    }

    pub(super) fn sole(io: T) -> io::Result<Self> {
        Self::of(io, true)
    }

    fn of(io: T, is_sole: bool) -> io::Result<Self> {
        // Where descriptors are short, that is said now, and not when the first one has to wait.
        Reactor::of_process()?;
        Ok(Self { io, key: AtomicU64::new(NO_KEY), is_sole, emptied: AtomicBool::new(false) })
    }

    pub(crate) fn get_ref(&self) -> &T {
        &self.io
    }

    /// Ready once there may be something to read. The last attempt to read may have been in vain, or have found less
    /// than there was room for.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let emptied = self.emptied.swap(false, Ordering::Relaxed);
        let tried = if emptied { Tried::Emptied } else { Tried::Unknown };
        self.poll_ready(Direction::Read, tried, cx)
    }

    /// Ready once there may be room, after an attempt to write that was in vain, or before any.
    pub(crate) fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_ready(Direction::Write, Tried::InVain, cx)
    }

    /// Waits until the socket is writable.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        poll_fn(|cx| self.poll_writable(cx)).await
    }

    /// Does `read` as soon as there may be something to read.
    pub(super) fn poll_read_with<R>(
        &self,
        cx: &mut Context<'_>,
        read: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(Direction::Read, cx, read)
    }

    /// Does `write` as soon as there may be room.
    pub(super) fn poll_write_with<R>(
        &self,
        cx: &mut Context<'_>,
        write: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(Direction::Write, cx, write)
    }

    fn poll_ready(
        &self,
        direction: Direction,
        tried: Tried,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let reactor = Reactor::of_process()?;
        let fd = self.io.as_fd();
        let ready = reactor.poll_ready(&self.key, fd, direction, tried, cx.waker());
        if ready.is_pending() {
            be_driven();
        }
        ready
    }

    fn poll_with<R>(
        &self,
        direction: Direction,
        cx: &mut Context<'_>,
        mut attempt: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        Reactor::of_process()?.note_attempt(&self.key, direction);
        if matches!(direction, Direction::Read) {
            self.emptied.store(false, Ordering::Relaxed);
        }
        loop {
            match attempt(&self.io) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                done => return Poll::Ready(done),
            }
            ready!(self.poll_ready(direction, Tried::InVain, cx))?;
        }
    }
}

impl<T: AsFd> Drop for Async<T> {
    fn drop(&mut self) {
        let key = *self.key.get_mut();
        if key != NO_KEY {
            if let Ok(reactor) = Reactor::of_process() {
                reactor.forget(key, Some(self.io.as_fd()).filter(|_| !self.is_sole));
            }
        }
    }
}

impl<T: AsFd> AsFd for Async<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for Async<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Async").field(&self.io).finish()
    }
}

/// A stream that can be read and written through a reference.
trait ByReference: AsFd {
    /// Whether a read that gives less than there was room for has left nothing: of UNIX sockets, what comes next may be
    /// of another sender.
    const IS_EMPTIED: bool;

    fn read(&self, buf: &mut [u8]) -> io::Result<usize>;
    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>;
    fn write(&self, buf: &[u8]) -> io::Result<usize>;
    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;
}

macro_rules! by_reference {
    ($stream:ty, $is_emptied:literal) => {
        impl ByReference for $stream {
            const IS_EMPTIED: bool = $is_emptied;

            fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
                Read::read(&mut &*self, buf)
            }

            fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                Read::read_vectored(&mut &*self, bufs)
            }

            fn write(&self, buf: &[u8]) -> io::Result<usize> {
                Write::write(&mut &*self, buf)
            }

            fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                Write::write_vectored(&mut &*self, bufs)
            }
        }
    };
}

by_reference!(TcpStream, true);
by_reference!(UnixStream, false);

impl<T: ByReference + Unpin> AsyncRead for Async<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(self.poll_with(Direction::Read, cx, |io| io.read(buf)));
        let emptied = T::IS_EMPTIED && matches!(read, Ok(read) if read < buf.len());
        self.emptied.store(emptied, Ordering::Relaxed);
        Poll::Ready(read)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(Direction::Read, cx, |io| io.read_vectored(bufs))
    }
}

impl<T: ByReference + Unpin> AsyncWrite for Async<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(Direction::Write, cx, |io| io.write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(Direction::Write, cx, |io| io.write_vectored(bufs))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Nothing, as of async-io's: what closes a connection is its business.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
