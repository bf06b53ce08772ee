//! Whether what is written to a connection is still read, found out without writing.

use std::task::{Context, Poll};

use super::Connection;
use super::socket::Socket;
use super::stream::Stream;

impl Connection {
    /// Ready once the peer reads nothing of what is written, although no write has failed.
    ///
    /// A pipe says so at any time. A UNIX socket says so after its end of file (`has_ended`), as
    /// its peer may have ended only the write side. A TCP peer that closes its socket looks like
    /// one that has ended its write side, and resets the connection when more is written.
    pub(crate) fn poll_unheard(&mut self, cx: &mut Context<'_>, has_ended: bool) -> Poll<()> {
        match &mut self.stream {
            Stream::Unix(stream) if has_ended => Socket::Unix(stream).poll_gone(cx),
            Stream::Stdio(stream) => stream.poll_unheard(cx, has_ended),
            Stream::Inherited(stream) => stream.poll_unheard(cx, has_ended),
            #[cfg(feature = "process")]
            Stream::Process(stream) => stream.poll_unheard(cx),
            #[cfg(feature = "__tls")]
            Stream::Tls(stream) => stream.poll_unheard(cx, has_ended),
            Stream::Unix(_) | Stream::Tcp(_) | Stream::Other(_) => Poll::Pending,
        }
    }
}
