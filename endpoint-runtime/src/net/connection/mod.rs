//! A connection: bytes both ways, the addresses of both sides, and half-close.

mod abort;
mod ancillary;
mod bytes;
mod descriptors;
mod origin;
mod original;
mod socket;
mod stream;
mod unheard;
#[cfg(feature = "process")]
mod variables;

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
use crate::error::{Doing, Error, Problem};
#[cfg(feature = "process")]
use crate::process::ProcessHandle;
use crate::proto::proxy::Header;
use crate::reserve::Reservation;
#[cfg(feature = "__tls")]
use crate::tls::TlsFacts;

/// A connection of any endpoint.
///
/// It reads and writes through the traits of `futures` ([`AsyncRead`], [`AsyncWrite`]). Closing
/// ([`poll_close`]) ends the write side alone: the other side reads an end of file, and can go on
/// sending. Dropping a connection ends both; what was written to standard output is sure to be
/// there only after a flush or a close.
///
/// Small writes are sent at once (`TCP_NODELAY`), because what passes through a relay was put
/// together by someone else already.
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
    /// Bytes that an earlier layer has read ahead; they are delivered first.
    unread: Option<Box<io::Cursor<Vec<u8>>>>,
    /// Those that pass beside the bytes of a UNIX socket, once there are any.
    descriptors: Option<Box<Descriptors>>,
    endpoint: Arc<str>,
    local: Address,
    peer: Address,
    proxy: Option<Box<Header>>,
    /// What a listener has set aside for connecting onward.
    reserved: Option<Reservation>,
    #[cfg(feature = "__tls")]
    tls: Option<Box<TlsFacts>>,
    #[cfg(feature = "process")]
    process: Option<ProcessHandle>,
}

impl Connection {
    fn from_parts(stream: Stream, endpoint: Arc<str>, local: Address, peer: Address) -> Self {
        Self {
            stream,
            unread: None,
            descriptors: None,
            endpoint,
            local,
            peer,
            proxy: None,
            reserved: None,
            #[cfg(feature = "__tls")]
            tls: None,
            #[cfg(feature = "process")]
            process: None,
        }
    }

    /// The same connection, with the addresses that a layer has learned.
    #[must_use]
    pub fn with_addresses(self, local: Address, peer: Address) -> Self {
        Self { local, peer, ..self }
    }

    /// The same connection, with the PROXY header that was read from it.
    pub(crate) fn with_proxy(self, header: Box<Header>) -> Self {
        Self { proxy: Some(header), ..self }
    }

    /// The same connection, with descriptors for connecting onward.
    pub(crate) fn with_reserved(self, reserved: Option<Reservation>) -> Self {
        Self { reserved, ..self }
    }

    /// Gives back the descriptors that its listener has reserved for connecting onward.
    ///
    /// See [`Listener::reserve`](crate::Listener::reserve). Dropping the connection does the same.
    pub fn release_reserved(&mut self) {
        self.reserved = None;
    }

    /// The PROXY header that came before the data of a `haproxy` server, with what it says beside
    /// the addresses.
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
    /// Behind a PROXY header that names addresses: the one that its sender was connected from, as
    /// far as the sender can be trusted.
    pub fn peer_address(&self) -> &Address {
        &self.peer
    }

    /// The program that was started for the connection, if one was; layers leave it as it is.
    #[cfg(feature = "process")]
    pub fn process(&self) -> Option<&ProcessHandle> {
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

    /// The endpoint that made the connection, as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The same connection, made by `endpoint`.
    pub(crate) fn named(self, endpoint: Arc<str>) -> Self {
        Self { endpoint, ..self }
    }

    /// The socket that carries the bytes, where nothing stands between, nothing was given back, and
    /// no descriptor waits to be sent.
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

    /// The descriptor of the socket that carries the bytes, for its options.
    ///
    /// `None` where a layer such as TLS stands between, and where the bytes come from no socket of
    /// this crate; so there is no [`AsFd`](std::os::fd::AsFd). Reading from the descriptor or
    /// writing to it takes bytes from the connection.
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
    pub fn socket_fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.stream {
            Stream::Tcp(stream) => Some(stream.as_fd()),
            Stream::Unix(stream) => Some(stream.as_fd()),
            _ => None,
        }
    }

    /// Returns what tells whether the peer is gone.
    ///
    /// Unlike `&Connection`, it may be held across an `await` of a future that is `Send`.
    pub fn peer_state(&self) -> PeerState<'_> {
        PeerState(self.socket())
    }

    /// Ends both ways so that the peer sees an error, not an end of file, if its transport can tell
    /// them apart.
    ///
    /// What was written and flushed is delivered first.
    pub async fn abort(self) {
        self.stream.abort().await;
    }

    /// Closes the connection once the other side has what was written.
    ///
    /// Closing a socket at once would throw that away if something that the other side sent was not
    /// read.
    pub(crate) async fn close_after_delivery(self) {
        self.stream.close_after_delivery().await;
    }

    /// Turns what the system said about this connection into an error that names it.
    pub(crate) fn error(&self, doing: Doing, error: io::Error) -> Error {
        Problem::stream(self.peer.clone(), doing, error).at(&self.endpoint)
    }
}

/// Tells whether the peer of a connection is gone, without reading from it.
#[derive(Clone, Copy, Debug)]
pub struct PeerState<'a>(Option<Socket<'a>>);

impl PeerState<'_> {
    /// Whether the peer has reset the connection, or closed it both ways.
    ///
    /// A peer that has ended only its write side is not gone. Where bytes pass through a layer,
    /// such as TLS, or come from no socket, this is not known and `false`.
    pub fn is_gone(self) -> bool {
        self.0.is_some_and(Socket::is_gone)
    }
}
