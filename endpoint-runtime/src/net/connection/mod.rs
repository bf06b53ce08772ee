//! Connections: bytes in both directions, the addresses of both sides, and half-close.

mod abort;
pub(in crate::net) mod ancillary;
mod bytes;
mod descriptors;
mod origin;
mod original;
mod socket;
mod stream;
#[cfg(feature = "tokio")]
mod tokio_io;
#[cfg(feature = "process")]
mod variables;
mod write_closed;

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use self::ancillary::Descriptors;
pub use self::original::OriginalConnection;
pub(crate) use self::socket::Socket;
use self::stream::Stream;
#[cfg(feature = "__tls")]
pub(crate) use self::stream::Tls;
use crate::address::Address;
use crate::error::{Error, Operation, Problem};
#[cfg(feature = "process")]
use crate::process::ProcessHandle;
use crate::proto::proxy::Header;
use crate::reserve::Reservation;
#[cfg(feature = "__tls")]
use crate::tls::TlsFacts;

/// A connection of any endpoint.
///
/// Reads and writes through the traits of `futures` ([`AsyncRead`], [`AsyncWrite`]). Closing
/// ([`poll_close`]) closes only the write side: the peer reads an end of file, and can still send.
/// Dropping a connection closes both sides. Bytes for standard output must be flushed or closed
/// first.
///
/// With the feature `tokio`, it also implements the traits of tokio; their `shutdown` is `close`
/// here. A file that imports `AsyncReadExt` of both must say which of the two it calls.
///
/// Small writes are sent immediately (`TCP_NODELAY`), because the sender at the other end of a
/// relay has already batched them.
///
/// # Cancellation
///
/// Dropping the future of one read or write loses no byte: it is complete, or has not begun.
/// Futures that take several (`read_exact`, `write_all`, `read_to_end`) lose the count of the bytes
/// that they have moved.
///
/// [`AsyncRead`]: smol::io::AsyncRead
/// [`AsyncWrite`]: smol::io::AsyncWrite
/// [`poll_close`]: smol::io::AsyncWrite::poll_close
///
/// # Examples
///
/// ```
/// use smol::io::{AsyncReadExt, AsyncWriteExt};
///
/// # smol::block_on(async {
/// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
/// let mut listener = server.listen().await?;
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
    /// Bytes that an earlier layer has read ahead; reads deliver them first.
    unread: Option<Box<io::Cursor<Vec<u8>>>>,
    /// The queued descriptors of a UNIX socket; `None` until descriptors are sent or kept.
    descriptors: Option<Box<Descriptors>>,
    /// In a box, because connections are moved more often than their addresses are read.
    facts: Box<Facts>,
    /// Descriptors that a listener has reserved so that the program can connect onward, if any.
    reserved: Option<Reservation>,
}

/// What is known of a connection besides its bytes: endpoint, addresses, and results of layers.
#[derive(Debug)]
struct Facts {
    endpoint: Arc<str>,
    local: Address,
    peer: Address,
    proxy: Option<Box<Header>>,
    #[cfg(feature = "__tls")]
    tls: Option<Box<TlsFacts>>,
    #[cfg(feature = "process")]
    process: Option<ProcessHandle>,
}

impl Connection {
    fn from_parts(stream: Stream, endpoint: Arc<str>, local: Address, peer: Address) -> Self {
        let facts = Facts {
            endpoint,
            local,
            peer,
            proxy: None,
            #[cfg(feature = "__tls")]
            tls: None,
            #[cfg(feature = "process")]
            process: None,
        };
        Self::with_facts(stream, facts)
    }

    fn with_facts(stream: Stream, facts: Facts) -> Self {
        let facts = Box::new(facts);
        Self { stream, unread: None, descriptors: None, facts, reserved: None }
    }

    /// Replaces the addresses by those from a layer, such as a PROXY header.
    #[must_use]
    pub fn with_addresses(mut self, local: Address, peer: Address) -> Self {
        (self.facts.local, self.facts.peer) = (local, peer);
        self
    }

    /// Attaches the PROXY header that was read, for [`proxy`](Self::proxy).
    pub(crate) fn with_proxy(mut self, header: Box<Header>) -> Self {
        self.facts.proxy = Some(header);
        self
    }

    /// Attaches descriptors that were reserved so that the program can connect onward.
    pub(crate) fn with_reserved(self, reserved: Option<Reservation>) -> Self {
        Self { reserved, ..self }
    }

    /// Releases the descriptors that the listener has reserved for connecting onward.
    ///
    /// See [`Listener::reserve`](crate::Listener::reserve). Dropping the connection does the same.
    pub fn release_reserved(&mut self) {
        self.reserved = None;
    }

    /// The PROXY header that a `haproxy` server received, with all its TLVs.
    ///
    /// If there were several, the last one.
    pub fn proxy(&self) -> Option<&Header> {
        self.facts.proxy.as_deref()
    }

