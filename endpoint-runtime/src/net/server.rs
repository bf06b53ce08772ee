//! A server endpoint, ready to listen.

use std::sync::Arc;

use strports_syntax::ServerEndpoint;

use super::listener::{Listener, Source};
use super::{tcp, unix};
use crate::address::Address;
use crate::error::{EnvironmentProblem, Error, Problem};
use crate::plan::{ServerPlan, ServerTransport};

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
#[derive(Clone, Debug)]
pub struct Server {
    plan: ServerPlan,
    endpoint: Arc<str>,
}

impl Server {
    /// Builds a server from a typed endpoint.
    ///
    /// # Errors
    ///
    /// A type that this version does not run, a UNIX path of more than 107 bytes, an interface that is not UTF-8.
    pub fn new(endpoint: &ServerEndpoint<'_>) -> Result<Self, Error> {
        Self::named(endpoint, endpoint.to_string().into())
    }

    /// Builds a server from a plan; errors name it by its explanation.
    pub fn from_plan(plan: ServerPlan) -> Self {
        let endpoint = plan.to_string().into();
        Self { plan, endpoint }
    }

    /// Builds a server that errors call by `name`.
    pub(crate) fn named(endpoint: &ServerEndpoint<'_>, name: Arc<str>) -> Result<Self, Error> {
        let plan =
            ServerPlan::try_from(endpoint).map_err(|problem| Problem::from(problem).at(&name))?;
        Ok(Self { plan, endpoint: name })
    }

    /// What [`listen`](Self::listen) will do.
    pub fn plan(&self) -> &ServerPlan {
        &self.plan
    }

    /// The endpoint as the user wrote it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Starts to listen. Dropping the future leaves nothing behind.
    ///
    /// # Errors
    ///
    /// A port or path that is in use or not allowed, an interface that cannot be looked up, a lock that a running
    /// process holds.
    pub async fn listen(&self) -> Result<Listener, Error> {
        let (local, source) = self.open().await.map_err(|problem| problem.at(&self.endpoint))?;
        Ok(Listener::new(Arc::clone(&self.endpoint), local, source))
    }

    async fn open(&self) -> Result<(Address, Source), Problem> {
        if let Some(layer) = self.plan.layers.first() {
            // There are none yet; the first one to come will not compile until it is put on here.
            match *layer {}
        }
        match &self.plan.transport {
            ServerTransport::Tcp(plan) => {
                let listener = tcp::listen_as(plan).await?;
                let local = listener.get_ref().local_addr();
                let local = local.map_err(|error| EnvironmentProblem::Listen {
                    address: Address::Tcp(([0, 0, 0, 0], plan.port).into()),
                    error,
                })?;
                Ok((local.into(), Source::Tcp(listener)))
            }
            ServerTransport::Unix(plan) => {
                let local = Address::Unix(plan.name.clone());
                let plan = plan.clone();
                let (listener, claim) = smol::unblock(move || unix::listen_as(&plan)).await?;
                Ok((local, Source::Unix(claim, listener)))
            }
            ServerTransport::Stdio => Ok((Address::Stdio, Source::Stdio)),
        }
    }
}
