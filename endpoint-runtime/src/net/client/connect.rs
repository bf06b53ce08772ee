//! Connecting: the transport of the plan, then its layers, within the time limits.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Client;
use crate::address::Address;
#[cfg(not(feature = "process"))]
use crate::error::DescriptionProblem;
#[cfg(feature = "process")]
use crate::error::reason::DESCRIPTORS;
use crate::error::{Attempt, Error, Misuse, PeerProblem, Problem};
use crate::net::connection::{Connection, OriginalConnection};
use crate::net::layer::error::LayerError;
use crate::net::layer::lingering_close::{CLIENT_LINGER, close_lingering};
use crate::net::layer::{need_files, put_on_connected, ready};
use crate::net::transport::stdio::Stdio;
use crate::net::transport::tcp::{self, Connected, Won};
use crate::net::transport::{inherited, unix};
#[cfg(feature = "process")]
use crate::plan::EnvRule;
#[cfg(feature = "__tls")]
use crate::plan::Host;
use crate::plan::{ClientTransport, PluginCall, ProcessSpawn, TcpConnect, UnixConnect};
#[cfg(feature = "process")]
use crate::process::spawn;
use crate::reactor::within;
#[cfg(feature = "process")]
use crate::reserve::with_borrowed;
use crate::step::{Step, Steps};
#[cfg(feature = "__tls")]
use crate::tls::to_ascii;

impl Client {
    /// Connects to the target of the endpoint, and sets up its layers.
    ///
    /// The addresses of a host name are tried as in RFC 8305: IPv6 and IPv4 alternate, and attempts
    /// start 250 ms apart, or as [`with_attempt_delay`](Self::with_attempt_delay) sets it. If an
    /// attempt fails, the next one starts immediately. The first successful attempt wins, and the
    /// others are closed. The time limit of the endpoint applies to each attempt, and includes the
    /// lookup and the handshakes of layers. Connecting therefore takes at most that limit plus one
    /// delay for each address.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels all attempts and closes their sockets.
    ///
    /// # Errors
    ///
    /// Returns an error if the name cannot be resolved, if the time limit passes, or if a layer
    /// such as TLS fails. If every address fails, the error names each with its reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{block_on, client_from_string, server_from_string};
    ///
    /// block_on(async {
    ///     let listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
    ///     let address = listener.local_address();
    ///     let connection = client_from_string(&format!("tcp:{address}"))?.connect().await?;
    ///     assert_eq!(connection.peer_address(), address);
    ///     Ok::<(), endpoint_runtime::Error>(())
    /// })?;
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub async fn connect(&self) -> Result<Connection, Error> {
        self.open(None).await.map_err(|problem| problem.at(&self.endpoint))
    }

