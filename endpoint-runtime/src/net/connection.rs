//! A connection: bytes both ways, the addresses of both sides, and half-close.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use smol::io::{AsyncRead, AsyncWrite};

use super::reactor::Async;
use super::shared::Shared;
use super::socket::Socket;
use super::stdio::Stdio;
use super::stream::Stream;
use super::unix;
use crate::address::Address;
use crate::error::{Doing, Error, Problem};
#[cfg(feature = "process")]
use crate::process::{ProcessFacts, ProcessStream};
use crate::proto::proxy::Header;
#[cfg(feature = "__tls")]
use crate::tls::{TlsFacts, TlsStream};

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
    /// What was read beyond its end by whoever looked at the beginning; it is read first.
    unread: Option<Box<io::Cursor<Vec<u8>>>>,
    endpoint: Arc<str>,
    local: Address,
    peer: Address,
    proxy: Option<Box<Header>>,
    #[cfg(feature = "__tls")]
    tls: Option<Box<TlsFacts>>,
    #[cfg(feature = "process")]
    process: Option<ProcessFacts>,
}

impl Connection {
    /// The address of the peer comes from whoever made the connection: one that is reset already has none.
    pub(super) fn tcp(
        endpoint: Arc<str>,
        stream: Async<TcpStream>,
        local: SocketAddr,
        peer: SocketAddr,
    ) -> io::Result<Self> {
        stream.get_ref().set_nodelay(true)?;
        Ok(Self::of(Stream::Tcp(stream), endpoint, local.into(), peer.into()))
    }

    pub(super) fn unix(
        endpoint: Arc<str>,
        stream: Async<UnixStream>,
        peer: Address,
    ) -> io::Result<Self> {
        let local = unix::address_of(&stream.get_ref().local_addr()?);
        Ok(Self::of(Stream::Unix(stream), endpoint, local, peer))
    }

    pub(super) fn stdio(endpoint: Arc<str>, stdio: Stdio) -> Self {
        Self::of(Stream::Stdio(Box::new(stdio)), endpoint, Address::Stdio, Address::Stdio)
    }

    pub(super) fn inherited(
        endpoint: Arc<str>,
        stream: Shared,
        local: Address,
        peer: Address,
    ) -> Self {
        Self::of(Stream::Shared(Box::new(stream)), endpoint, local, peer)
    }

    #[cfg(feature = "process")]
    pub(super) fn process_of(endpoint: Arc<str>, stream: ProcessStream) -> Self {
        let facts = stream.facts().clone();
        let executable = facts.executable().to_owned();
        let peer = Address::Process { executable, pid: facts.pid() };
        let stream = Stream::Process(Box::new(stream));
        Self { process: Some(facts), ..Self::of(stream, endpoint, Address::Pipe, peer) }
    }

    fn of(stream: Stream, endpoint: Arc<str>, local: Address, peer: Address) -> Self {
        Self {
            stream,
            unread: None,
            endpoint,
            local,
            peer,
            proxy: None,
            #[cfg(feature = "__tls")]
            tls: None,
            #[cfg(feature = "process")]
            process: None,
        }
    }

    /// Makes a connection of any stream, for endpoints of one's own.
    ///
    /// Closing the stream has to end its write side alone.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{Address, Connection};
    /// use smol::io::{AsyncReadExt, Cursor};
    ///
    /// # smol::block_on(async {
    /// let recorded = Cursor::new(b"recorded".to_vec());
    /// let mut connection = Connection::new("tape:1", recorded, Address::Stdio, Address::Stdio);
    /// let mut text = String::new();
    /// connection.read_to_string(&mut text).await?;
    /// assert_eq!((text.as_str(), connection.endpoint()), ("recorded", "tape:1"));
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn new(
        endpoint: &str,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        local: Address,
        peer: Address,
    ) -> Self {
        Self::of(Stream::Other(Box::new(stream)), endpoint.into(), local, peer)
    }

