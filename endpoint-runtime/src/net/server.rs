//! The type [`Server`]: the address to listen on, and the options of connections.

use core::fmt;
use std::future::Future;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use strports_syntax::ServerEndpoint;

use crate::address::Address;
use crate::error::{DescriptionProblem, EnvironmentProblem, Error, Misuse, Problem};
use crate::name;
use crate::net::layer::handshakes::HandshakeLimits;
use crate::net::layer::wrapper::Wrapper;
use crate::net::layer::{
    KeyLog, Layer, Layers, ReadyServerLayer, check_layers, need_files, planned, ready,
};
use crate::net::listener::Listener;
use crate::net::listener::source::{Bound, Source};
use crate::net::plugin::{Incoming, Listen};
use crate::net::resolver::{Names, Resolver};
use crate::net::transport::opened::Opened;
use crate::net::transport::tcp::TcpAcceptor;
use crate::net::transport::{inherited, opened, tcp, unix};
#[cfg(feature = "__tls")]
use crate::plan::NamePattern;
use crate::plan::{ServerLayer, ServerPlan, ServerTransport};

/// A server endpoint: the address to listen on and the options of connections.
///
/// # Examples
///
/// ```
/// # smol::block_on(async {
/// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
/// let listener = server.listen().await?;
/// assert!(listener.local_address().port() > Some(0));
/// listener.close().await?;
/// # Ok::<(), endpoint_runtime::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Server {
    plan: ServerPlan,
    layers: Layers<ServerLayer>,
    limits: HandshakeLimits,
    endpoint: Arc<str>,
    names: Names,
    /// The server that a plugin created, if the transport of the plan is a plugin.
    plugin: Option<Arc<dyn Listen>>,
    /// The socket that the caller opened, for [`from_listener`](Self::from_listener).
    opened: Option<Arc<Opened<Address>>>,
    key_log: Option<KeyLog>,
}

impl Server {
    /// Builds a server from a typed endpoint.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - this build does not support the type;
    /// - an interface is not UTF-8;
    /// - a UNIX path is longer than 107 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::Server;
    /// use strports_syntax::TcpServer;
    ///
    /// let server = Server::new(&TcpServer::new(8080).into())?;
    /// assert_eq!(server.endpoint(), "tcp:8080");
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub fn new(endpoint: &ServerEndpoint<'_>) -> Result<Self, Error> {
        Self::named(endpoint, &name::from_description(endpoint.to_string().as_bytes()), None)
    }

    /// Builds a server from a plan. Errors name the server by the text of the plan.
    pub fn from_plan(plan: ServerPlan) -> Self {
        let endpoint = plan.to_string().into();
        Self::with_plugin(plan, endpoint, None)
    }

