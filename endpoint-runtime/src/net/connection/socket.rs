//! Connections that are plain sockets, whose bytes can be moved by the kernel.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::task::{Context, Poll, ready};

use rustix::net::sockopt::{set_socket_send_buffer_size, socket_send_buffer_size};

use crate::reactor::{Async, is_broken};

/// The send buffer of a UNIX socket in bytes, half as much as a pipe. Linux doubles the value, and
/// limits it to `net.core.wmem_max`.
const ROOM: usize = 512 * 1024;

/// The socket of a connection without layers, through which bytes can bypass the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Socket<'a> {
    Tcp(&'a Async<TcpStream>),
    Unix(&'a Async<UnixStream>),
}

impl Socket<'_> {
    /// Calls `read` when the socket is readable, and again later if it returns EAGAIN.
    #[cfg(target_os = "linux")]
    pub(crate) fn poll_read_with<T>(
        self,
        cx: &mut Context<'_>,
        mut read: impl FnMut() -> rustix::io::Result<T>,
    ) -> Poll<io::Result<T>> {
        match self {
            Self::Tcp(it) => it.poll_read_with(cx, |_| Ok(read()?)),
            Self::Unix(it) => it.poll_read_with(cx, |_| Ok(read()?)),
        }
    }

    /// Calls `write` when the socket is writable, and again later if it returns EAGAIN.
    #[cfg(target_os = "linux")]
    pub(crate) fn poll_write_with<T>(
        self,
        cx: &mut Context<'_>,
        mut write: impl FnMut() -> rustix::io::Result<T>,
    ) -> Poll<io::Result<T>> {
        match self {
            Self::Tcp(it) => it.poll_write_with(cx, |_| Ok(write()?)),
            Self::Unix(it) => it.poll_write_with(cx, |_| Ok(write()?)),
        }
    }

    /// Enlarges the send buffer of a UNIX socket.
    ///
    /// Linux adjusts the buffers of TCP sockets itself, but that of a UNIX socket stays at 208
    /// `KiB`. Each time it is full, the relay waits for the reader.
    pub(crate) fn make_room(self) {
        if let Self::Unix(it) = self {
            if socket_send_buffer_size(it).is_ok_and(|len| len < ROOM) {
                // A failure is ignored, because the transfer is only slower.
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
    /// Whether the peer has reset the connection, or closed both directions. A peer that has closed
    /// only its write side is not gone.
    pub(crate) fn is_gone(self) -> bool {
        is_broken(self)
    }

    /// Ready once the peer of a socket at its end of file [is gone](Self::is_gone).
    ///
    /// On a system that reports no event after the end of file, this stays pending unless the peer
    /// is already gone.
    pub(super) fn poll_closed(self, cx: &mut Context<'_>) -> Poll<()> {
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
        // The system may grant less than this.
        set_socket_send_buffer_size(&stream, 4 * ROOM).unwrap();
        let much = len();
        Socket::Unix(&stream).make_room();
        assert!(len() >= much.min(ROOM));
    }

    #[test]
    fn tcp_buffers_are_left_to_the_kernel() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let stream = Async::new(stream).unwrap();
        let before = socket_send_buffer_size(&stream).unwrap();
        Socket::Tcp(&stream).make_room();
        assert_eq!(socket_send_buffer_size(&stream).unwrap(), before);
    }
}
