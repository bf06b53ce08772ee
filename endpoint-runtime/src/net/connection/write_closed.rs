//! Detects that the peer has stopped reading, without writing to it.

use std::io;
use std::task::{Context, Poll};

use rustix::io::Errno;

use super::Connection;
use super::socket::Socket;
use super::stream::Stream;

impl Connection {
    /// Ready once the peer has stopped reading, although no write has failed. A reset is an error.
    ///
    /// A pipe reports this at any time. A UNIX socket reports it only after its end of file
    /// (`has_ended`), because its peer may have closed only the write side. A TCP socket then
    /// reports only a reset, which is an error. A TCP peer that closes its socket looks like one
    /// that closed its write side, and resets the connection when more is written.
    pub(crate) fn poll_write_closed(
        &mut self,
        cx: &mut Context<'_>,
        has_ended: bool,
    ) -> Poll<Option<io::Error>> {
        let closed = match &mut self.stream {
            Stream::Unix(stream) if has_ended => Socket::Unix(stream).poll_closed(cx),
            Stream::Tcp(stream) if has_ended => {
                let reset = || Some(Errno::CONNRESET.into());
                return Socket::Tcp(stream).poll_closed(cx).map(|()| reset());
            }
            Stream::Stdio(stream) => stream.poll_write_closed(cx, has_ended),
            Stream::Inherited(stream) => stream.poll_write_closed(cx, has_ended),
            #[cfg(feature = "process")]
            Stream::Process(stream) => stream.poll_write_closed(cx),
            #[cfg(feature = "__tls")]
            Stream::Tls(stream) => return stream.poll_write_closed(cx, has_ended),
            Stream::Unix(_) | Stream::Tcp(_) | Stream::Other(_) => Poll::Pending,
        };
        closed.map(|()| None)
    }
}
