//! Plugins: types of endpoints that a program defines.

use std::fmt;
use std::sync::Arc;

use strports_syntax::{
    ClientEndpoint, PluginEndpoint, ServerEndpoint, Signature, SignatureError, Types,
};

use crate::error::{DescriptionProblem, Error, Problem};
use crate::name;
use crate::net::{Client, Connect, Listen, Server};
use crate::plan::plugin;

/// The types of plugins of a program, in addition to the built-in types.
///
/// A plugin is a [`Signature`], which defines its descriptions, and a function that creates a
/// [`Listen`] or a [`Connect`] from one. Descriptions of a plugin are parsed and checked like those
/// of other types, and may be nested in `haproxy`. In builds with TLS, they may also be nested in
/// `tls` and `ssl`.
///
/// Corresponds to `twisted.plugin` with `IStreamServerEndpointStringParser` and
/// `IStreamClientEndpointStringParserWithReactor`. Twisted finds installed plugins; here a program
/// registers them.
///
/// # Examples
///
/// A type whose port the program determines:
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
    /// Creates a registry without plugins.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a server type. `parse` creates an endpoint from a description that fits the signature.
    ///
    /// # Errors
    ///
    /// Returns an error if the signature is for clients, or if [`Types::with`] rejects it, for
    /// example because the name exists.
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

    /// Adds a client type. `parse` creates an endpoint from a description that fits the signature.
    ///
    /// # Errors
    ///
    /// Returns an error if the signature is for servers, or if [`Types::with`] rejects it.
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

    /// Adds a signature; returns an error if it is invalid or conflicts with another.
    fn declare(&mut self, signature: &'static Signature) -> Result<(), SignatureError> {
        self.signatures.push(signature);
        Types::with(&self.signatures).map(|_| ())
    }

    /// The built-in types and those of the plugins, to check and explain descriptions.
    pub fn types(&self) -> Types<'_> {
        // `declare` has validated the same signatures, so this does not fail.
        Types::with(&self.signatures).unwrap_or_default()
    }

    /// Like [`server_from_string`](crate::server_from_string), with the types of plugins.
    ///
    /// # Errors
    ///
    /// Returns the same errors, and those of the plugin.
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

    /// Like [`client_from_string`](crate::client_from_string), with the types of plugins.
    ///
    /// # Errors
    ///
    /// Returns the same errors, and those of the plugin.
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

    /// Like [`Server::new`], with the types of plugins.
    ///
    /// # Errors
    ///
    /// Returns the same errors, and those of the plugin.
    pub fn server(&self, endpoint: &ServerEndpoint<'_>) -> Result<Server, Error> {
        self.named_server(endpoint, &name::from_description(endpoint.to_string().as_bytes()))
    }

    /// Like [`Client::new`], with the types of plugins.
    ///
    /// # Errors
    ///
    /// Returns the same errors, and those of the plugin.
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

/// Calls the parse function that is registered for a plugin's endpoint; `None` if none is.
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
