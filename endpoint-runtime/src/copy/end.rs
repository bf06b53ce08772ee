//! What a copy requires of the connections at its ends: the trait [`End`].

use std::io;
use std::task::{Context, Poll};

use smol::io::{AsyncRead, AsyncWrite};

#[cfg(feature = "__tls")]
use crate::error::TlsProblem;
use crate::net::{Connection, Socket};
#[cfg(feature = "__tls")]
use crate::tls::TlsFacts;

/// A connection at one end of a copy.
pub(super) trait End: AsyncRead + AsyncWrite + Unpin {
    /// The socket that carries the bytes, if no layer changes them.
    ///
    /// `None` for TLS and for streams of the caller, whose bytes cannot be spliced.
    fn socket(&self) -> Option<Socket<'_>> {
        None
    }

    /// Whether the peer may still read its answer after this read error.
    ///
    /// Many TLS clients end without `close_notify` after their request.
    fn expects_answer_after(&self, _: &io::Error) -> bool {
        false
    }

    /// Ready once the peer has stopped reading, although no write has failed.
    ///
    /// Returns the error of the socket, or `None` if the peer closed it without one. `has_ended` is
    /// whether the end of file of this side was read.
    fn poll_write_closed(
        &mut self,
        _: &mut Context<'_>,
        _has_ended: bool,
    ) -> Poll<Option<io::Error>> {
        Poll::Pending
    }
}

impl End for Connection {
    fn socket(&self) -> Option<Socket<'_>> {
        Self::socket(self)
    }

    #[cfg(feature = "__tls")]
    fn expects_answer_after(&self, error: &io::Error) -> bool {
        let problem = error.get_ref().and_then(|it| it.downcast_ref::<TlsProblem>());
        matches!(problem, Some(TlsProblem::Truncated))
            && self.tls().is_some_and(TlsFacts::is_server)
    }

    fn poll_write_closed(
        &mut self,
        cx: &mut Context<'_>,
        has_ended: bool,
    ) -> Poll<Option<io::Error>> {
        self.poll_write_closed(cx, has_ended)
    }
}
