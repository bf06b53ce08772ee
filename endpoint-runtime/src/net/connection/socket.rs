//! A connection that is a socket and nothing more: what can be moved without looking at it.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use rustix::net::sockopt::{set_socket_send_buffer_size, socket_send_buffer_size};

use crate::reactor::{Async, is_broken};

/// What a UNIX socket is to hold for a reader: as much as a pipe. Linux doubles what it is told,
/// and allows `net.core.wmem_max` of it.
const ROOM: usize = 512 * 1024;

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
            Self::Tcp(it) => it.poll_read_with(cx, |_| Ok(read()?)),
            Self::Unix(it) => it.poll_read_with(cx, |_| Ok(read()?)),
        }
    }

    /// Does `write` as soon as the socket is writable.
    pub(crate) fn poll_write_with<T>(
        self,
        cx: &mut Context<'_>,
        mut write: impl FnMut() -> Result<T, Errno>,
    ) -> Poll<io::Result<T>> {
        match self {
            Self::Tcp(it) => it.poll_write_with(cx, |_| Ok(write()?)),
            Self::Unix(it) => it.poll_write_with(cx, |_| Ok(write()?)),
        }
    }

    /// Lets it hold more of what the other side has not read yet, where the system does not see to
    /// that: the buffer of a UNIX socket stays at 208 `KiB`, and each time that it is full costs a
    /// turn.
    pub(crate) fn make_room(self) {
        if let Self::Unix(it) = self {
            if socket_send_buffer_size(it).is_ok_and(|len| len < ROOM) {
                // Where it fails, everything takes a little longer.
                let _ = set_socket_send_buffer_size(it, ROOM);
            }
        }
    }

    pub(crate) fn poll_readable(self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_readable(cx),
            Self::Unix(stream) => stream.poll_readable(cx),
        }
    }
}

impl Socket<'_> {
    /// Whether the other side has reset the connection, or closed it so that nothing can be sent
    /// either. One that has ended its write side alone is there.
    pub(crate) fn is_gone(self) -> bool {
        is_broken(self)
    }

    /// Ready once the peer of a socket that has ended [is gone](Self::is_gone).
    ///
    /// async-io reports a socket that has ended as readable for ever. There it is pending unless
    /// the peer is gone already.
    pub(super) fn poll_gone(self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.is_gone() {
            let event = match self {
                Self::Tcp(stream) => stream.poll_event(cx),
                Self::Unix(stream) => stream.poll_event(cx),
            };
            if ready!(event).is_err() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unix_socket_gets_more_room_and_never_less() {
        let (stream, _other) = UnixStream::pair().unwrap();
        let stream = Async::new(stream).unwrap();
        let len = || socket_send_buffer_size(&stream).unwrap();
        set_socket_send_buffer_size(&stream, 4096).unwrap();
        let little = len();
        Socket::Unix(&stream).make_room();
        assert!(len() > little);
        // As much as the system gives, which may be less than this.
        set_socket_send_buffer_size(&stream, 4 * ROOM).unwrap();
        let much = len();
        Socket::Unix(&stream).make_room();
        assert!(len() >= much.min(ROOM));
    }

    #[test]
    fn of_tcp_sockets_the_system_takes_care() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let stream = Async::new(stream).unwrap();
        let before = socket_send_buffer_size(&stream).unwrap();
        Socket::Tcp(&stream).make_room();
        assert_eq!(socket_send_buffer_size(&stream).unwrap(), before);
    }
}
