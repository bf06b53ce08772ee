//! The traits of tokio for a connection.
//!
//! A completed read or write counts against the budget of the tokio task, as with tokio's own
//! sockets. A peer that never stops sending therefore does not starve other tasks. Outside a tokio
//! task there is no budget.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use smol::io::{AsyncRead as FuturesRead, AsyncWrite as FuturesWrite};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop::poll_proceed;

use super::Connection;

/// Reads as the trait of the same name in `futures` does.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::server_from_string;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
/// let address = listener.local_address().as_tcp().unwrap();
/// let mut client = tokio::net::TcpStream::connect(address).await?;
/// client.write_all(b"hello").await?;
/// client.shutdown().await?;
///
/// let mut connection = listener.accept().await?;
/// let mut text = String::new();
/// connection.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # Ok(())
/// # }
/// ```
impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let budget = ready!(poll_proceed(cx));
        let read = ready!(FuturesRead::poll_read(self, cx, buf.initialize_unfilled()));
        budget.made_progress();
        Poll::Ready(read.map(|read| buf.advance(read)))
    }
}

/// Writes as the trait of the same name in `futures` does; shutting down ends the write side alone.
impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let budget = ready!(poll_proceed(cx));
        let written = ready!(FuturesWrite::poll_write(self, cx, buf));
        budget.made_progress();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let budget = ready!(poll_proceed(cx));
        let written = ready!(FuturesWrite::poll_write_vectored(self, cx, bufs));
        budget.made_progress();
        Poll::Ready(written)
    }

    /// Whether several buffers go out in one call: on sockets and through TLS.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        FuturesWrite::poll_flush(self, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        FuturesWrite::poll_close(self, cx)
    }
}
