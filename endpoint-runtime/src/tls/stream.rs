//! TLS on a connection: reading, writing, and the end of either.
//!
//! Closing says so in TLS (`close_notify`) and ends the write side below; the read side goes on. An end that TLS does not
//! know of is an error: what came before it may have been cut short by anybody in between.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use smol::io::{AsyncRead, AsyncWrite};

use super::handshake;
use crate::net::Connection;

/// How much of the beginning is kept for messages.
const KEPT: usize = 32;

/// A connection that knows how what it read began.
pub(super) struct Below {
    connection: Connection,
    beginning: [u8; KEPT],
    kept: usize,
}

impl Below {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, beginning: [0; KEPT], kept: 0 }
    }

    /// The connection, which no TLS is spoken on any more.
    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// How what it read began.
    pub(super) fn beginning(&self) -> &[u8] {
        &self.beginning[..self.kept]
    }
}

impl AsyncRead for Below {
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
                self.beginning[kept..kept + more].copy_from_slice(&buf[..more]);
                self.kept += more;
            }
        }
        read
    }
}

impl AsyncWrite for Below {
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

/// TLS on a connection, the handshake being done.
pub(crate) struct TlsStream(futures_rustls::TlsStream<Below>);

impl TlsStream {
    pub(super) fn new(stream: impl Into<futures_rustls::TlsStream<Below>>) -> Self {
        Self(stream.into())
    }

    /// The connection that carries it.
    pub(crate) fn below(&mut self) -> &mut Connection {
        &mut self.0.get_mut().0.connection
    }

    pub(crate) fn below_as_it_is(&self) -> &Connection {
        &self.0.get_ref().0.connection
    }

    /// The connection that carries it, without an end of TLS.
    pub(crate) fn into_below(self) -> Connection {
        match self.0 {
            futures_rustls::TlsStream::Client(stream) => stream.into_inner().0.connection,
            futures_rustls::TlsStream::Server(stream) => stream.into_inner().0.connection,
        }
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.0).poll_read(cx, buf).map_err(handshake::stream_error);
        // What reading has to answer, such as that nobody renegotiates here, would wait for the next write.
        if read.is_pending() && self.0.get_ref().1.wants_write() {
            let _ = Pin::new(&mut self.0).poll_flush(cx);
        }
        read
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}
