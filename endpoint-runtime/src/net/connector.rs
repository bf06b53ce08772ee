//! A client endpoint, ready to connect, and the time limit around everything that it does.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_io::Timer;
use smol::future::FutureExt;
use strports_syntax::ClientEndpoint;

use super::connection::Connection;
use super::stdio::Stdio;
use super::tcp::{self, Tries};
use super::unix;
use crate::address::Address;
use crate::error::{Attempt, Error, PeerProblem, Problem};
use crate::plan::{ClientPlan, ClientTransport, TcpConnect, UnixConnect};

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
#[derive(Clone, Debug)]
pub struct Client {
    plan: ClientPlan,
    endpoint: Arc<str>,
}

impl Client {
    /// Builds a client from a typed endpoint.
    ///
    /// # Errors
    ///
    /// A type that this version does not run, a UNIX path of more than 107 bytes, a host that is not UTF-8.
    pub fn new(endpoint: &ClientEndpoint<'_>) -> Result<Self, Error> {
        Self::named(endpoint, endpoint.to_string().into())
    }

    /// Builds a client from a plan; errors name it by its explanation.
    pub fn from_plan(plan: ClientPlan) -> Self {
        let endpoint = plan.to_string().into();
        Self { plan, endpoint }
    }

    /// Builds a client that errors call by `name`.
    pub(crate) fn named(endpoint: &ClientEndpoint<'_>, name: Arc<str>) -> Result<Self, Error> {
        let plan =
            ClientPlan::try_from(endpoint).map_err(|problem| Problem::from(problem).at(&name))?;
        Ok(Self { plan, endpoint: name })
    }

    /// What [`connect`](Self::connect) will do.
    pub fn plan(&self) -> &ClientPlan {
        &self.plan
    }

    /// The endpoint as the user wrote it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes a connection. Dropping the future gives up and leaves nothing behind.
    ///
    /// # Errors
    ///
    /// A name that cannot be looked up, addresses that all refuse (each is named with its reason), no answer within
    /// the time limit.
    pub async fn connect(&self) -> Result<Connection, Error> {
        self.open().await.map_err(|problem| problem.at(&self.endpoint))
    }

    async fn open(&self) -> Result<Connection, Problem> {
        if let Some(layer) = self.plan.layers.first() {
            // There are none yet; the first one to come will not compile until it is put on here.
            match *layer {}
        }
        match &self.plan.transport {
            ClientTransport::Tcp(plan) => self.open_tcp(plan).await,
            ClientTransport::Unix(plan) => self.open_unix(plan).await,
            ClientTransport::Stdio => Ok(Connection::stdio(self.name(), Stdio::take()?)),
        }
    }

    async fn open_tcp(&self, plan: &TcpConnect) -> Result<Connection, Problem> {
        let mut tries = Tries::default();
        let Some(connected) = within(plan.timeout, tcp::connect_as(plan, &mut tries)).await else {
            let target = format!("TCP port {} of {}", plan.port, plan.host);
            let attempts = tries.into_attempts();
            return Err(PeerProblem::TimedOut { target, timeout: plan.timeout, attempts }.into());
        };
        let (stream, peer) = connected?;
        Connection::tcp(self.name(), stream, peer).map_err(|error| broken(peer.into(), error))
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

    fn name(&self) -> Arc<str> {
        Arc::clone(&self.endpoint)
    }
}

/// A connection that died before it could be handed out.
fn broken(address: Address, error: std::io::Error) -> Problem {
    Problem::connect(vec![Attempt { address, error }])
}

/// What the future gives, or `None` when the time is up.
async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let done = async { Some(future.await) };
    let late = async {
        Timer::after(limit).await;
        None
    };
    done.or(late).await
}