    /// Puts a stream on top: a connection with the same addresses, whose bytes go through `layer` of this one.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use smol::io::{AsyncRead, AsyncWrite};
    ///
    /// fn compressed(stream: impl AsyncRead + AsyncWrite) -> impl AsyncRead + AsyncWrite {
    ///     stream // …
    /// }
    ///
    /// let client = endpoint_runtime::client_from_string("tcp:example.com:80")?
    ///     .wrapped(async |connection: endpoint_runtime::Connection| Ok(connection));
    /// let connection = client.connect().await?.on_top(compressed);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_top<S>(mut self, layer: impl FnOnce(Self) -> S) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let topped = self.topped();
        topped(Stream::Other(Box::new(layer(self))))
    }

    /// Makes the connection on top of this one, with what is known of it, once there is a stream.
    fn topped(&mut self) -> impl FnOnce(Stream) -> Self + use<> {
        let (endpoint, local, peer) =
            (Arc::clone(&self.endpoint), self.local.clone(), self.peer.clone());
        let proxy = self.proxy.take();
        #[cfg(feature = "__tls")]
        let tls = self.tls.take();
        #[cfg(feature = "process")]
        let process = self.process.clone();
        move |stream| Self {
            proxy,
            #[cfg(feature = "__tls")]
            tls,
            #[cfg(feature = "process")]
            process,
            ..Self::of(stream, endpoint, local, peer)
        }
    }

    /// Puts TLS on top, the handshake being done.
    #[cfg(feature = "__tls")]
    pub(crate) fn secured(mut stream: TlsStream, facts: TlsFacts) -> Self {
        let topped = stream.below().topped();
        Self { tls: Some(Box::new(facts)), ..topped(Stream::Tls(Box::new(stream))) }
    }

    /// Gives back what was read too far: it is read again, before anything else.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{Address, Connection};
    /// use smol::io::{AsyncReadExt, Cursor};
    ///
    /// # smol::block_on(async {
    /// let stream = Cursor::new(b"HELO\n".to_vec());
    /// let mut connection = Connection::new("tape:1", stream, Address::Stdio, Address::Stdio);
    /// let mut first = [0; 2];
    /// connection.read_exact(&mut first).await?;
    /// connection.unread(&first);
    /// let mut all = String::new();
    /// connection.read_to_string(&mut all).await?;
    /// assert_eq!(all, "HELO\n");
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn unread(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        if let Some(later) = self.unread.take() {
            let read = usize::try_from(later.position()).unwrap_or(usize::MAX);
            bytes.extend(later.get_ref().iter().skip(read));
        }
        if !bytes.is_empty() {
            self.unread = Some(Box::new(io::Cursor::new(bytes)));
        }
    }

    /// The same connection, with the addresses that a layer has learned.
    #[must_use]
    pub fn with_addresses(self, local: Address, peer: Address) -> Self {
        Self { local, peer, ..self }
    }

    /// The same connection, with the PROXY header that was read from it.
    pub(super) fn with_proxy(self, header: Box<Header>) -> Self {
        Self { proxy: Some(header), ..self }
    }

    /// The PROXY header that came before the data of a `haproxy` server, with what it says beside the addresses.
    ///
    /// Where there were several, the last one.
    pub fn proxy(&self) -> Option<&Header> {
        self.proxy.as_deref()
    }

    /// The address of this side.
    ///
    /// Behind a PROXY header that names addresses: the one that its sender was connected to.
    pub fn local_address(&self) -> &Address {
        &self.local
    }

    /// The address of the other side.
    ///
    /// Behind a PROXY header that names addresses: the one that its sender was connected from, as far as the sender
    /// can be trusted.
    pub fn peer_address(&self) -> &Address {
        &self.peer
    }

    /// The program that was started for the connection, if one was; layers leave it as it is.
    #[cfg(feature = "process")]
    pub fn process(&self) -> Option<&ProcessFacts> {
        self.process.as_ref()
    }

    /// What TLS has agreed on, where the connection has TLS: that of the outermost layer.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), endpoint_runtime::Error> {
    /// let client = endpoint_runtime::client_from_string("tls:example.com:443:alpn=h2,http/1.1")?;
    /// let connection = client.connect().await?;
    /// let tls = connection.tls().unwrap();
    /// println!("{} with {}", tls.protocol(), tls.cipher());
    /// let is_http2 = tls.alpn() == Some(b"h2");
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "__tls")]
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.tls.as_deref()
    }

    /// The endpoint that made the connection, as the user wrote it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The same connection, made by `endpoint`.
    pub(super) fn named(self, endpoint: Arc<str>) -> Self {
        Self { endpoint, ..self }
    }

    /// Has the system find out, within hours, whether a peer that says nothing is still there.
    pub(crate) fn keep_alive(&self) {
        self.stream.keep_alive();
    }

    /// The socket that carries the bytes, where nothing stands between and nothing was given back.
    pub(crate) fn socket(&self) -> Option<Socket<'_>> {
        if self.unread.is_some() {
            return None;
        }
        match &self.stream {
            Stream::Tcp(stream) => Some(Socket::Tcp(stream)),
            Stream::Unix(stream) => Some(Socket::Unix(stream)),
            _ => None,
        }
    }

    /// Ends both ways so that the other side can tell it from a clean end, where its transport has a way to say so.
    ///
    /// What was written and flushed is delivered first.
    pub(crate) async fn abort(self) {
        self.stream.abort().await;
    }

    /// Turns what the system said about this connection into an error that names it.
    pub(crate) fn error(&self, doing: Doing, error: io::Error) -> Error {
        Problem::stream(self.peer.clone(), doing, error).at(&self.endpoint)
    }

    /// Reads what was given back; `None` where nothing is left of it.
    fn read_unread(&mut self, bufs: &mut [io::IoSliceMut<'_>]) -> Option<io::Result<usize>> {
        let unread = self.unread.as_mut()?;
        let read = unread.read_vectored(bufs);
        if unread.position() == unread.get_ref().len() as u64 {
            self.unread = None;
        }
        Some(read)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self.read_unread(&mut [io::IoSliceMut::new(buf)]) {
            Some(read) => Poll::Ready(read),
            None => self.stream.pinned().poll_read(cx, buf),
        }
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.read_unread(bufs) {
            Some(read) => Poll::Ready(read),
            None => self.stream.pinned().poll_read_vectored(cx, bufs),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.pinned().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.pinned().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.pinned().poll_flush(cx)
    }

    /// Ends the write side; the read side goes on.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_end(cx)
    }
}
