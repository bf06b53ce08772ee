//! Listeners: they accept connections, and clean up when they are closed.

pub(crate) mod source;

use core::fmt;
use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::BorrowedFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use smol::future::FutureExt;
use smol::stream::Stream;
use strports_syntax::ClientEndpoint;

use self::source::{Bound, Source};
use crate::address::Address;
use crate::error::{EnvironmentProblem, Error, Problem};
use crate::net::connection::Connection;
use crate::net::handover::Share;
use crate::net::layer::handshakes::{HandshakeLimits, Handshakes, Lost};
#[cfg(feature = "__tls")]
use crate::net::layer::reloader::Reloader;
use crate::net::layer::{Layers, ReadyServerLayer, put_on_accepted, put_on_client};
use crate::net::reach::Reach;
use crate::net::transport::accept_error::AcceptError;
use crate::proto::backoff::{AcceptBackoff, AcceptFailure, AcceptOrder};
use crate::reactor::Timer;
use crate::reserve::{Reservation, check_free, release_surplus};

/// A listening server: a stream of [`Connection`]s.
///
/// Running out of descriptors or memory does not end the stream: accepting pauses, longer each time
/// and at most a second, and clients wait in the queue. Other errors end the stream.
///
/// The handshakes of layers run concurrently while further connections are accepted. A connection
/// that fails or takes too long ([`HandshakeLimits`]) is dropped and logged, and does not delay
/// others. Handshakes make progress only while the listener is polled. A program that pauses
/// accepting should poll [`poll_handshakes`](Self::poll_handshakes).
///
/// TLS certificates are reloaded when their files change. A thread watches the files until the
/// listener ends; new certificates are presented within two seconds. An invalid file is logged once
/// and changes nothing.
///
/// Dropping a listener stops it and removes the socket file and the lock file that it created;
/// [`close`](Self::close) also reports files that could not be removed. Accepted connections
/// continue. The system resets connections that are still in the queue.
///
/// # Examples
///
/// ```no_run
/// use smol::stream::StreamExt;
///
/// # async fn serve() -> Result<(), endpoint_runtime::Error> {
/// let server = endpoint_runtime::server_from_string("unix:/run/app.sock:mode=660")?;
/// let mut listener = server.listen().await?;
/// while let Some(connection) = listener.next().await {
///     println!("from {}", connection?.peer_address());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Listener {
    source: Source,
    layers: Arc<Layers<ReadyServerLayer>>,
    handshakes: Handshakes,
    /// Connections whose handshakes are complete, for the next calls of `accept`.
    ready: VecDeque<Connection>,
    /// The number of descriptors to reserve for each connection (see `reserve`).
    reserve: usize,
    /// The descriptors that are reserved for the next connection to be accepted.
    reserved: Option<Reservation>,
    endpoint: Arc<str>,
    local: Address,
    /// The addresses of further sockets of the same endpoint.
    other_locals: Vec<Address>,
    backoff: AcceptBackoff,
    pause: Option<Timer>,
    /// When a shortage of descriptors or memory was last logged; `None` before the first one.
    shortage_logged: Option<Instant>,
    /// Whether a shortage was logged and lasts, so that its end must be logged, too.
    is_shortage_logged: bool,
}

/// The minimum time between two log messages about a shortage. With as many clients as descriptors,
/// every connection that ends would end a shortage.
const SHORTAGE_INTERVAL: Duration = Duration::from_secs(60);

impl Listener {
    pub(crate) fn new(
        endpoint: Arc<str>,
        bound: Bound,
        layers: Arc<Layers<ReadyServerLayer>>,
        limits: HandshakeLimits,
    ) -> Self {
        let Bound { local, other_locals, source } = bound;
        Self {
            source,
            layers,
            handshakes: Handshakes::new(limits),
            ready: VecDeque::new(),
            reserve: 0,
            reserved: None,
            endpoint,
            local,
            other_locals,
            backoff: AcceptBackoff::default(),
            pause: None,
            shortage_logged: None,
            is_shortage_logged: false,
        }
    }

    /// The local address of the listener; for `tcp:0`, with the port that the system chose.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{block_on, server_from_string};
    ///
    /// let listener = block_on(server_from_string("tcp:0:interface=127.0.0.1")?.listen())?;
    /// assert_ne!(listener.local_address().port(), Some(0));
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub fn local_address(&self) -> &Address {
        &self.local
    }

