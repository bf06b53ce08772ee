//! A connection: bytes both ways, the addresses of both sides, and half-close.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_io::Async;
use smol::io::{AsyncRead, AsyncWrite};

use super::stdio::Stdio;
use super::unix;
use crate::address::Address;
use crate::error::{Doing, Error, Problem};

/// A connection of any endpoint.
///
/// It reads and writes through the traits of `futures` ([`AsyncRead`], [`AsyncWrite`]). Closing
/// ([`poll_close`](AsyncWrite::poll_close)) ends the write side alone: the other side reads an end of file, and can
/// go on sending. Dropping a connection ends both; what was written to standard output is sure to be there only after
/// a flush or a close.
///
/// Small writes are sent at once (`TCP_NODELAY`), because what passes through a relay was put together by someone
/// else already.
///
/// # Examples
///
/// ```
/// use smol::io::{AsyncReadExt, AsyncWriteExt};
///
/// # smol::block_on(async {
/// let mut listener = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
/// let port = listener.local_address().port().unwrap();
/// let client = endpoint_runtime::client_from_string(&format!("tcp:127.0.0.1:{port}"))?;
/// let (ours, theirs) = smol::future::zip(client.connect(), listener.accept()).await;
/// let (mut ours, mut theirs) = (ours?, theirs?);
///
/// ours.write_all(b"question").await?;
/// ours.close().await?;
/// let mut question = String::new();
/// theirs.read_to_string(&mut question).await?;
/// assert_eq!(question, "question");
/// theirs.write_all(b"answer").await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    endpoint: Arc<str>,
    local: Address,
    peer: Address,
}

#[derive(Debug)]
enum Stream {
    Tcp(Async<TcpStream>),
    Unix(Async<UnixStream>),
    Stdio(Stdio),
}

trait Duplex: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

impl Connection {
    /// The address of the peer comes from whoever made the connection: one that is reset already has none.
    pub(super) fn tcp(
        endpoint: Arc<str>,
        stream: Async<TcpStream>,
        peer: SocketAddr,
    ) -> io::Result<Self> {
        let local = stream.get_ref().local_addr()?.into();
        let peer = peer.into();
        stream.get_ref().set_nodelay(true)?;
        Ok(Self { stream: Stream::Tcp(stream), endpoint, local, peer })
    }

    pub(super) fn unix(
        endpoint: Arc<str>,
        stream: Async<UnixStream>,
        peer: Address,
    ) -> io::Result<Self> {
        let local = unix::address_of(&stream.get_ref().local_addr()?);
        Ok(Self { stream: Stream::Unix(stream), endpoint, local, peer })
    }

    pub(super) fn stdio(endpoint: Arc<str>, stdio: Stdio) -> Self {
        let (local, peer) = (Address::Stdio, Address::Stdio);
        Self { stream: Stream::Stdio(stdio), endpoint, local, peer }
    }

    /// The address of this side.
    pub fn local_address(&self) -> &Address {
        &self.local
    }

    /// The address of the other side.
    pub fn peer_address(&self) -> &Address {
        &self.peer
    }

    /// The endpoint that made the connection, as the user wrote it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Turns what the system said about this connection into an error that names it.
    pub(crate) fn error(&self, doing: Doing, error: io::Error) -> Error {
        Problem::stream(self.peer.clone(), doing, error).at(&self.endpoint)
    }

    fn stream(&mut self) -> Pin<&mut dyn Duplex> {
        Pin::new(match &mut self.stream {
            Stream::Tcp(stream) => stream,
            Stream::Unix(stream) => stream,
            Stream::Stdio(stream) => stream,
        })
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_read(cx, buf)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_read_vectored(cx, bufs)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    /// Ends the write side; the read side goes on.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // For `Async`, closing is flushing: no end of file would reach the other side.
        match &mut self.stream {
            Stream::Tcp(stream) => {
                Poll::Ready(shut_down(stream.get_ref().shutdown(Shutdown::Write)))
            }
            Stream::Unix(stream) => {
                Poll::Ready(shut_down(stream.get_ref().shutdown(Shutdown::Write)))
            }
            Stream::Stdio(stdio) => Pin::new(stdio).poll_close(cx),
        }
    }
}

/// A connection that the other side has reset has no write side left to end.
fn shut_down(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}