    /// Connects on behalf of another connection: the PROXY header of a `haproxy` client has the
    /// addresses of `original`.
    ///
    /// If these are not IP addresses, the header says LOCAL, or `UNKNOWN` in version 1. Receivers
    /// then use the addresses of the connection itself.
    ///
    /// A header of version 2 also describes the certificate of the peer of `original`: the TLS
    /// version and cipher, and the name (`TlsFacts::peer_name`) as the common name.
    /// `proxyTlvs=` adds further TLVs.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels all attempts and closes their sockets.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`connect`](Self::connect).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use endpoint_runtime::{client_from_string, relay, server_from_string};
    ///
    /// # async fn forward() -> Result<(), endpoint_runtime::Error> {
    /// let mut listener = server_from_string("tcp:8080")?.listen().await?;
    /// let client = client_from_string("haproxy:tcp:192.0.2.1:80")?;
    /// let original = listener.accept().await?;
    /// let onward = client.connect_for(&original).await?;
    /// relay(original, onward).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect_for(&self, original: &Connection) -> Result<Connection, Error> {
        self.connect_for_original(original.original()).await
    }

    /// Connects on behalf of a connection between two addresses; see
    /// [`connect_for`](Self::connect_for).
    ///
    /// The future borrows no [`Connection`], so it is `Send`.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels all attempts and closes their sockets.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`connect`](Self::connect).
    pub async fn connect_between(
        &self,
        peer: &Address,
        local: &Address,
    ) -> Result<Connection, Error> {
        self.connect_for_original(OriginalConnection::new(peer, local)).await
    }

    /// Connects on behalf of another connection; see [`connect_for`](Self::connect_for).
    ///
    /// The future borrows no [`Connection`], so it is `Send`.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels all attempts and closes their sockets.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`connect`](Self::connect).
    pub async fn connect_for_original(
        &self,
        original: OriginalConnection<'_>,
    ) -> Result<Connection, Error> {
        self.open(Some(original)).await.map_err(|problem| problem.at(&self.endpoint))
    }

    async fn open(&self, original: Option<OriginalConnection<'_>>) -> Result<Connection, Problem> {
        let steps = Steps::new(self.observer.as_ref(), self.limit.is_some());
        let Some(limit) = self.limit else {
            return self.open_as_planned(original, &steps).await;
        };
        // Boxed, because the future with the limit would otherwise hold it twice.
        let opened = within(limit, Box::pin(self.open_as_planned(original, &steps))).await;
        opened.unwrap_or_else(|| Err(steps.not_within(limit, || self.target())))
    }

    /// Connects and sets up the layers within the time limit of the plan.
    async fn open_as_planned(
        &self,
        original: Option<OriginalConnection<'_>>,
        steps: &Steps<'_>,
    ) -> Result<Connection, Problem> {
        let began = Instant::now();
        let is_first = need_files(&self.layers) && self.ready.get().is_none();
        if is_first {
            steps.report(&Step::Prepare);
        }
        let layers = self.ready.get_or_try_init(|| ready(&self.layers, self.key_log.clone()));
        let layers = layers.await?;
        if is_first {
            steps.report(&Step::Prepared);
        }
        let (connection, time) = match &self.plan.transport {
            ClientTransport::Tcp(plan) => self.open_tcp(plan, began, steps).await?,
            ClientTransport::Unix(plan) => (self.open_unix(plan, steps).await?, Some(plan.timeout)),
            ClientTransport::Fd(plan) => {
                let (stream, local, peer) = inherited::take_connection(*plan)?;
                (Connection::inherited(self.name(), stream, local, peer), None)
            }
            ClientTransport::Opened(_) => {
                let opened = self.opened.as_ref().ok_or(Misuse::NoSocket)?;
                (Connection::opened(self.name(), opened)?, None)
            }
            ClientTransport::Stdio => (Connection::stdio(self.name(), Stdio::take()?), None),
            ClientTransport::Process(plan) => (self.open_process(plan, original).await?, None),
            ClientTransport::Plugin(call) => (self.open_plugin(call).await?, call.timeout),
        };
        let side = connection.peer_address().clone();
        steps.report(&Step::Connected { local: connection.local_address(), peer: &side });
        let layered = put_on_connected(layers, connection, original, steps);
        let left = || time.map(|time| time.saturating_sub(began.elapsed()));
        let done = match (left(), self.plan.timeout()) {
            (Some(left), Some(limit)) => match within(left, layered).await {
                Some(done) => done,
                None => return Err(PeerProblem::HandshakeTimedOut { side, limit }.into()),
            },
            _ => layered.await,
        };
        let LayerError { problem, lingering, .. } = match done {
            Ok(connection) => return Ok(connection),
            Err(failed) => failed,
        };
        if let Some(connection) = lingering {
            let time = left().unwrap_or(CLIENT_LINGER).min(CLIENT_LINGER);
            close_lingering(connection, time).await;
        }
        Err(problem)
    }

    /// Connects over TCP, and returns the deadline for the layers as a duration after `began`.
    async fn open_tcp(
        &self,
        plan: &TcpConnect,
        began: Instant,
        steps: &Steps<'_>,
    ) -> Result<(Connection, Option<Duration>), Problem> {
        let plan = in_ascii(plan);
        let Won { connection: Connected { stream, local }, address, deadline } =
            tcp::connect_as(&plan, &self.names, began, steps).await?;
        let connection = Connection::tcp(self.name(), stream, local, address);
        Ok((connection, Some(deadline)))
    }

    async fn open_unix(
        &self,
        plan: &UnixConnect,
        steps: &Steps<'_>,
    ) -> Result<Connection, Problem> {
        steps.report(&Step::Connecting { address: &Address::Unix(plan.name.clone()) });
        let Some(connected) = within(plan.timeout, unix::connect_as(plan)).await else {
            let target = self.target();
            let (timeout, attempts) = (plan.timeout, Vec::new());
            return Err(PeerProblem::TimedOut { target, timeout, attempts }.into());
        };
        let peer = Address::Unix(plan.name.clone());
        Connection::unix(self.name(), connected?, peer.clone()).map_err(|error| broken(peer, error))
    }

    async fn open_plugin(&self, call: &PluginCall) -> Result<Connection, Problem> {
        let plugin = self.plugin.as_ref().ok_or(Misuse::NoPlugin)?;
        let connecting = plugin.connect();
        let connected = match call.timeout {
            None => connecting.await,
            Some(timeout) => within(timeout, connecting).await.ok_or_else(|| {
                let (target, attempts) = (call.description.clone(), Vec::new());
                PeerProblem::TimedOut { target, timeout, attempts }
            })?,
        };
        let failed = |error| PeerProblem::PluginConnect { name: call.name.clone(), error };
        Ok(connected.map_err(failed)?.named(self.name()))
    }

    #[cfg(feature = "process")]
    async fn open_process(
        &self,
        plan: &ProcessSpawn,
        original: Option<OriginalConnection<'_>>,
    ) -> Result<Connection, Problem> {
        let (mut plan, child_fds) = (plan.clone(), self.child_fds.clone());
        // The variables of the connection come first, so the rules of the plan take precedence.
        let variables = original.iter().flat_map(OriginalConnection::variables);
        let rules = variables.map(|(name, value)| EnvRule::Set(name.into(), value.into()));
        plan.env.splice(..0, rules);
        let needed = self.descriptors();
        let stream = smol::unblock(move || {
            let is_shortage = |problem: &Problem| problem.reason() == DESCRIPTORS;
            with_borrowed(needed, || spawn(&plan, &child_fds), is_shortage)
        });
        let stream = stream.await?;
        Ok(Connection::process_of(self.name(), stream))
    }

    #[cfg(not(feature = "process"))]
    #[expect(clippy::unused_async, reason = "the build with programs has to wait for them")]
    async fn open_process(
        &self,
        _: &ProcessSpawn,
        _: Option<OriginalConnection<'_>>,
    ) -> Result<Connection, Problem> {
        let name = strports_syntax::signature::client::PROCESS.name.to_owned();
        Err(DescriptionProblem::Unsupported { name }.into())
    }

    /// Describes the target of the connection, for messages.
    fn target(&self) -> String {
        match &self.plan.transport {
            ClientTransport::Tcp(plan) => tcp::target(plan),
            ClientTransport::Unix(plan) => plan.name.to_string(),
            _ => self.endpoint.to_string(),
        }
    }

    fn name(&self) -> Arc<str> {
        Arc::clone(&self.endpoint)
    }
}

