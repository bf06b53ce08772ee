//! The type [`Client`]: the target of an endpoint, and the options of its connections.

mod connect;

use core::fmt;
use std::os::fd::OwnedFd;
#[cfg(feature = "process")]
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use smol::lock::OnceCell;
use strports_syntax::ClientEndpoint;

pub use self::connect::connect_protocol;
use crate::address::Address;
use crate::error::{DescriptionProblem, Error, Misuse, Problem};
use crate::name;
#[cfg(feature = "__tls")]
use crate::net::layer::reloader::Reloader;
use crate::net::layer::wrapper::Wrapper;
use crate::net::layer::{KeyLog, Layer, Layers, ReadyClientLayer, check_layers, planned};
use crate::net::plugin::Connect;
use crate::net::resolver::{LOOK_UP, Names, Resolver};
use crate::net::transport::opened::{self, Opened};
use crate::plan::{ClientLayer, ClientPlan, ClientTransport, Host};
#[cfg(feature = "process")]
use crate::process::{ChildFd, ChildFds};
use crate::proto::eyeballs::ATTEMPT_DELAYS;
use crate::step::{Observer, Step};
#[cfg(feature = "__tls")]
use crate::tls::Connector;

/// A client endpoint: the target and the options of connections.
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
    /// The prepared layers, empty before the first connection. Clones share them, so that files are
    /// watched once and TLS sessions are resumed.
    ready: Arc<OnceCell<Layers<ReadyClientLayer>>>,
    endpoint: Arc<str>,
    names: Names,
    /// The limit for connecting as a whole, set by [`within`](Self::within).
    limit: Option<Duration>,
    /// The client that a plugin created, if the transport of the plan is a plugin.
    plugin: Option<Arc<dyn Connect>>,
    /// The socket that the caller opened, for [`from_stream`](Self::from_stream).
    opened: Option<Arc<Opened<(Address, Address)>>>,
    key_log: Option<KeyLog>,
    observer: Option<Observer>,
    #[cfg(feature = "process")]
    child_fds: ChildFds,
}

impl Client {
    /// Builds a client from a typed endpoint.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - this build does not support the type;
    /// - a host is not UTF-8;
    /// - a UNIX path is longer than 107 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::Client;
    /// use strports_syntax::TcpClient;
    ///
    /// let client = Client::new(&TcpClient::new("example.com", 80).into())?;
    /// assert_eq!(client.endpoint(), "tcp:example.com:80");
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub fn new(endpoint: &ClientEndpoint<'_>) -> Result<Self, Error> {
        Self::named(endpoint, &name::from_description(endpoint.to_string().as_bytes()), None)
    }

    /// Builds a client from a plan. Errors name the client by the text of the plan.
    pub fn from_plan(plan: ClientPlan) -> Self {
        let endpoint = plan.to_string().into();
        Self::with_plugin(plan, endpoint, None)
    }

    /// Builds a client from a connected socket that the program opened.
    ///
    /// The client has a single connection: the socket with the layers of the client.
    /// `wrap_client_tls` adds TLS to it. The socket becomes non-blocking;
    /// its other options are unchanged. [`Connection::from_stream`](crate::Connection::from_stream)
    /// needs no client.
    ///
    /// # Errors
    ///
    /// Returns an error and closes the descriptor if it is not a connected stream socket of IPv4,
    /// IPv6 or UNIX.
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

