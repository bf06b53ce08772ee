//! A connection that is a socket and nothing more: what can be moved without looking at it.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::task::{Context, Poll, ready};

use async_io::Async;
use rustix::io::Errno;

/// A socket of a connection, non-blocking and polled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Socket<'a> {
    Tcp(&'a Async<TcpStream>),
    Unix(&'a Async<UnixStream>),
}

impl Socket<'_> {
    /// Does `read` as soon as the socket is readable.
    pub(crate) fn poll_read_with<T>(
        self,
        cx: &mut Context<'_>,
        mut read: impl FnMut() -> Result<T, Errno>,
    ) -> Poll<io::Result<T>> {
        loop {
            match read() {
                Err(Errno::AGAIN) => ready!(self.poll_readable(cx))?,
                other => return Poll::Ready(other.map_err(io::Error::from)),
            }
        }
    }

    /// Does `write` as soon as the socket is writable.
    pub(crate) fn poll_write_with<T>(
        self,
        cx: &mut Context<'_>,
        mut write: impl FnMut() -> Result<T, Errno>,
    ) -> Poll<io::Result<T>> {
        loop {
            match write() {
                Err(Errno::AGAIN) => ready!(self.poll_writable(cx))?,
                Err(Errno::INTR) => {}
                other => return Poll::Ready(other.map_err(io::Error::from)),
            }
        }
    }

    pub(crate) fn poll_readable(self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_readable(cx),
            Self::Unix(stream) => stream.poll_readable(cx),
        }
    }

    fn poll_writable(self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_writable(cx),
            Self::Unix(stream) => stream.poll_writable(cx),
        }
    }
}

impl AsFd for Socket<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }
}
