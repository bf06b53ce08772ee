//! A listener: connections come out of it, and closing it leaves nothing behind.

pub(crate) mod source;

use core::fmt;
use std::collections::VecDeque;
use std::io;
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
use crate::proto::backoff::{AcceptBackoff, AcceptOrder, AcceptTrouble};
use crate::reactor::Timer;
use crate::reserve::{Reservation, check_free};

/// A server at work: a stream of [`Connection`]s.
///
/// Running out of descriptors or memory does not end it: it pauses, longer each time and a second
/// at most, and the connections wait in the queue. After an error that does end it the stream is
/// over.
///
/// Where layers have to be put on connections, they are put on many at once while further ones are
/// accepted. A connection that fails or takes too long ([`HandshakeLimits`]) is dropped and logged,
/// and holds no other one up. All of it happens while the listener is polled, and only then: a
/// program that accepts nothing for a while polls [`poll_handshakes`](Self::poll_handshakes).
///
/// The certificates of TLS are read again when their files change, on a thread that watches them
/// and ends with the listener; new ones are shown within two seconds. A file that cannot be used is
/// logged, once, and changes nothing.
///
/// Dropping a listener stops it and removes the socket file and the lock that it made;
/// [`close`](Self::close) does the same and says what could not be removed. Connections that were
/// accepted live on; those still in the queue are reset by the system.
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
    /// Connections whose handshakes are done, for the next call of `accept`.
    ready: VecDeque<Connection>,
    /// How many descriptors each connection needs beside its own.
    reserve: usize,
    /// Those for the next connection.
    reserved: Option<Reservation>,
    endpoint: Arc<str>,
    local: Address,
    /// Of further sockets of the same endpoint.
    other_locals: Vec<Address>,
    backoff: AcceptBackoff,
    pause: Option<Timer>,
    /// When a shortage was last said.
    shortage_said: Option<Instant>,
    /// Whether its end is still to be said.
    is_shortage_said: bool,
}