    /// The address of this side.
    ///
    /// After a PROXY header with addresses, this is the destination address of the header.
    pub fn local_address(&self) -> &Address {
        &self.facts.local
    }

    /// The address of the peer.
    ///
    /// After a PROXY header with addresses, this is the source address of the header. It is only as
    /// reliable as the sender.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use endpoint_runtime::{block_on, server_from_string};
    ///
    /// let mut listener = block_on(server_from_string("haproxy:tcp:8080")?.listen())?;
    /// let connection = block_on(listener.accept())?;
    /// println!("the client is {}", connection.peer_address());
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub fn peer_address(&self) -> &Address {
        &self.facts.peer
    }

    /// The program that was started for the connection, if any. Layers do not change it.
    #[cfg(feature = "process")]
    pub fn process(&self) -> Option<&ProcessHandle> {
        self.facts.process.as_ref()
    }

    /// The result of the TLS handshake, for the outermost TLS layer; `None` without TLS.
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
        self.facts.tls.as_deref()
    }

    /// The endpoint of the connection as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.facts.endpoint
    }

    /// Replaces the name of the endpoint, which errors contain.
    pub(crate) fn named(mut self, endpoint: Arc<str>) -> Self {
        self.facts.endpoint = endpoint;
        self
    }

    /// The socket, if bytes can bypass the connection: no layers, no returned bytes, and no queued
    /// descriptors.
    pub(crate) fn socket(&self) -> Option<Socket<'_>> {
        let has_more = self.descriptors.as_ref().is_some_and(|it| it.are_outgoing());
        if self.unread.is_some() || has_more {
            return None;
        }
        match &self.stream {
            Stream::Tcp(stream) => Some(Socket::Tcp(stream)),
            Stream::Unix(stream) => Some(Socket::Unix(stream)),
            _ => None,
        }
    }

    /// The descriptor of the socket, for setting its options.
    ///
    /// Returns `None` if a layer such as TLS is above the socket, and for streams that are not
    /// sockets; [`AsFd`](std::os::fd::AsFd) is therefore not implemented. Reading from the
    /// descriptor or writing to it bypasses the connection.
    ///
    /// # Examples
    ///
    /// ```
    /// # smol::block_on(async {
    /// use endpoint_runtime::{client_from_string, server_from_string};
    ///
    /// let listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
    /// let client = listener.client_endpoint().unwrap().to_string();
    /// let connection = client_from_string(&client)?.connect().await?;
    /// let socket = connection.socket_fd().unwrap();
    /// assert!(rustix::net::sockopt::tcp_nodelay(socket)?);
    /// assert_eq!(listener.socket_fds().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    #[doc(alias = "AsFd")]
    #[doc(alias = "as_fd")]
    #[doc(alias = "AsRawFd")]
    pub fn socket_fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.stream {
            Stream::Tcp(stream) => Some(stream.as_fd()),
            Stream::Unix(stream) => Some(stream.as_fd()),
            _ => None,
        }
    }

    /// Returns a handle that detects whether the peer is gone.
    ///
    /// Unlike `&Connection`, it may be held across an `await` of a future that is `Send`.
    pub fn peer_state(&self) -> PeerState<'_> {
        PeerState(self.socket())
    }

    /// Aborts the connection: the peer gets an error instead of an end of file, if the transport
    /// supports that.
    ///
    /// Bytes that were written and flushed are delivered first.
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes the connection immediately; undelivered bytes are lost.
    pub async fn abort(self) {
        self.stream.abort().await;
    }

    /// Closes the connection once the peer has received all written bytes.
    ///
    /// Closing a socket with unread input makes the kernel discard the output that is still queued.
    pub(crate) async fn close_after_delivery(self) {
        self.stream.close_after_delivery().await;
    }

    /// Turns an I/O error of this connection into an error with its endpoint and address.
    pub(crate) fn error(&self, operation: Operation, error: io::Error) -> Error {
        Problem::stream(self.peer_address().clone(), operation, error).at(self.endpoint())
    }
}

/// Detects whether the peer of a connection is gone, without reading from it.
///
/// Returned by [`Connection::peer_state`].
///
/// # Examples
///
/// ```
/// # smol::block_on(async {
/// use endpoint_runtime::{client_from_string, server_from_string};
///
/// let mut listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
/// let client = listener.client_endpoint().unwrap().to_string();
/// let connection = client_from_string(&client)?.connect().await?;
/// let accepted = listener.accept().await?;
/// assert!(!accepted.peer_state().is_gone());
/// # drop(connection);
/// # Ok::<(), endpoint_runtime::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PeerState<'a>(Option<Socket<'a>>);

impl PeerState<'_> {
    /// Whether the peer has reset the connection, or closed both directions.
    ///
    /// A peer that has closed only its write side is not gone. The result is always `false` for
    /// streams that are not sockets, and below a layer such as TLS.
    pub fn is_gone(self) -> bool {
        self.0.is_some_and(Socket::is_gone)
    }
}
