//! A client endpoint, ready to connect, and the time limit around everything that it does.

use core::fmt;
use std::borrow::Cow;
use std::os::fd::OwnedFd;
#[cfg(feature = "process")]
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use smol::lock::OnceCell;
use strports_syntax::ClientEndpoint;

use crate::address::Address;
use crate::error::{Attempt, DescriptionProblem, Error, Misuse, PeerProblem, Problem};
use crate::name;
use crate::net::connection::{Connection, OriginalConnection};
use crate::net::layer::error::LayerError;
use crate::net::layer::lingering_close::{CLIENT_LINGER, close_lingering};
#[cfg(feature = "__tls")]
use crate::net::layer::reloader::Reloader;
use crate::net::layer::wrapper::Wrapper;
use crate::net::layer::{
    KeyLog, Layer, Layers, ReadyClientLayer, check_layers, planned, put_on_connected, ready,
};
use crate::net::plugin::Connect;
use crate::net::resolver::{LOOK_UP, Names, Resolver};
use crate::net::transport::opened::Opened;
use crate::net::transport::stdio::Stdio;
use crate::net::transport::tcp::{self, Connected, Won};
use crate::net::transport::{inherited, opened, unix};
use crate::plan::{
    ClientLayer, ClientPlan, ClientTransport, Host, PluginCall, ProcessSpawn, TcpConnect,
    UnixConnect,
};
#[cfg(feature = "process")]
use crate::process::{ChildFd, ChildFds, spawn};
use crate::proto::eyeballs::ATTEMPT_DELAYS;
use crate::reactor::within;
#[cfg(feature = "process")]
use crate::reserve::free_up;
#[cfg(feature = "__tls")]
use crate::tls::to_ascii;

/// A client endpoint: what to connect to, not connected yet.
///
/// # Examples
///
/// ```no_run
/// # async fn connect() -> Result<(), endpoint_runtime::Error> {
/// let client = endpoint_runtime::client_from_string("tcp:example.com:80:timeout=5")?;
/// let connection = client.connect().await?;
/// println!("connected to {}", connection.peer_address());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    plan: ClientPlan,
    layers: Layers<ClientLayer>,
    /// The same, once they are needed; files are read again when they change, and TLS sessions are
    /// resumed.
    ready: Arc<OnceCell<Layers<ReadyClientLayer>>>,
    endpoint: Arc<str>,
    names: Names,
    /// For all that connecting takes.
    limit: Option<Duration>,
    /// What a plugin has made of its part of the plan.
    plugin: Option<Arc<dyn Connect>>,
    /// The socket of the caller's own, if the plan needs it.
    opened: Option<Arc<Opened<(Address, Address)>>>,
    key_log: Option<KeyLog>,
    #[cfg(feature = "process")]
    child_fds: ChildFds,
}

impl Client {
    /// Builds a client from a typed endpoint.
    ///
    /// # Errors
    ///
    /// A type that this version does not run, a UNIX path of more than 107 bytes, a host that is
    /// not UTF-8.
    pub fn new(endpoint: &ClientEndpoint<'_>) -> Result<Self, Error> {
        Self::named(endpoint, &name::from_description(endpoint.to_string().as_bytes()), None)
    }

    /// Builds a client from a plan; errors name it by its explanation.
    pub fn from_plan(plan: ClientPlan) -> Self {
        let endpoint = plan.to_string().into();
        Self::with_plugin(plan, endpoint, None)
    }