/// How long to wait before another shortage is said: with as many clients as there are
/// descriptors, one ends with every connection.
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
            shortage_said: None,
            is_shortage_said: false,
        }
    }

    /// The address that the listener is bound to: with `tcp:0`, the port that the system chose.
    pub fn local_address(&self) -> &Address {
        &self.local
    }

    /// The client that reaches this listener from this machine; its `Display` is a description to
    /// pass on.
    ///
    /// `None` if no client can connect, as to standard input and output. It is the first one of
    /// [`reaches`](Self::reaches), which also says what the client needs.
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

    /// How a client reaches each address of this listener.
    ///
    /// With TLS the client verifies a name of the certificate, and has `trustRoots=` if a file of
    /// the server holds the root. Nothing is looked up. Blocks for TLS: it reads those files.
    pub fn reaches(&self) -> Vec<Reach> {
        let reach = |local: &Address| {
            let mut reach = Reach::new(local, self.source.takes_ipv4());
            put_on_client(&self.layers, &mut reach);
            reach
        };
        self.local_addresses().map(reach).collect()
    }

    /// Every address: more than one where systemd passed several sockets under one name.
    pub fn local_addresses(&self) -> impl Iterator<Item = &Address> {
        core::iter::once(&self.local).chain(&self.other_locals)
    }

    /// What reads the certificates of this listener again; it may outlive the listener, and then
    /// changes nothing.
    #[cfg(feature = "__tls")]
    pub fn reloader(&self) -> Reloader {
        Reloader::of_server(&self.layers)
    }

    /// The endpoint as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Accepts a connection only if `count` descriptors are left for it beside its own.
    ///
    /// For a program that makes a connection for each one that it accepts: while descriptors are
    /// short, clients wait in the queue of the system, and connections that were accepted are
    /// served. Each connection has its descriptors until
    /// [`Connection::release_reserved`]; connecting with the clients of this crate uses them when
    /// no other is free. [`Client::descriptors`](crate::Client::descriptors) says how many.
    pub fn reserve(&mut self, count: usize) {
        self.reserve = count;
        self.reserved = None;
        self.handshakes.leave_free(count);
    }

    /// Waits for the next connection.
    ///
    /// Dropping the future loses no connection.
    ///
    /// # Errors
    ///
    /// An error of the system that no waiting mends; after it, and for `stdio` after the first
    /// connection, [`Misuse::NoMoreConnections`](crate::Misuse::NoMoreConnections).
    pub async fn accept(&mut self) -> Result<Connection, Error> {
        smol::future::poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// Stops listening and removes the socket file and the lock that were made; handshakes that are
    /// not done are given up.
    ///
    /// # Errors
    ///
    /// A file of ours that cannot be removed, as in a directory that has become read-only.
    pub async fn close(self) -> Result<(), Error> {
        self.source.close().await.map_err(|problem| problem.at(&self.endpoint))
    }

    /// The descriptors of the listening sockets, for their options; none on standard input and
    /// output, of a plugin, or after it was closed.
    ///
    /// Accepting from one takes a connection from the listener.
    pub fn socket_fds(&self) -> Vec<BorrowedFd<'_>> {
        self.source.sockets().unwrap_or_default()
    }

    /// What another process needs to take the listening sockets over; this listener goes on.
    ///
    /// # Errors
    ///
    /// A listener without a socket: on standard input and output, of a plugin, or closed.
    pub fn share(&self) -> Result<Share, Error> {
        Share::new(&self.source).map_err(|problem| Problem::from(problem).at(&self.endpoint))
    }

    /// Stops listening as [`close`](Self::close) does, but lets handshakes end: their connections
    /// come out as before, and then the stream is over.
    ///
    /// # Errors
    ///
    /// As for [`close`](Self::close).
    pub async fn finish(&mut self) -> Result<(), Error> {
        let source = std::mem::replace(&mut self.source, Source::Ended);
        source.close().await.map_err(|problem| problem.at(&self.endpoint))
    }

    /// Polls for the next connection; [`accept`](Self::accept) as a function for hand-written
    /// futures.
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
            match ready!(self.source.poll_connection(cx, &self.endpoint)) {
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
        if self.reserve > 0 && self.reserved.is_none() {
            self.reserved = Some(Reservation::new(self.reserve)?);
        }
        // The connection itself takes one.
        if self.reserve > 0 { check_free() } else { Ok(()) }
    }

    /// Drives the handshakes under way, and accepts nothing.
    ///
    /// For a program that may not take another connection now: the handshakes of accepted
    /// connections still end in time. The next call of [`accept`](Self::accept) returns their
    /// connections first. `cx` is woken for each step.
    pub fn poll_handshakes(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(done) = self.handshakes.poll_done(cx) {
            match done {
                Ok(connection) => self.ready.push_back(connection),
                Err(lost) => self.say_lost(lost),
            }
        }
    }

    /// Programs that listen to events know it by its name, and count by the reason.
    ///
    /// A probe that has sent nothing is no failure.
    /// How many connections it has accepted and not returned: their handshakes are under way, or
    /// done.
    pub fn pending(&self) -> usize {
        self.handshakes.len() + self.ready.len()
    }

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
        if self.backoff.accepted() && self.is_shortage_said {
            self.is_shortage_said = false;
            tracing::warn!("`{}`: accepting connections again", self.endpoint);
        }
    }

    /// Obeys the machine after a failure that may pass; hands out any other and ends the listener.
    fn drive_backoff_failed(&mut self, failure: AcceptError) -> Result<(), Error> {
        let trouble = failure.trouble();
        let problem = match failure {
            AcceptError::Accept(error) | AcceptError::SetUp(error) => {
                EnvironmentProblem::Accept { address: self.local.clone(), error }.into()
            }
            AcceptError::Lasting(problem) => problem,
        };
        let Some(trouble) = trouble else {
            self.source = Source::Ended;
            return Err(problem.at(&self.endpoint));
        };
        // Said once a shortage, however long it lasts, and once in a while if it comes and goes.
        let is_due = || self.shortage_said.is_none_or(|said| said.elapsed() >= SHORTAGE_INTERVAL);
        if trouble == AcceptTrouble::Shortage && !self.backoff.is_short() && is_due() {
            (self.shortage_said, self.is_shortage_said) = (Some(Instant::now()), true);
            tracing::warn!("{} (trying again until it works)", problem.at(&self.endpoint));
        }
        self.pause = match self.backoff.failed(trouble) {
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
