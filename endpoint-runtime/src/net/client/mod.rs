//! A client endpoint, ready to connect.

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
    observer: Option<Observer>,
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
    /// stay as they are, and it is made non-blocking.
    /// [`Connection::from_stream`](crate::Connection::from_stream) does without a client.
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
            observer: None,
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
        self.names = resolver.into();
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

    /// The same client, whose connections report their steps to `observer`.
    ///
    /// It is called on the thread that connects, and delays connecting for as long as it takes.
    /// See [`Step`] for an example.
    #[must_use]
    pub fn observed(mut self, observer: impl Fn(&Step<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
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
    /// It replaces an earlier one with that number, and what the program would have as 0, 1 or 2: a
    /// pipe to write to, a pipe to read from, and standard error as the plan says. An own
    /// descriptor goes in as it is, a pipe as [`ChildFd::Read`] or [`ChildFd::Write`]. The
    /// connection is the pipes 0 and 1: without a pipe 0 it cannot be written, without a pipe 1 it
    /// is at its end. The other pipes are taken by number from
    /// [`Connection::process`](crate::Connection::process).
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

    /// Whether the system looks its names up.
    pub(crate) fn asks_system(&self) -> bool {
        self.names.by_system
    }

    /// What puts TLS on its connections, in the order of the layers; empty before the first one.
    #[cfg(feature = "__tls")]
    pub(crate) fn connectors(&self) -> Vec<Connector> {
        let layers = self.ready.get().into_iter().flatten();
        let connectors = layers.filter_map(|layer| match layer {
            Layer::Planned(ReadyClientLayer::Tls(connector)) => Some(connector.clone()),
            _ => None,
        });
        connectors.collect()
    }

    /// How many descriptors making a connection takes, for a while or for good.
    ///
    /// For [`Listener::reserve`](crate::Listener::reserve). A connection of a plugin counts as one
    /// socket.
    pub fn descriptors(&self) -> usize {
        /// Both ends of its three pipes, copies of the program's ends, and both ends of the pipe by
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
