//! Plugins: types of one's own, for parsing and for running.

use std::fmt;
use std::sync::Arc;

use strports_syntax::{
    ClientEndpoint, PluginEndpoint, ServerEndpoint, Signature, SignatureError, Types,
};

use crate::error::{DescriptionProblem, Error, Problem};
use crate::name;
use crate::net::{Client, Connect, Listen, Server};
use crate::plan::plugin;

/// The types that one program knows beside those of the language.
///
/// A plugin is a [`Signature`], which says what its descriptions look like, and a function that
/// makes something of one: a [`Listen`] or a [`Connect`]. Both its mistakes and what it means are
/// then found as for any other type, and it may stand inside `haproxy` and, where these run, `tls`
/// and `ssl`.
///
/// Twisted: `twisted.plugin`, with `IStreamServerEndpointStringParser` and
/// `IStreamClientEndpointStringParserWithReactor`. There, whatever is installed is a plugin; here a
/// program registers what it wants.
///
/// # Examples
///
/// A type for a port that the program looks up somewhere:
///
/// ```
/// use std::io;
/// use std::sync::Arc;
/// use endpoint_runtime::{Boxed, Connect, Connection, Registry, client_from_string};
/// use strports_syntax::signature::{Kind, Parameter};
/// use strports_syntax::{Parameters, Role, Signature};
///
/// static SERVICE: Signature = Signature::plugin(
///     Role::Client,
///     "service",
///     "a service by its name",
///     &[Parameter::required("name", Kind::Text, "its name")],
/// );
///
/// struct Service(String);
///
/// impl Connect for Service {
///     fn connect(&self) -> Boxed<'_, io::Result<Connection>> {
///         Box::pin(async {
///             let port = if self.0 == "web" { 80 } else { 9 };
///             let client = client_from_string(&format!("tcp:127.0.0.1:{port}"))?;
///             Ok(client.connect().await?)
///         })
///     }
/// }
///
/// let registry = Registry::new().with_client(&SERVICE, |endpoint| {
///     let name = endpoint.value("name").as_text().map(|it| it.to_string()).unwrap_or_default();
///     if name.is_empty() { Err("the name is empty".into()) } else { Ok(Arc::new(Service(name))) }
/// })?;
/// let client = registry.client_from_string("service:web")?;
/// assert_eq!(client.plan().to_string(), "connect to a service by its name (`service:web`)");
/// let error = registry.client_from_string("service:").unwrap_err();
/// assert_eq!(error.to_string(), "`service:`: the name is empty");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    signatures: Vec<&'static Signature>,
    servers: Vec<(&'static Signature, Arc<ServerParser>)>,
    clients: Vec<(&'static Signature, Arc<ClientParser>)>,
}

type Parsed<T> = Result<Arc<T>, Box<dyn std::error::Error + Send + Sync>>;
type ServerParser = dyn Fn(&PluginEndpoint<'_>) -> Parsed<dyn Listen> + Send + Sync;
type ClientParser = dyn Fn(&PluginEndpoint<'_>) -> Parsed<dyn Connect> + Send + Sync;

impl Registry {
    /// Without plugins.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a type that listens; `parse` makes an endpoint of a description that fits the
    /// signature.
    ///
    /// # Errors
    ///
    /// A signature for clients, or one that [`Types::with`] refuses: a name that exists already.
    pub fn with_server<P>(
        mut self,
        signature: &'static Signature,
        parse: P,
    ) -> Result<Self, SignatureError>
    where
        P: Fn(&PluginEndpoint<'_>) -> Parsed<dyn Listen> + Send + Sync + 'static,
    {
        self.declare(signature)?;
        self.servers.push((signature, Arc::new(parse)));
        Ok(self)
    }

    /// With a type that connects; `parse` makes an endpoint of a description that fits the
    /// signature.
    ///
    /// # Errors
    ///
    /// As for [`with_server`](Self::with_server).
    pub fn with_client<P>(
        mut self,
        signature: &'static Signature,
        parse: P,
    ) -> Result<Self, SignatureError>
    where
        P: Fn(&PluginEndpoint<'_>) -> Parsed<dyn Connect> + Send + Sync + 'static,
    {
        self.declare(signature)?;
        self.clients.push((signature, Arc::new(parse)));
        Ok(self)
    }

    fn declare(&mut self, signature: &'static Signature) -> Result<(), SignatureError> {
        self.signatures.push(signature);
        Types::with(&self.signatures).map(|_| ())
    }

    /// The types that it knows, to check and to explain descriptions with.
    pub fn types(&self) -> Types<'_> {
        // They were looked at when they were declared.
        Types::with(&self.signatures).unwrap_or_default()
    }

    /// [`server_from_string`](crate::server_from_string) with the types of plugins.
    ///
    /// # Errors
    ///
    /// As there; and what a plugin says against a description.
    pub fn server_from_string<T>(&self, description: &T) -> Result<Server, Error>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        let name = name::from_description(description.as_ref());
        match self.types().server(description) {
            Ok(endpoint) => self.named_server(&endpoint, &name),
            Err(error) => Err(Problem::from(DescriptionProblem::Syntax(error)).at(&name)),
        }
    }

    /// [`client_from_string`](crate::client_from_string) with the types of plugins.
    ///
    /// # Errors
    ///
    /// As there; and what a plugin says against a description.
    pub fn client_from_string<T>(&self, description: &T) -> Result<Client, Error>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        let name = name::from_description(description.as_ref());
        match self.types().client(description) {
            Ok(endpoint) => self.named_client(&endpoint, &name),
            Err(error) => Err(Problem::from(DescriptionProblem::Syntax(error)).at(&name)),
        }
    }

    /// [`Server::new`] with the types of plugins.
    ///
    /// # Errors
    ///
    /// As there; and what a plugin says against a description.
    pub fn server(&self, endpoint: &ServerEndpoint<'_>) -> Result<Server, Error> {
        self.named_server(endpoint, &name::from_description(endpoint.to_string().as_bytes()))
    }

    /// [`Client::new`] with the types of plugins.
    ///
    /// # Errors
    ///
    /// As there; and what a plugin says against a description.
    pub fn client(&self, endpoint: &ClientEndpoint<'_>) -> Result<Client, Error> {
        self.named_client(endpoint, &name::from_description(endpoint.to_string().as_bytes()))
    }

    fn named_server(
        &self,
        endpoint: &ServerEndpoint<'_>,
        name: &Arc<str>,
    ) -> Result<Server, Error> {
        let plugin = plugin::in_server(endpoint).and_then(|it| call(&self.servers, it));
        let plugin = plugin.transpose().map_err(|problem| Problem::from(problem).at(name))?;
        Server::named(endpoint, name, plugin)
    }

    fn named_client(
        &self,
        endpoint: &ClientEndpoint<'_>,
        name: &Arc<str>,
    ) -> Result<Client, Error> {
        let plugin = plugin::in_client(endpoint).and_then(|it| call(&self.clients, it));
        let plugin = plugin.transpose().map_err(|problem| Problem::from(problem).at(name))?;
        Client::named(endpoint, name, plugin)
    }
}

type Parsers<T> =
    [(&'static Signature, Arc<dyn Fn(&PluginEndpoint<'_>) -> Parsed<T> + Send + Sync>)];

/// What the plugin of an endpoint makes of it; `None` where there is no such plugin.
fn call<T: ?Sized>(
    parsers: &Parsers<T>,
    endpoint: &PluginEndpoint<'_>,
) -> Option<Result<Arc<T>, DescriptionProblem>> {
    let signature = strports_syntax::Parameters::signature(endpoint);
    let (_, parse) = parsers.iter().find(|(known, _)| std::ptr::eq(*known, signature))?;
    Some(parse(endpoint).map_err(|error| DescriptionProblem::Plugin { message: error.to_string() }))
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.signatures.iter().map(|signature| signature.name);
        f.debug_set().entries(names).finish()
    }
}
