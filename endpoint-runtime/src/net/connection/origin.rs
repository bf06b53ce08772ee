//! Constructors of connections: from a transport, or as a layer on another connection.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use smol::io::{AsyncRead, AsyncWrite};

use super::stream::Stream;
#[cfg(feature = "__tls")]
use super::stream::Tls;
use super::{Connection, Facts};
use crate::address::Address;
use crate::error::{Error, Problem};
use crate::net::transport::inherited_io::InheritedIo;
use crate::net::transport::opened::{self, Opened, OpenedStream};
use crate::net::transport::stdio::Stdio;
use crate::net::transport::unix;
#[cfg(feature = "process")]
use crate::process::ProcessStream;
use crate::reactor::Async;
#[cfg(feature = "__tls")]
use crate::tls::TlsFacts;

impl Connection {
    /// Makes a connection from a TCP socket.
    ///
    /// `peer` is the address from when the connection was made: `getpeername` fails after a reset.
    pub(in crate::net) fn tcp(
        endpoint: Arc<str>,
        stream: Async<TcpStream>,
        local: SocketAddr,
        peer: SocketAddr,
    ) -> Self {
        Self::from_parts(Stream::Tcp(stream), endpoint, local.into(), peer.into())
    }

    pub(in crate::net) fn unix(
        endpoint: Arc<str>,
        stream: Async<UnixStream>,
        peer: Address,
    ) -> io::Result<Self> {
        let local = unix::address_of(&stream.get_ref().local_addr()?);
        Ok(Self::from_parts(Stream::Unix(stream), endpoint, local, peer))
    }

    pub(in crate::net) fn stdio(endpoint: Arc<str>, stdio: Stdio) -> Self {
        Self::from_parts(Stream::Stdio(Box::new(stdio)), endpoint, Address::Stdio, Address::Stdio)
    }

    pub(in crate::net) fn inherited(
        endpoint: Arc<str>,
        stream: InheritedIo,
        local: Address,
        peer: Address,
    ) -> Self {
        Self::from_parts(Stream::Inherited(Box::new(stream)), endpoint, local, peer)
    }

    /// Makes a connection from a socket that the caller opened; fails if it was already taken.
    pub(in crate::net) fn opened(
        endpoint: Arc<str>,
        socket: &Opened<(Address, Address)>,
    ) -> Result<Self, Problem> {
        let (local, peer) = socket.addresses();
        let stream = match socket.connect()? {
            OpenedStream::Tcp(stream) => Stream::Tcp(stream),
            OpenedStream::Unix(stream) => Stream::Unix(stream),
        };
        Ok(Self::from_parts(stream, endpoint, local.clone(), peer.clone()))
    }

    /// Makes a connection from a connected socket that the program opened.
    ///
    /// The socket may be a `TcpStream` or a `UnixStream` of std, a `socket2::Socket`, or any other
    /// owner of a descriptor. For a socket of tokio, call `into_std` first. The socket becomes
    /// non-blocking; its other options are unchanged.
    ///
    /// # Errors
    ///
    /// Returns an error and closes the descriptor if it is not a connected stream socket of IPv4,
    /// IPv6 or UNIX.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::Connection;
    /// use smol::io::AsyncWriteExt;
    /// use std::io::Read;
    /// use std::os::unix::net::UnixStream;
    ///
    /// # smol::block_on(async {
    /// let (ours, mut theirs) = UnixStream::pair()?;
    /// let mut connection = Connection::from_stream(ours)?;
    /// connection.write_all(b"hello").await?;
    /// drop(connection);
    /// let mut text = String::new();
    /// theirs.read_to_string(&mut text)?;
    /// assert_eq!(text, "hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn from_stream(socket: impl Into<OwnedFd>) -> Result<Self, Error> {
        Opened::connection(socket.into())
            .and_then(|opened| Self::opened(opened::NAME.into(), &opened))
            .map_err(|problem| problem.at(opened::NAME))
    }

    #[cfg(feature = "process")]
    pub(in crate::net) fn process_of(endpoint: Arc<str>, stream: ProcessStream) -> Self {
        let process = stream.handle().clone();
        let executable = process.executable().to_owned();
        let peer = Address::Process { executable, pid: process.pid() };
        let stream = Stream::Process(Box::new(stream));
        let mut connection = Self::from_parts(stream, endpoint, Address::Pipe, peer);
        connection.facts.process = Some(process);
        connection
    }

    /// Makes a connection from any stream, for custom endpoints.
    ///
    /// Closing the stream must close only its write side.
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
        Self::from_parts(Stream::Other(Box::new(stream)), endpoint.into(), local, peer)
    }

    /// Adds a layer: the new connection has the same addresses, and its bytes pass through `layer`.
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

    /// Moves the addresses and other facts of this connection to one on top of it.
    ///
    /// The returned function makes that connection from a stream, which contains this connection.
    fn topped(&mut self) -> impl FnOnce(Stream) -> Self + use<> {
        let below = &mut *self.facts;
        let facts = Facts {
            endpoint: Arc::clone(&below.endpoint),
            local: below.local.clone(),
            peer: below.peer.clone(),
            proxy: below.proxy.take(),
            #[cfg(feature = "__tls")]
            tls: below.tls.take(),
            #[cfg(feature = "process")]
            process: below.process.clone(),
        };
        let reserved = self.reserved.take();
        move |stream| Self { reserved, ..Self::with_facts(stream, facts) }
    }

    /// Like [`topped`](Self::topped), for a TLS session with its facts.
    #[cfg(feature = "__tls")]
    pub(crate) fn secured(&mut self) -> impl FnOnce(Box<dyn Tls>, TlsFacts) -> Self + use<> {
        let topped = self.topped();
        move |stream, facts| {
            let mut secured = topped(Stream::Tls(stream));
            secured.facts.tls = Some(Box::new(facts));
            secured
        }
    }
}
