//! What connections are made of: a transport, or a layer on top of another one.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use smol::io::{AsyncRead, AsyncWrite};

use super::Connection;
use super::stream::Stream;
#[cfg(feature = "__tls")]
use super::stream::Tls;
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
    /// The address of the peer was taken when the connection was made: a connection that is reset
    /// already has none.
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

    /// Uses a socket of the caller's own.
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

    /// Makes a connection of a connected socket that the program opened itself.
    ///
    /// The socket may be a `TcpStream` or a `UnixStream` of std, a `socket2::Socket`, or any other
    /// owner of a descriptor; one of tokio goes through `into_std`. Its options stay as they are,
    /// and it is made non-blocking.
    ///
    /// # Errors
    ///
    /// A descriptor that is no connected stream socket, or one of a family other than IPv4, IPv6
    /// and UNIX; it is closed.
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
        Self { process: Some(process), ..Self::from_parts(stream, endpoint, Address::Pipe, peer) }
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
        Self::from_parts(Stream::Other(Box::new(stream)), endpoint.into(), local, peer)
    }

    /// Puts a stream on top: a connection with the same addresses, whose bytes go through `layer`
    /// of this one.
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
        let (proxy, reserved) = (self.proxy.take(), self.reserved.take());
        #[cfg(feature = "__tls")]
        let tls = self.tls.take();
        #[cfg(feature = "process")]
        let process = self.process.clone();
        move |stream| Self {
            proxy,
            reserved,
            #[cfg(feature = "__tls")]
            tls,
            #[cfg(feature = "process")]
            process,
            ..Self::from_parts(stream, endpoint, local, peer)
        }
    }

    /// Makes the connection on top of this one, once there is a TLS session on it.
    #[cfg(feature = "__tls")]
    pub(crate) fn secured(&mut self) -> impl FnOnce(Box<dyn Tls>, TlsFacts) -> Self + use<> {
        let topped = self.topped();
        move |stream, facts| Self { tls: Some(Box::new(facts)), ..topped(Stream::Tls(stream)) }
    }
}