/// Connects, and calls `protocol` with the connection.
///
/// Corresponds to Twisted's `connectProtocol`. A protocol in Twisted is called with received data;
/// here it is an async function that reads.
///
/// # Cancellation
///
/// Dropping the future cancels the attempts, or closes the connection together with the future
/// of `protocol`.
///
/// # Errors
///
/// Returns the same errors as [`Client::connect`].
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::{Connection, client_from_string, connect_protocol};
/// use smol::io::{AsyncReadExt, AsyncWriteExt};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = client_from_string("tcp:whois.iana.org:43")?;
/// let answer = connect_protocol(&client, async |mut connection: Connection| {
///     connection.write_all(b"example.com\r\n").await?;
///     let mut answer = String::new();
///     connection.read_to_string(&mut answer).await.map(|_| answer)
/// })
/// .await??;
/// # Ok(())
/// # }
/// ```
pub async fn connect_protocol<T>(
    client: &Client,
    protocol: impl AsyncFnOnce(Connection) -> T,
) -> Result<T, Error> {
    Ok(protocol(client.connect().await?).await)
}

/// The plan with its host name in ASCII form (IDNA), if the name can be converted.
#[cfg(feature = "__tls")]
fn in_ascii(plan: &TcpConnect) -> Cow<'_, TcpConnect> {
    match &plan.host {
        Host::Name(name) if !name.is_ascii() => match to_ascii(name) {
            Some(name) => Cow::Owned(TcpConnect { host: Host::Name(name), ..plan.clone() }),
            None => Cow::Borrowed(plan),
        },
        _ => Cow::Borrowed(plan),
    }
}

#[cfg(not(feature = "__tls"))]
fn in_ascii(plan: &TcpConnect) -> Cow<'_, TcpConnect> {
    Cow::Borrowed(plan)
}

/// The problem of a socket that was connected, but failed before it was returned to the caller.
fn broken(address: Address, error: std::io::Error) -> Problem {
    Problem::connect(vec![Attempt { address, error }])
}