    /// Builds a server from a listening socket that the program opened.
    ///
    /// The socket may be a [`TcpListener`] or a [`UnixListener`] of std, a `socket2::Socket`, or
    /// any other owner of a descriptor. For a socket of tokio, call `into_std` first. The socket
    /// becomes non-blocking; its other options are unchanged. No socket file is removed at the end.
    /// The server and its clones share the socket and can listen only once.
    ///
    /// Corresponds to Twisted's `AdoptedStreamServerEndpoint`, which also requires the address
    /// family; here it is read from the socket.
    ///
    /// [`TcpListener`]: std::net::TcpListener
    /// [`UnixListener`]: std::os::unix::net::UnixListener
    ///
    /// # Errors
    ///
    /// Returns an error and closes the descriptor if it is not a listening stream socket of IPv4,
    /// IPv6 or UNIX.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::Server;
    ///
    /// # smol::block_on(async {
    /// let socket = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let address = socket.local_addr()?;
    /// let listener = Server::from_listener(socket)?.listen().await?;
    /// assert_eq!(listener.local_address().as_tcp(), Some(address));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn from_listener(socket: impl Into<OwnedFd>) -> Result<Self, Error> {
        let opened = Opened::listener(socket.into()).map_err(|problem| problem.at(opened::NAME))?;
        let local = opened.addresses().clone();
        let server = Self::from_plan(ServerTransport::Opened(local).into());
        Ok(Self { opened: Some(Arc::new(opened)), ..server })
    }

    /// Builds a server that errors call `name`. `plugin` is the server that a plugin created for
    /// its transport.
    pub(crate) fn named(
        endpoint: &ServerEndpoint<'_>,
        name: &Arc<str>,
        plugin: Option<Arc<dyn Listen>>,
    ) -> Result<Self, Error> {
        let built = || {
            let plan = ServerPlan::try_from(endpoint)?;
            if let (ServerTransport::Plugin(call), None) = (&plan.transport, &plugin) {
                return Err(DescriptionProblem::NoPlugin { name: call.name.clone() });
            }
            check_layers(&plan.layers)?;
            Ok(Self::with_plugin(plan, Arc::clone(name), plugin))
        };
        built().map_err(|problem| Problem::from(problem).at(name))
    }

    fn with_plugin(plan: ServerPlan, endpoint: Arc<str>, plugin: Option<Arc<dyn Listen>>) -> Self {
        let layers = planned(&plan.layers);
        let (limits, names) = (HandshakeLimits::default(), Names::default());
        Self { plan, layers, limits, endpoint, names, plugin, opened: None, key_log: None }
    }

    /// Adds a layer that the caller provides to each connection, above the existing layers.
    ///
    /// See [`Wrapper`] for an example.
    #[must_use]
    pub fn wrapped(mut self, wrapper: impl Wrapper + 'static) -> Self {
        self.layers.push(Layer::Own(Arc::new(wrapper)));
        self
    }

    /// Accepts only clients whose certificate has one of these names.
    ///
    /// The names are checked in the outermost TLS layer, in addition to `clientCAs`.
    ///
    /// # Errors
    ///
    /// Returns an error if the outermost TLS layer does not request certificates, or has a
    /// configuration of the program.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{plan::NamePattern, server_from_string};
    ///
    /// let server = server_from_string("tls:/etc/certs:443:clientCAs=/etc/clients.pem")?;
    /// let server = server.allow_names(&[NamePattern::new("*.clients.example.com")?])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "__tls")]
    pub fn allow_names(mut self, names: &[NamePattern]) -> Result<Self, Error> {
        let of_plan = self.plan.layers.iter_mut();
        let of_layers = self.layers.iter_mut().filter_map(|layer| match layer {
            Layer::Planned(layer) => Some(layer),
            Layer::Own(_) => None,
        });
        if set_names(of_plan, names) && set_names(of_layers, names) {
            return Ok(self);
        }
        Err(Problem::from(Misuse::NoClientNames).at(&self.endpoint))
    }

    /// Adds a layer to the plan, above the existing layers.
    #[cfg(feature = "__tls")]
    pub(crate) fn layered(mut self, layer: ServerLayer) -> Self {
        self.plan.layers.push(layer.clone());
        self.layers.push(Layer::Planned(layer));
        self
    }

    /// Sets the limits of pending handshakes; the default is 1024 of ten seconds each.
    ///
    /// See [`HandshakeLimits`] for an example.
    #[must_use]
    pub fn handshakes(mut self, limits: HandshakeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Writes the secrets of TLS sessions to `log`, with which recordings can be decrypted.
    ///
    /// By default they are not written. See [`KeyLog`] for an example.
    #[cfg(feature = "__tls")]
    #[must_use]
    pub fn key_log(mut self, log: &KeyLog) -> Self {
        self.key_log = Some(log.clone());
        self
    }

    /// Sets the resolver for an interface that is a name; the default is that of the system.
    ///
    /// See [`Resolver`] for an example.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.names = resolver.into();
        self
    }

    /// The plan that [`listen`](Self::listen) executes.
    pub fn plan(&self) -> &ServerPlan {
        &self.plan
    }

    /// The endpoint as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Prepares the layers, opens the sockets, and starts to listen.
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes the sockets and removes the files that it created.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - a certificate or key is invalid, which is detected before a socket is opened;
    /// - the interface cannot be resolved;
    /// - the port or path is in use, or this process is not permitted to use it;
    /// - a running process holds the lock file of the path.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{block_on, server_from_string};
    ///
    /// block_on(async {
    ///     let listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
    ///     let port = listener.local_address().port().unwrap();
    ///
    ///     let again = server_from_string(&format!("tcp:{port}:interface=127.0.0.1"))?;
    ///     let error = again.listen().await.unwrap_err();
    ///     assert!(error.to_string().contains("cannot listen on 127.0.0.1"));
    ///     Ok::<(), endpoint_runtime::Error>(())
    /// })?;
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub async fn listen(&self) -> Result<Listener, Error> {
        self.listen_on(self.open()).await
    }

    /// Prepares the layers before it listens, so that invalid files open no socket.
    pub(crate) async fn listen_on(
        &self,
        bound: impl Future<Output = Result<Bound, Problem>>,
    ) -> Result<Listener, Error> {
        let opened = async {
            let layers = ready(&self.layers, self.key_log.clone()).await?;
            Ok((Arc::new(layers), bound.await?))
        };
        let (layers, bound) =
            opened.await.map_err(|problem: Problem| problem.at(&self.endpoint))?;
        Ok(Listener::new(Arc::clone(&self.endpoint), bound, layers, self.limits))
    }

    /// Reads the files of the layers and prepares them, without listening.
    pub(crate) async fn ready(&self) -> Result<Layers<ReadyServerLayer>, Problem> {
        ready(&self.layers, self.key_log.clone()).await
    }

    /// Whether preparing to listen reads files.
    pub(crate) fn needs_files(&self) -> bool {
        need_files(&self.layers)
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    async fn open(&self) -> Result<Bound, Problem> {
        match &self.plan.transport {
            ServerTransport::Tcp(plan) => {
                let listener = tcp::listen_as(plan, &self.names).await?;
                let local = listener.get_ref().local_addr();
                let local = local.map_err(|error| EnvironmentProblem::Listen {
                    address: Address::Tcp(([0, 0, 0, 0], plan.port).into()),
                    error,
                })?;
                Ok(Bound::new(
                    local.into(),
                    Source::Tcp(TcpAcceptor::new(listener, local, plan.options.clone())),
                ))
            }
            ServerTransport::Unix(plan) => {
                let local = Address::Unix(plan.name.clone());
                let plan = plan.clone();
                let (listener, claim) = smol::unblock(move || unix::listen_as(&plan)).await?;
                Ok(Bound::new(local, Source::Unix(claim, listener)))
            }
            ServerTransport::Systemd(plan) => {
                inherited::take_passed(plan).map(Bound::from_inherited)
            }
            ServerTransport::Fd(plan) => inherited::take_listener(*plan).map(Bound::from_inherited),
            ServerTransport::Opened(_) => {
                let opened = self.opened.as_ref().ok_or(Misuse::NoSocket)?;
                Ok(opened.listen()?.into())
            }
            ServerTransport::Stdio => Ok(Bound::new(Address::Stdio, Source::Stdio)),
            ServerTransport::Plugin(call) => {
                let plugin = self.plugin.as_ref().ok_or(Misuse::NoPlugin)?;
                let Incoming { local, connections } = plugin.listen().await.map_err(|error| {
                    EnvironmentProblem::PluginListen { name: call.name.clone(), error }
                })?;
                Ok(Bound::new(local, Source::Plugin(connections)))
            }
        }
    }
}

/// Sets the names in the outermost TLS layer, and returns whether it requests certificates.
#[cfg(feature = "__tls")]
fn set_names<'a>(
    layers: impl DoubleEndedIterator<Item = &'a mut ServerLayer>,
    names: &[NamePattern],
) -> bool {
    for layer in layers.rev() {
        match layer {
            ServerLayer::Tls(plan) if plan.client_cas.is_some() => {
                plan.client_names = names.to_vec();
                return true;
            }
            ServerLayer::Tls(_) | ServerLayer::TlsWith(_) => return false,
            _ => {}
        }
    }
    false
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("endpoint", &self.endpoint)
            .field("plan", &self.plan)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
