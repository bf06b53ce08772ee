//! The stream that carries the bytes of a connection, without its addresses and other facts.

use core::fmt;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll};

use smol::io::{AsyncRead, AsyncWrite};

use super::abort;
#[cfg(feature = "__tls")]
use crate::net::Boxed;
use crate::net::transport::inherited_io::InheritedIo;
use crate::net::transport::stdio::Stdio;
#[cfg(feature = "process")]
use crate::process::ProcessStream;
use crate::reactor::Async;

/// The byte stream of a connection, by the kind of its transport or layer.
pub(super) enum Stream {
    Tcp(Async<TcpStream>),
    Unix(Async<UnixStream>),
    // The rarer kinds are boxed: with ten thousand idle connections, most are sockets.
    Stdio(Box<Stdio>),
    /// A descriptor that this process has inherited.
    Inherited(Box<InheritedIo>),
    #[cfg(feature = "process")]
    Process(Box<ProcessStream>),
    #[cfg(feature = "__tls")]
    Tls(Box<dyn Tls>),
    /// A layer, which owns the stream below it, or the stream of a plugin.
    Other(Box<dyn Duplex>),
}

/// A stream of bytes in both directions, which can be boxed.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A TLS stream, which can also abort the connection below it.
#[cfg(feature = "__tls")]
pub(crate) trait Tls: Duplex {
    /// Aborts the connection below, without a closing alert.
    fn abort(self: Box<Self>) -> Boxed<'static, ()>;

    /// Ready once the peer of the connection below has stopped reading; with the error of the
    /// socket, if it has one.
    fn poll_write_closed(
        &mut self,
        cx: &mut Context<'_>,
        has_ended: bool,
    ) -> Poll<Option<io::Error>>;
}

impl Stream {
    /// The stream as a trait object, to read and to write.
    pub(super) fn pinned(&mut self) -> Pin<&mut dyn Duplex> {
        match self {
            Self::Tcp(stream) => Pin::new(stream),
            Self::Unix(stream) => Pin::new(stream),
            Self::Stdio(stream) => Pin::new(&mut **stream),
            Self::Inherited(stream) => Pin::new(&mut **stream),
            #[cfg(feature = "process")]
            Self::Process(stream) => Pin::new(&mut **stream),
            #[cfg(feature = "__tls")]
            Self::Tls(stream) => Pin::new(&mut **stream),
            Self::Other(stream) => Pin::new(&mut **stream),
        }
    }

    /// Closes the write side, so that the peer reads an end of file; the read side stays open.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Closing an `Async` socket only flushes it; the peer would see no end of file.
        match self {
            Self::Tcp(stream) => Poll::Ready(shut_down(stream.get_ref().shutdown(Shutdown::Write))),
            Self::Unix(stream) => {
                Poll::Ready(shut_down(stream.get_ref().shutdown(Shutdown::Write)))
            }
            Self::Stdio(stream) => Pin::new(&mut **stream).poll_close(cx),
            Self::Inherited(stream) => Pin::new(&mut **stream).poll_close(cx),
            #[cfg(feature = "process")]
            Self::Process(stream) => Pin::new(&mut **stream).poll_close(cx),
            #[cfg(feature = "__tls")]
            Self::Tls(stream) => Pin::new(&mut **stream).poll_close(cx),
            Self::Other(stream) => Pin::new(&mut **stream).poll_close(cx),
        }
    }

    /// Whether the stream writes several buffers in one call, instead of only the first.
    #[cfg(feature = "tokio")]
    pub(super) fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(_) | Self::Unix(_) => true,
            #[cfg(feature = "__tls")]
            Self::Tls(_) => true,
            _ => false,
        }
    }
}

impl Stream {
    /// Aborts the stream, so that the peer detects the truncation if the transport supports that.
    pub(super) async fn abort(self) {
        match self {
            // If the reset fails, the dropped socket is closed normally.
            Self::Tcp(stream) => drop(abort::reset(stream).await),
            // Without its closing alert, TLS is truncated. The connection below is reset if
            // possible.
            #[cfg(feature = "__tls")]
            Self::Tls(stream) => stream.abort().await,
            // The peer gets ECONNRESET if bytes that it sent were not read.
            Self::Unix(stream) => drop(stream),
            Self::Stdio(_) | Self::Inherited(_) | Self::Other(_) => {}
            // Dropping the stream terminates the program.
            #[cfg(feature = "process")]
            Self::Process(_) => {}
        }
    }

    /// Closes the stream once the peer has received all written bytes.
    pub(super) async fn close_after_delivery(self) {
        match self {
            Self::Tcp(stream) => drop(abort::delivered(&stream).await),
            // The closing alert of TLS is delivered too. A reset after it is not a TLS error.
            #[cfg(feature = "__tls")]
            Self::Tls(stream) => stream.abort().await,
            _ => {}
        }
    }
}

/// Ignores `NotConnected`: after a reset by the peer, there is no write side to close.
fn shut_down(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(stream) => stream.fmt(f),
            Self::Unix(stream) => stream.fmt(f),
            Self::Stdio(stream) => stream.fmt(f),
            Self::Inherited(stream) => stream.fmt(f),
            #[cfg(feature = "process")]
            Self::Process(stream) => stream.fmt(f),
            #[cfg(feature = "__tls")]
            Self::Tls(_) => f.write_str("TLS"),
            Self::Other(_) => f.write_str("a layer"),
        }
    }
}