    /// Builds a client of a connected socket which the program opened itself.
    ///
    /// Its one connection is that socket, under the layers of the client: with
    /// [`wrap_client_tls`](crate::wrap_client_tls), TLS is put on it. The options of the socket
    /// stay as they are, and it is made non-blocking. [`Connection::from_stream`] does without a
    /// client.
    ///
    /// # Errors
    ///
    /// A descriptor that is no connected stream socket, or one of a family other than IPv4, IPv6
    /// and UNIX; it is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::Client;
    /// use std::os::unix::net::UnixStream;
    ///
    /// # smol::block_on(async {
    /// let (ours, _theirs) = UnixStream::pair()?;
    /// let client = Client::from_stream(ours)?;
    /// let connection = client.connect().await?;
    /// assert!(client.connect().await.is_err(), "a socket is one connection");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn from_stream(socket: impl Into<OwnedFd>) -> Result<Self, Error> {
        let opened =
            Opened::connection(socket.into()).map_err(|problem| problem.at(opened::NAME))?;
        let peer = opened.addresses().1.clone();
        let client = Self::from_plan(ClientTransport::Opened(peer).into());
        Ok(Self { opened: Some(Arc::new(opened)), ..client })
    }

    /// Builds a client that errors call by `name`, with what a plugin has made of its part of the
    /// endpoint.
    pub(crate) fn named(
        endpoint: &ClientEndpoint<'_>,
        name: &Arc<str>,
        plugin: Option<Arc<dyn Connect>>,
    ) -> Result<Self, Error> {
        let built = || {
            let plan = ClientPlan::try_from(endpoint)?;
            if let (ClientTransport::Plugin(call), None) = (&plan.transport, &plugin) {
                return Err(DescriptionProblem::NoPlugin { name: call.name.clone() });
            }
            check_layers(&plan.layers)?;
            Ok(Self::with_plugin(plan, Arc::clone(name), plugin))
        };
        built().map_err(|problem| Problem::from(problem).at(name))
    }

    fn with_plugin(plan: ClientPlan, endpoint: Arc<str>, plugin: Option<Arc<dyn Connect>>) -> Self {
        let (layers, ready) = (planned(&plan.layers), Arc::default());
        let names = Names::default();
        Self {
            plan,
            layers,
            ready,
            endpoint,
            names,
            limit: None,
            plugin,
            opened: None,
            key_log: None,
            #[cfg(feature = "process")]
            child_fds: ChildFds::default(),
        }
    }

    /// The same client with a layer of the caller's own on the connection, above those that it has.
    ///
    /// The time limit of the description covers it.
    #[must_use]
    pub fn wrapped(mut self, wrapper: impl Wrapper + 'static) -> Self {
        self.layers.push(Layer::Own(Arc::new(wrapper)));
        self.ready = Arc::default();
        self
    }

    /// The same client with a layer of the plan on the connection, above those that it has.
    #[cfg(feature = "__tls")]
    pub(crate) fn layered(mut self, layer: ClientLayer) -> Self {
        self.plan.layers.push(layer.clone());
        self.layers.push(Layer::Planned(layer));
        self.ready = Arc::default();
        self
    }

    /// The same client with the secrets of its TLS sessions written down.
    #[cfg(feature = "__tls")]
    #[must_use]
    pub fn key_log(mut self, log: &KeyLog) -> Self {
        self.key_log = Some(log.clone());
        self.ready = Arc::default();
        self
    }

    /// What reads the certificate and the trust roots of this client again.
    ///
    /// Copies of the client that were made from it share the files.
    #[cfg(feature = "__tls")]
    pub fn reloader(&self) -> Reloader {
        Reloader::of_client(&self.layers, &self.ready, self.key_log.as_ref())
    }

    /// The same client with another resolver, for the name of the host and that of `bindAddress`.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.names = Names(resolver);
        self
    }

    /// The same client with a time limit for all that connecting takes, from looking a name up to
    /// the last layer.
    ///
    /// It counts beside those that the description has.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same client with another pause between its attempts at the addresses of a name.
    ///
    /// It is 250 ms unless told otherwise here or by `attemptDelay=`. It has no effect on a client
    /// that looks no name up.
    ///
    /// Twisted: `attemptDelay` of `HostnameEndpoint`, where it is 300 ms.
    ///
    /// # Errors
    ///
    /// A delay outside of 0.1 to 2 seconds, the bounds of RFC 8305.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let client = endpoint_runtime::client_from_string("tcp:example.com:80")?;
    /// let client = client.with_attempt_delay(Duration::from_millis(500))?;
    /// assert_eq!(
    ///     client.plan().to_string(),
    ///     "connect to `example.com`, TCP port 80, 0.5 seconds between attempts, within 30 seconds"
    /// );
    /// assert!(client.with_attempt_delay(Duration::from_millis(50)).is_err());
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub fn with_attempt_delay(mut self, delay: Duration) -> Result<Self, Error> {
        if !ATTEMPT_DELAYS.contains(&delay) {
            let problem = Problem::from(Misuse::AttemptDelay { delay });
            return Err(problem.at(&self.endpoint));
        }
        if let ClientTransport::Tcp(plan) = &mut self.plan.transport {
            plan.attempt_delay = delay;
        }
        Ok(self)
    }

    /// The same client whose program has `child_fd` as its descriptor `number`.
    ///
    /// It replaces an earlier one with that number, and what the program would have as 0, 1 or 2:
    /// a pipe to write to, a pipe to read from, and standard error as the plan says. An own
    /// descriptor goes in as it is, a pipe as [`ChildFd::Read`] or [`ChildFd::Write`]. The
    /// connection is the pipes 0 and 1: without a pipe 0 it cannot be written, without a pipe 1 it
    /// is at its end. The other pipes are taken by number from [`Connection::process`].
    ///
    /// Every program that the client starts gets the descriptor. Without a program it has no
    /// effect. [`connect`](Self::connect) refuses a negative number, and for a program on a
    /// terminal a number below 3.
    ///
    /// Twisted: `childFDs` of `ProcessEndpoint`. There a program has only the descriptors in that
    /// map.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::os::unix::net::UnixStream;
    ///
    /// use endpoint_runtime::ChildFd;
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let (ours, theirs) = UnixStream::pair()?;
    /// let client = endpoint_runtime::client_from_string("process:worker")?;
    /// let client = client.with_child_fd(3, theirs).with_child_fd(4, ChildFd::Read);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "process")]
    #[must_use]
    pub fn with_child_fd(mut self, number: RawFd, child_fd: impl Into<ChildFd>) -> Self {
        self.child_fds.insert(number, child_fd.into());
        self
    }

    /// What [`connect`](Self::connect) will do.
    pub fn plan(&self) -> &ClientPlan {
        &self.plan
    }

    /// The endpoint as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many descriptors making a connection takes, for a while or for good.
    ///
    /// For [`Listener::reserve`](crate::Listener::reserve). A connection of a plugin counts as one
    /// socket.
    pub fn descriptors(&self) -> usize {
        /// Both ends of its three pipes, copies of the program's ends, and both ends of the pipe by
        /// which the child reports errors.
        const PROGRAM: usize = 11;
        match &self.plan.transport {
            ClientTransport::Tcp(plan) if matches!(plan.host, Host::Name(_)) => LOOK_UP + 1,
            #[cfg(feature = "process")]
            ClientTransport::Process(_) => PROGRAM + 4 * self.child_fds.len(),
            #[cfg(not(feature = "process"))]
            ClientTransport::Process(_) => PROGRAM,
            _ => 1,
        }
    }

    /// Makes a connection. Dropping the future gives up and leaves nothing behind.
    ///
    /// The addresses of a name race (RFC 8305): they are tried one after the other, IPv6 and IPv4
    /// in turn, 250 ms apart or as [`with_attempt_delay`](Self::with_attempt_delay) says, at once
    /// where one fails; the first that answers wins, and the others are closed. Each has the time
    /// limit of the endpoint, to which the lookup counts and, for the winner, what the layers do.
    /// So the whole takes that long, and one delay more for each address tried, at most.
    ///
    /// # Errors
    ///
    /// A name that cannot be looked up, addresses that all refuse (each is named with its reason),
    /// no answer within the time limit; with TLS, a server whose certificate cannot be verified.
    pub async fn connect(&self) -> Result<Connection, Error> {
        self.open(None).await.map_err(|problem| problem.at(&self.endpoint))
    }

    /// Makes a connection that stands for another one: where a `haproxy` client sends a PROXY
    /// header, it has the addresses of `original` instead of the connection's own.
    ///
    /// Where these are no IP addresses, the header says LOCAL, or `UNKNOWN` in version 1: receivers
    /// then take those of the connection itself.
    ///
    /// A header of version 2 also says which certificate the peer of `original` has presented: the
    /// version and the cipher of its TLS, and the [name](crate::TlsFacts::peer_name) in place of
    /// the common name.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
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

    /// Connects on behalf of a connection between two addresses, as
    /// [`connect_for`](Self::connect_for) does.
    ///
    /// The future borrows no [`Connection`], so it is `Send`.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect).
    pub async fn connect_between(
        &self,
        peer: &Address,
        local: &Address,
    ) -> Result<Connection, Error> {
        self.connect_for_original(OriginalConnection::new(peer, local)).await
    }

    /// Connects on behalf of another connection, as [`connect_for`](Self::connect_for) does.
    ///
    /// The future borrows no [`Connection`], so it is `Send`.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect).
    pub async fn connect_for_original(
        &self,
        original: OriginalConnection<'_>,
    ) -> Result<Connection, Error> {
        self.open(Some(original)).await.map_err(|problem| problem.at(&self.endpoint))
    }

    async fn open(&self, original: Option<OriginalConnection<'_>>) -> Result<Connection, Problem> {
        let Some(limit) = self.limit else { return self.open_as_planned(original).await };
        // Boxed, because the limit would hold it twice.
        let opened = within(limit, Box::pin(self.open_as_planned(original))).await;
        opened.unwrap_or_else(|| Err(PeerProblem::NotInTime { limit }.into()))
    }

    /// Everything within the time limit of the plan, what the layers do included.
    async fn open_as_planned(
        &self,
        original: Option<OriginalConnection<'_>>,
    ) -> Result<Connection, Problem> {
        let began = Instant::now();
        let layers = self.ready.get_or_try_init(|| ready(&self.layers, self.key_log.clone()));
        let layers = layers.await?;
        let (connection, time) = match &self.plan.transport {
            ClientTransport::Tcp(plan) => self.open_tcp(plan, began).await?,
            ClientTransport::Unix(plan) => (self.open_unix(plan).await?, Some(plan.timeout)),
            ClientTransport::Fd(plan) => {
                let (stream, local, peer) = inherited::take_connection(*plan)?;
                (Connection::inherited(self.name(), stream, local, peer), None)
            }
            ClientTransport::Opened(_) => {
                let opened = self.opened.as_ref().ok_or(Misuse::NoSocket)?;
                (Connection::opened(self.name(), opened)?, None)
            }
            ClientTransport::Stdio => (Connection::stdio(self.name(), Stdio::take()?), None),
            ClientTransport::Process(plan) => (self.open_process(plan).await?, None),
            ClientTransport::Plugin(call) => (self.open_plugin(call).await?, call.timeout),
        };
        let side = connection.peer_address().clone();
        let layered = put_on_connected(layers, connection, original);
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

    /// Connects, and says how long after `began` the connection has to be whole.
    async fn open_tcp(
        &self,
        plan: &TcpConnect,
        began: Instant,
    ) -> Result<(Connection, Option<Duration>), Problem> {
        let plan = in_ascii(plan);
        let Won { connection: Connected { stream, local }, address, deadline } =
            tcp::connect_as(&plan, &self.names, began).await?;
        let connection = Connection::tcp(self.name(), stream, local, address);
        Ok((connection, Some(deadline)))
    }

    async fn open_unix(&self, plan: &UnixConnect) -> Result<Connection, Problem> {
        let Some(connected) = within(plan.timeout, unix::connect_as(plan)).await else {
            let target = plan.name.to_string();
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
    async fn open_process(&self, plan: &ProcessSpawn) -> Result<Connection, Problem> {
        let (plan, child_fds) = (plan.clone(), self.child_fds.clone());
        let needed = self.descriptors();
        let stream = smol::unblock(move || {
            free_up(needed);
            spawn(&plan, &child_fds)
        });
        let stream = stream.await?;
        Ok(Connection::process_of(self.name(), stream))
    }

    #[cfg(not(feature = "process"))]
    #[expect(clippy::unused_async, reason = "the build with programs has to wait for them")]
    async fn open_process(&self, _: &ProcessSpawn) -> Result<Connection, Problem> {
        let name = strports_syntax::signature::client::PROCESS.name.to_owned();
        Err(DescriptionProblem::Unsupported { name }.into())
    }

    fn name(&self) -> Arc<str> {
        Arc::clone(&self.endpoint)
    }
}

/// Connects, and lets `protocol` use the connection.
///
/// Twisted: `connectProtocol`. There a protocol is called with what arrives; here it is an async
/// function that reads.
///
/// # Errors
///
/// As for [`Client::connect`].
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

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

/// The same plan, its host as name servers have it, where it is a name that they could have.
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

/// A connection that died before it could be handed out.
fn broken(address: Address, error: std::io::Error) -> Problem {
    Problem::connect(vec![Attempt { address, error }])
}