    /// The client that connects to this listener from this machine; it displays as a description.
    ///
    /// Returns `None` if no client can connect, as to standard input and output. Otherwise it is
    /// the first one of [`reaches`](Self::reaches), which also lists what the client needs.
    ///
    /// # Examples
    ///
    /// ```
    /// # smol::block_on(async {
    /// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
    /// let listener = server.listen().await?;
    /// let client = listener.client_endpoint().unwrap();
    /// assert!(client.to_string().starts_with("tcp:127.0.0.1:"));
    /// endpoint_runtime::Client::new(&client)?.connect().await?;
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn client_endpoint(&self) -> Option<ClientEndpoint<'static>> {
        self.reaches().into_iter().find_map(|reach| reach.client)
    }

    /// How a client connects to each address of this listener.
    ///
    /// With TLS, the client verifies a name of the certificate, and has `trustRoots=` if a file of
    /// the server contains the root certificate. No name is resolved. With TLS this blocks, because
    /// it reads files.
    pub fn reaches(&self) -> Vec<Reach> {
        let reach = |local: &Address| {
            let mut reach = Reach::new(local, self.source.takes_ipv4());
            put_on_client(&self.layers, &mut reach);
            reach
        };
        self.local_addresses().map(reach).collect()
    }

    /// All local addresses; systemd can pass several sockets under one name.
    pub fn local_addresses(&self) -> impl Iterator<Item = &Address> {
        core::iter::once(&self.local).chain(&self.other_locals)
    }

    /// Returns a handle that reloads the certificates of this listener.
    ///
    /// The handle may outlive the listener; then it does nothing.
    #[cfg(feature = "__tls")]
    pub fn reloader(&self) -> Reloader {
        Reloader::from_server(&self.layers)
    }

    /// The endpoint as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Accepts a connection only if `count` further descriptors are available for it.
    ///
    /// This is for programs that connect onward for each accepted connection. While descriptors are
    /// scarce, clients wait in the kernel's queue, and accepted connections are served. The
    /// descriptors stay reserved until [`Connection::release_reserved`]. Clients of this crate use
    /// them if no other descriptor is free. [`Client::descriptors`](crate::Client::descriptors) is
    /// the number that a client needs.
    pub fn reserve(&mut self, count: usize) {
        self.reserve = count;
        self.reserved = None;
        self.handshakes.leave_free(count);
    }

    /// Waits for the next connection.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no connection, so it may be a branch of `select!` or `race`.
    /// Handshakes that are in progress continue with the next call.
    ///
    /// # Errors
    ///
    /// Returns an error from the operating system that retrying cannot fix. After such an error,
    /// and for `stdio` after the first connection, returns
    /// [`Misuse::NoMoreConnections`](crate::Misuse::NoMoreConnections).
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{client_from_string, server_from_string};
    /// use smol::future::{poll_once, zip};
    ///
    /// # smol::block_on(async {
    /// let mut listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
    /// // No client yet; the future is dropped.
    /// assert!(poll_once(listener.accept()).await.is_none());
    ///
    /// let client = client_from_string(&listener.client_endpoint().unwrap().to_string())?;
    /// let (ours, theirs) = zip(client.connect(), listener.accept()).await;
    /// assert_eq!(theirs?.peer_address(), ours?.local_address());
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn accept(&mut self) -> Result<Connection, Error> {
        smol::future::poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// Stops listening, removes the socket file and the lock file, and cancels pending handshakes.
    ///
    /// # Cancellation
    ///
    /// Dropping the future also removes the files, but reports no error.
    ///
    /// # Errors
    ///
    /// Returns an error if a file of the listener cannot be removed, for example in a directory
    /// that has become read-only.
    pub async fn close(self) -> Result<(), Error> {
        self.source.close().await.map_err(|problem| problem.at(&self.endpoint))
    }

    /// The descriptors of the listening sockets, for setting their options.
    ///
    /// The list is empty on standard input and output, for plugins, and after the listener was
    /// closed. A name with several addresses has several sockets.
    /// [`AsFd`](std::os::fd::AsFd), which promises exactly one descriptor, is therefore not
    /// implemented. Accepting from a descriptor takes the connection away from the listener.
    #[doc(alias = "AsFd")]
    #[doc(alias = "as_fd")]
    #[doc(alias = "AsRawFd")]
    pub fn socket_fds(&self) -> Vec<BorrowedFd<'_>> {
        self.source.sockets().unwrap_or_default()
    }

    /// Returns what another process needs to take over the listening sockets. This listener
    /// continues.
    ///
    /// # Errors
    ///
    /// Returns an error if the listener has no socket: on standard input and output, for a plugin,
    /// or after it was closed.
    pub fn share(&self) -> Result<Share, Error> {
        Share::new(&self.source).map_err(|problem| Problem::from(problem).at(&self.endpoint))
    }

    /// Stops listening like [`close`](Self::close), but completes pending handshakes. The stream
    /// yields their connections and then ends.
    ///
    /// # Cancellation
    ///
    /// Dropping the future also stops listening and removes the files, but reports no error.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`close`](Self::close).
    pub async fn finish(&mut self) -> Result<(), Error> {
        let source = std::mem::replace(&mut self.source, Source::Ended);
        source.close().await.map_err(|problem| problem.at(&self.endpoint))
    }

    /// Polls for the next connection, for hand-written futures; see [`accept`](Self::accept).
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`accept`](Self::accept).
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Connection, Error>> {
        loop {
            self.poll_handshakes(cx);
            if let Some(connection) = self.ready.pop_front() {
                return Poll::Ready(Ok(connection));
            }
            if self.source.is_ended() && !self.handshakes.is_empty() {
                return Poll::Pending;
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.poll(cx));
                self.pause = None;
            }
            if let Err(error) = self.reserve_next() {
                self.drive_backoff_failed(AcceptError::Accept(error))?;
                continue;
            }
            let mut accepted = ready!(self.source.poll_connection(cx, &self.endpoint));
            if accepted.as_ref().is_err_and(AcceptError::is_shortage) && release_surplus() {
                accepted = ready!(self.source.poll_connection(cx, &self.endpoint));
            }
            match accepted {
                Ok(connection) => {
                    let connection = connection.with_reserved(self.reserved.take());
                    self.drive_backoff_accepted();
                    if self.layers.is_empty() {
                        return Poll::Ready(Ok(connection));
                    }
                    let layers = Arc::clone(&self.layers);
                    let given_up = self.handshakes.start(connection, |it| {
                        Box::pin(async move { put_on_accepted(&layers, it).await })
                    });
                    if let Some(lost) = given_up {
                        self.say_lost(lost);
                    }
                }
                Err(failure) => self.drive_backoff_failed(failure)?,
            }
        }
    }

    fn reserve_next(&mut self) -> io::Result<()> {
        let Some(count) = NonZeroUsize::new(self.reserve) else { return Ok(()) };
        if self.reserved.is_none() {
            self.reserved = Some(Reservation::new(count)?);
        }
        // The accepted connection itself needs one more descriptor.
        check_free()
    }

    /// Drives pending handshakes without accepting connections.
    ///
    /// A program that cannot take another connection calls this so that handshakes still complete
    /// in time. The next calls of [`accept`](Self::accept) return their connections first. Each
    /// step wakes the task of `cx`.
    pub fn poll_handshakes(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(done) = self.handshakes.poll_done(cx) {
            match done {
                Ok(connection) => self.ready.push_back(connection),
                Err(lost) => self.say_lost(lost),
            }
        }
    }

    /// The number of accepted connections that were not returned yet: their handshakes are pending
    /// or complete.
    pub fn pending(&self) -> usize {
        self.handshakes.len() + self.ready.len()
    }

    /// Logs a failed connection as an event with a reason; a silent probe is not a failure.
    fn say_lost(&self, Lost { peer, problem, is_silent }: Lost) {
        let error = problem.at(&self.endpoint);
        let reason = error.problem().reason();
        if is_silent {
            tracing::debug!(event = "probe", %peer, reason, "{error}");
            return;
        }
        tracing::info!(event = "handshake-failed", %peer, reason, "{error}");
    }

    fn drive_backoff_accepted(&mut self) {
        if self.backoff.accepted() && self.is_shortage_logged {
            self.is_shortage_logged = false;
            tracing::warn!("`{}`: accepting connections again", self.endpoint);
        }
    }

    /// Pauses as the state machine orders if the failure is temporary. Otherwise ends the listener
    /// and returns the error.
    fn drive_backoff_failed(&mut self, failure: AcceptError) -> Result<(), Error> {
        let temporary = failure.temporary();
        let problem = match failure {
            AcceptError::Accept(error) | AcceptError::SetUp(error) => {
                EnvironmentProblem::Accept { address: self.local.clone(), error }.into()
            }
            AcceptError::Lasting(problem) => problem,
        };
        let Some(failure) = temporary else {
            self.source = Source::Ended;
            return Err(problem.at(&self.endpoint));
        };
        // Logged once for each shortage, and at most once in an interval if shortages recur.
        let is_due =
            || self.shortage_logged.is_none_or(|logged| logged.elapsed() >= SHORTAGE_INTERVAL);
        if failure == AcceptFailure::Shortage && !self.backoff.is_short() && is_due() {
            (self.shortage_logged, self.is_shortage_logged) = (Some(Instant::now()), true);
            tracing::warn!("{} (trying again until it works)", problem.at(&self.endpoint));
        }
        self.pause = match self.backoff.failed(failure) {
            AcceptOrder::RetryNow => None,
            AcceptOrder::Pause(pause) => Some(Timer::after(pause)),
        };
        Ok(())
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("endpoint", &self.endpoint)
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}

/// Yields connections until an error ends the listener; a listener on `stdio` yields one.
impl Stream for Listener {
    type Item = Result<Connection, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.source.is_ended() && self.handshakes.is_empty() && self.ready.is_empty() {
            return Poll::Ready(None);
        }
        self.poll_accept(cx).map(Some)
    }
}
