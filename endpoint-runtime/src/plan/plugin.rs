//! Endpoints of plugins, as far as a plan knows them: what they are called, and how long they may
//! take.

use core::fmt;
use std::time::Duration;

#[cfg(feature = "net")]
use strports_syntax::Value;
#[cfg(feature = "net")]
use strports_syntax::{ClientEndpoint, ServerEndpoint};
use strports_syntax::{Parameters, PluginEndpoint};

use crate::quoted::Quoted;

/// What a plugin is asked for; it knows by itself how to do it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginCall {
    /// The type of the endpoint.
    pub name: String,
    /// What it is, in one clause.
    pub summary: String,
    /// Its canonical description.
    pub description: String,
    /// The time limit: that of the parameter `timeout`, if there is one and it is a number of
    /// seconds.
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

/// The plugin's endpoint in a server description, however deep it stands.
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

/// The plugin's endpoint in a client description, however deep it stands.
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
