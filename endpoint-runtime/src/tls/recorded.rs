//! Keeps the first bytes of a connection, for messages about a peer that does not use TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use smol::io::{AsyncRead, AsyncWrite};

use crate::net::Connection;

/// How many of the peer's first bytes are kept for error messages.
const KEPT: usize = 32;

/// A connection below TLS that records the first bytes that are read from it.
pub(super) struct Recorded {
    connection: Connection,
    first: [u8; KEPT],
    kept: usize,
}

impl Recorded {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, first: [0; KEPT], kept: 0 }
    }

    /// Returns the connection below TLS, without the recorded bytes.
    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// The first bytes that were read from the peer, at most [`KEPT`].
    pub(super) fn first(&self) -> &[u8] {
        &self.first[..self.kept]
    }
}

impl AsyncRead for Recorded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.connection).poll_read(cx, buf);
        if let Poll::Ready(Ok(read)) = read {
            let kept = self.kept;
            if kept < KEPT {
                let more = read.min(KEPT - kept);
                self.first[kept..kept + more].copy_from_slice(&buf[..more]);
                self.kept += more;
            }
        }
        read
    }
}

impl AsyncWrite for Recorded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_close(cx)
    }
}