    /// Builds a client that errors call `name`. `plugin` is the client that a plugin created, if
    /// the transport of the endpoint is a plugin.
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
            observer: None,
            #[cfg(feature = "process")]
            child_fds: ChildFds::default(),
        }
    }

    /// Adds a layer that the caller provides to each connection, above the existing layers.
    ///
    /// The time limit of the description includes it. See [`Wrapper`] for an example.
    #[must_use]
    pub fn wrapped(mut self, wrapper: impl Wrapper + 'static) -> Self {
        self.layers.push(Layer::Own(Arc::new(wrapper)));
        self.ready = Arc::default();
        self
    }

    /// Adds a layer to the plan, above the existing layers.
    #[cfg(feature = "__tls")]
    pub(crate) fn layered(mut self, layer: ClientLayer) -> Self {
        self.plan.layers.push(layer.clone());
        self.layers.push(Layer::Planned(layer));
        self.ready = Arc::default();
        self
    }

    /// Writes the secrets of TLS sessions to `log`, with which recordings can be decrypted.
    ///
    /// By default they are not written. See [`KeyLog`] for an example.
    #[cfg(feature = "__tls")]
    #[must_use]
    pub fn key_log(mut self, log: &KeyLog) -> Self {
        self.key_log = Some(log.clone());
        self.ready = Arc::default();
        self
    }

    /// Returns a handle that reloads the certificate and the trust roots of this client.
    ///
    /// Clones of the client share the files.
    #[cfg(feature = "__tls")]
    pub fn reloader(&self) -> Reloader {
        Reloader::from_client(&self.layers, &self.ready, self.key_log.as_ref())
    }

    /// Sets the resolver for the host name, and for a name in `bindAddress`.
    ///
    /// The default is that of the system. See [`Resolver`] for an example.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.names = resolver.into();
        self
    }

    /// Sets a time limit for connecting as a whole, from the lookup of the name to the last layer.
    ///
    /// It applies in addition to the limits of the description.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use endpoint_runtime::{block_on, client_from_string};
    ///
    /// let client = client_from_string("tls:example.com:443")?.within(Duration::from_secs(5));
    /// let connection = block_on(client.connect())?;
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Reports the steps of connecting to `observer`.
    ///
    /// The observer is called on the connecting thread, and delays it. See [`Step`] for an example.
    #[must_use]
    pub fn observed(mut self, observer: impl Fn(&Step<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Sets the delay between attempts at the addresses of a host name.
    ///
    /// The default is 250 ms; `attemptDelay=` sets it in a description. It has no effect on a
    /// client without a host name.
    ///
    /// Corresponds to `attemptDelay` of Twisted's `HostnameEndpoint`, where the default is 300 ms.
    ///
    /// # Errors
    ///
    /// Returns an error if the delay is outside 0.1 to 2 seconds, the bounds of RFC 8305.
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

    /// Passes `child_fd` to the program as its descriptor `number`.
    ///
    /// It replaces an earlier descriptor with that number. A descriptor of the caller is passed
    /// unchanged; [`ChildFd::Read`] and [`ChildFd::Write`] create a pipe. The numbers mean:
    ///
    /// - 0: the pipe that the connection writes to, by default. Otherwise writes fail.
    /// - 1: the pipe that the connection reads from, by default. Otherwise reads return the end of
    ///   file.
    /// - 2: standard error, by default as in the plan.
    /// - Others: a pipe is available from [`Connection::process`](crate::Connection::process).
    ///
    /// Every program that the client starts receives the descriptor; other clients ignore it.
    /// [`connect`](Self::connect) returns an error for a negative number, and for a number below 3
    /// if the program runs on a terminal.
    ///
    /// Corresponds to `childFDs` of Twisted's `ProcessEndpoint`, where a program has only the
    /// descriptors of that map.
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

    /// The plan that [`connect`](Self::connect) executes.
    pub fn plan(&self) -> &ClientPlan {
        &self.plan
    }

    /// The endpoint as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether the system resolves host names, and not a resolver of the program.
    pub(crate) fn uses_system_resolver(&self) -> bool {
        self.names.by_system
    }

    /// The TLS connectors in the order of the layers; empty before the first connection.
    #[cfg(feature = "__tls")]
    pub(crate) fn connectors(&self) -> Vec<Connector> {
        let layers = self.ready.get().into_iter().flatten();
        let connectors = layers.filter_map(|layer| match layer {
            Layer::Planned(ReadyClientLayer::Tls(connector)) => Some(connector.clone()),
            _ => None,
        });
        connectors.collect()
    }

    /// The number of descriptors that connecting needs, temporary ones included.
    ///
    /// For [`Listener::reserve`](crate::Listener::reserve). A connection of a plugin counts as one
    /// socket.
    pub fn descriptors(&self) -> usize {
        /// Both ends of three pipes, copies of the program's ends, and both ends of the pipe on
        /// which the child reports errors.
        const PROGRAM: usize = 11;
        let credentials = self.plan.layers.iter().filter(
            |layer| matches!(layer, ClientLayer::Tunnel(plan) if plan.credentials.is_some()),
        );
        credentials.count()
            + match &self.plan.transport {
                ClientTransport::Tcp(plan) if matches!(plan.host, Host::Name(_)) => LOOK_UP + 1,
                #[cfg(feature = "process")]
                ClientTransport::Process(_) => PROGRAM + 4 * self.child_fds.len(),
                #[cfg(not(feature = "process"))]
                ClientTransport::Process(_) => PROGRAM,
                _ => 1,
            }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
