//! The bytes of a connection, whatever carries them; what is left out of `Connection` has no
//! addresses.

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

/// What carries the bytes.
pub(super) enum Stream {
    Tcp(Async<TcpStream>),
    Unix(Async<UnixStream>),
    // The rarer ones are boxed: ten thousand idle connections are mostly sockets.
    Stdio(Box<Stdio>),
    /// A descriptor that was open already.
    Inherited(Box<InheritedIo>),
    #[cfg(feature = "process")]
    Process(Box<ProcessStream>),
    #[cfg(feature = "__tls")]
    Tls(Box<dyn Tls>),
    /// A layer, which holds what it stands on, or the stream of a plugin.
    Other(Box<dyn Duplex>),
}

/// Bytes both ways.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// TLS, which ends with the connection below it.
#[cfg(feature = "__tls")]
pub(crate) trait Tls: Duplex {
    /// Aborts the connection below.
    fn abort(self: Box<Self>) -> Boxed<'static, ()>;

    /// Ready once the peer of the connection below reads nothing more.
    fn poll_unheard(&mut self, cx: &mut Context<'_>, has_ended: bool) -> Poll<()>;
}

impl Stream {
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

    /// Ends the write side; the read side goes on.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // For `Async`, closing is flushing: no end of file would reach the other side.
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
}

impl Stream {
    /// Ends it, and lets the other side know that something is missing, as far as that can be said.
    pub(super) async fn abort(self) {
        match self {
            // One that cannot be reset is closed.
            Self::Tcp(stream) => drop(abort::reset(stream).await),
            // Without the alert that closes TLS the end is a truncation, and below it is a reset
            // where that can be.
            #[cfg(feature = "__tls")]
            Self::Tls(stream) => stream.abort().await,
            // The peer gets ECONNRESET if something that it sent was not read.
            Self::Unix(stream) => drop(stream),
            Self::Stdio(_) | Self::Inherited(_) | Self::Other(_) => {}
            #[cfg(feature = "process")]
            Self::Process(_) => {}
        }
    }

    /// Closes it after the other side has what was written.
    pub(super) async fn close_after_delivery(self) {
        match self {
            Self::Tcp(stream) => drop(abort::delivered(&stream).await),
            // The alert that closes TLS is delivered too, and a reset after it is none of TLS.
            #[cfg(feature = "__tls")]
            Self::Tls(stream) => stream.abort().await,
            _ => {}
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
