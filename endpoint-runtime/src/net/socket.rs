//! A connection that is a socket and nothing more: what can be moved without looking at it.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::task::{Context, Poll};

use rustix::io::Errno;

use super::reactor::{self, Async};

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
        match self {
            Self::Tcp(it) => reactor::poll_read_with(it, cx, |_| Ok(read()?)),
            Self::Unix(it) => reactor::poll_read_with(it, cx, |_| Ok(read()?)),
        }
    }

    /// Does `write` as soon as the socket is writable.
    pub(crate) fn poll_write_with<T>(
        self,
        cx: &mut Context<'_>,
        mut write: impl FnMut() -> Result<T, Errno>,
    ) -> Poll<io::Result<T>> {
        match self {
            Self::Tcp(it) => reactor::poll_write_with(it, cx, |_| Ok(write()?)),
            Self::Unix(it) => reactor::poll_write_with(it, cx, |_| Ok(write()?)),
        }
    }

    pub(crate) fn poll_readable(self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_readable(cx),
            Self::Unix(stream) => stream.poll_readable(cx),
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
