//! Endpoints of plugins in a plan: their description and their time limit.

use core::fmt;
use std::time::Duration;

#[cfg(feature = "net")]
use strports_syntax::Value;
#[cfg(feature = "net")]
use strports_syntax::{ClientEndpoint, ServerEndpoint};
use strports_syntax::{Parameters, PluginEndpoint};

use crate::quoted::Quoted;

/// An endpoint whose type a plugin defines. Only the plugin can listen or connect.
///
/// Part of [`ServerTransport`](crate::plan::ServerTransport). With the feature `net`, `Registry`
/// registers plugins and runs their endpoints.
///
/// # Examples
///
/// A plan with a type of a plugin can be printed, but it runs only with the plugin:
///
/// ```
/// use std::time::Duration;
///
/// use endpoint_runtime::plan::{ClientPlan, ClientTransport};
/// use strports_syntax::signature::{Kind, Parameter};
/// use strports_syntax::{Role, Signature, Types};
///
/// static TOR: Signature = Signature::plugin(
///     Role::Client,
///     "tor",
///     "a host behind Tor",
///     &[
///         Parameter::required("host", Kind::Host, "the host"),
///         Parameter::optional("timeout", Kind::Seconds, "the time limit"),
///     ],
/// );
///
/// let endpoint = Types::with(&[&TOR])?.client("tor:example.onion:timeout=60")?.into_owned();
/// let plan = ClientPlan::try_from(&endpoint)?;
/// let ClientTransport::Plugin(call) = &plan.transport else { unreachable!() };
/// assert_eq!(call.name, "tor");
/// assert_eq!(call.timeout, Some(Duration::from_secs(60)));
/// assert_eq!(plan.to_string(), "connect to a host behind Tor (`tor:example.onion:timeout=60`)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginCall {
    /// The type of the endpoint, such as `tor`.
    pub name: String,
    /// What the type stands for, from its signature, such as `a host behind Tor`.
    pub summary: String,
    /// The description of the endpoint in canonical form.
    pub description: String,
    /// The time limit for connecting: the value of `timeout`.
    ///
    /// `None` if the type has no such parameter, or its value is no number of seconds.
    pub timeout: Option<Duration>,
}

impl From<&PluginEndpoint<'_>> for PluginCall {
    fn from(endpoint: &PluginEndpoint<'_>) -> Self {
        let signature = endpoint.signature();
        let seconds = endpoint.value("timeout").as_integer();
        Self {
            name: signature.name.to_owned(),
            summary: signature.summary.to_owned(),
            description: endpoint.to_string(),
            timeout: seconds.and_then(|it| u64::try_from(it).ok()).map(Duration::from_secs),
        }
    }
}

impl fmt::Display for PluginCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.summary, Quoted::new(&self.description))
    }
}

/// The plugin's endpoint in a server description, itself or nested; `None` without a plugin.
#[cfg(feature = "net")]
pub(crate) fn in_server<'e>(endpoint: &'e ServerEndpoint<'e>) -> Option<&'e PluginEndpoint<'e>> {
    match endpoint {
        ServerEndpoint::Plugin(plugin) => Some(plugin),
        other => match other.value("endpoint") {
            Value::Server(inner) => in_server(inner),
            _ => None,
        },
    }
}

/// The plugin's endpoint in a client description, itself or nested; `None` without a plugin.
#[cfg(feature = "net")]
pub(crate) fn in_client<'e>(endpoint: &'e ClientEndpoint<'e>) -> Option<&'e PluginEndpoint<'e>> {
    match endpoint {
        ClientEndpoint::Plugin(plugin) => Some(plugin),
        other => match other.value("endpoint") {
            Value::Client(inner) => in_client(inner),
            _ => None,
        },
    }
}
