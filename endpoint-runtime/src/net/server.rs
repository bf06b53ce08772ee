//! A server endpoint, ready to listen.

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

/// A server endpoint: what to listen on, not listening yet.
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
    /// What a plugin has made of its part of the plan.
    plugin: Option<Arc<dyn Listen>>,
    /// The socket of the caller's own, if the plan needs it.
    opened: Option<Arc<Opened<Address>>>,
    key_log: Option<KeyLog>,
}

impl Server {
    /// Builds a server from a typed endpoint.
    ///
    /// # Errors
    ///
    /// A type that this version does not run, a UNIX path of more than 107 bytes, an interface that
    /// is not UTF-8.
    pub fn new(endpoint: &ServerEndpoint<'_>) -> Result<Self, Error> {
        Self::named(endpoint, &name::from_description(endpoint.to_string().as_bytes()), None)
    }

    /// Builds a server from a plan; errors name it by its explanation.
    pub fn from_plan(plan: ServerPlan) -> Self {
        let endpoint = plan.to_string().into();
        Self::with_plugin(plan, endpoint, None)
    }

    /// Builds a server that accepts from a listening socket which the program opened itself.
    ///
    /// The socket may be a [`TcpListener`] or a [`UnixListener`] of std, a `socket2::Socket`, or
    /// any other owner of a descriptor; one of tokio goes through `into_std`. Its options stay as
    /// they are, it is made non-blocking, and nothing in the file system is removed at the end. It
    /// listens once: the server and its clones share it.
    ///
    /// Twisted: `AdoptedStreamServerEndpoint`, which is told the address family; here the socket
    /// says it.
    ///
    /// [`TcpListener`]: std::net::TcpListener
    /// [`UnixListener`]: std::os::unix::net::UnixListener
    ///
    /// # Errors
    ///
    /// A descriptor that is no listening stream socket, or one of a family other than IPv4, IPv6
    /// and UNIX; it is closed.
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

    /// Builds a server that errors call by `name`, with what a plugin has made of its part of the
    /// endpoint.
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

    /// The same server with a layer of the caller's own on each connection, above those that it
    /// has.
    #[must_use]
    pub fn wrapped(mut self, wrapper: impl Wrapper + 'static) -> Self {
        self.layers.push(Layer::Own(Arc::new(wrapper)));
        self
    }

    /// The same server, which admits only clients whose certificate has one of these names.
    ///
    /// They are checked in the outermost layer of TLS, in addition to `clientCAs`.
    ///
    /// # Errors
    ///
    /// A server whose outermost layer of TLS requests no certificate, or has a configuration that
    /// the program made.
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

    /// The same server with a layer of the plan on each connection, above those that it has.
    #[cfg(feature = "__tls")]
    pub(crate) fn layered(mut self, layer: ServerLayer) -> Self {
        self.plan.layers.push(layer.clone());
        self.layers.push(Layer::Planned(layer));
        self
    }

    /// The same server with other limits for putting layers on its connections.
    #[must_use]
    pub fn handshakes(mut self, limits: HandshakeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The same server with the secrets of its TLS sessions written down.
    #[cfg(feature = "__tls")]
    #[must_use]
    pub fn key_log(mut self, log: &KeyLog) -> Self {
        self.key_log = Some(log.clone());
        self
    }

    /// The same server with another resolver, for an interface that is a name.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.names = resolver.into();
        self
    }

    /// What [`listen`](Self::listen) will do.
    pub fn plan(&self) -> &ServerPlan {
        &self.plan
    }

    /// The endpoint as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Starts to listen. Dropping the future leaves nothing behind.
    ///
    /// # Errors
    ///
    /// A port or path that is in use or not allowed, an interface that cannot be looked up, a lock
    /// that a running process holds; certificates and keys that cannot be used, before anything
    /// listens.
    pub async fn listen(&self) -> Result<Listener, Error> {
        self.listen_on(self.open()).await
    }

    /// Listens on what `bound` gives, once the layers are ready.
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

    /// Makes the layers ready, and gives the resolver, for a look at what listening takes.
    pub(crate) async fn ready(&self) -> Result<Layers<ReadyServerLayer>, Problem> {
        ready(&self.layers, self.key_log.clone()).await
    }

    /// Whether files have to be read before it listens.
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
                Ok(Bound::new(local.into(), Source::Tcp(TcpAcceptor::new(listener, local))))
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

/// Sets the names in the outermost layer of TLS; whether it requests certificates.
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
