//! A client endpoint, ready to connect, and the time limit around everything that it does.

use core::fmt;
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
use super::wrapper::{Layers, Wrapper};
use crate::address::Address;
use crate::error::{Attempt, Error, PeerProblem, Problem};
use crate::plan::{ClientLayer, ClientPlan, ClientTransport, TcpConnect, UnixConnect};

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
    layers: Arc<ClientLayers>,
    endpoint: Arc<str>,
}

/// What a client puts on its connection.
type ClientLayers = Layers<ClientLayer>;

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
        Self::of(plan, endpoint)
    }

    /// Builds a client that errors call by `name`.
    pub(crate) fn named(endpoint: &ClientEndpoint<'_>, name: Arc<str>) -> Result<Self, Error> {
        let plan =
            ClientPlan::try_from(endpoint).map_err(|problem| Problem::from(problem).at(&name))?;
        Ok(Self::of(plan, name))
    }

    fn of(plan: ClientPlan, endpoint: Arc<str>) -> Self {
        let layers = Arc::new(Layers::new(plan.layers.clone()));
        Self { plan, layers, endpoint }
    }

    /// The same client with a layer of the caller's own on the connection, above those that it has.
    ///
    /// The time limit of the description covers it.
    #[must_use]
    pub fn wrapped(mut self, wrapper: impl Wrapper + 'static) -> Self {
        Arc::make_mut(&mut self.layers).push(wrapper);
        self
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

    /// Everything within the time limit of the plan, what the layers do included.
    async fn open(&self) -> Result<Connection, Problem> {
        let mut progress = Progress::default();
        let Some(timeout) = self.plan.timeout() else { return self.open_all(&mut progress).await };
        if let Some(opened) = within(timeout, self.open_all(&mut progress)).await {
            return opened;
        }
        if let Some(side) = progress.reached {
            return Err(PeerProblem::HandshakeTimedOut { side, limit: timeout }.into());
        }
        let target = match &self.plan.transport {
            ClientTransport::Tcp(plan) => format!("TCP port {} of {}", plan.port, plan.host),
            ClientTransport::Unix(plan) => plan.name.to_string(),
            ClientTransport::Stdio => Address::Stdio.to_string(),
        };
        let attempts = progress.tries.into_attempts();
        Err(PeerProblem::TimedOut { target, timeout, attempts }.into())
    }

    async fn open_all(&self, progress: &mut Progress) -> Result<Connection, Problem> {
        let connection = match &self.plan.transport {
            ClientTransport::Tcp(plan) => self.open_tcp(plan, &mut progress.tries).await?,
            ClientTransport::Unix(plan) => self.open_unix(plan).await?,
            ClientTransport::Stdio => Connection::stdio(self.name(), Stdio::take()?),
        };
        progress.reached = Some(connection.peer_address().clone());
        self.layers.put_on(connection).await
    }

    async fn open_tcp(&self, plan: &TcpConnect, tries: &mut Tries) -> Result<Connection, Problem> {
        let (stream, peer) = tcp::connect_as(plan, tries).await?;
        Connection::tcp(self.name(), stream, peer).map_err(|error| broken(peer.into(), error))
    }

    async fn open_unix(&self, plan: &UnixConnect) -> Result<Connection, Problem> {
        let stream = unix::connect_as(plan).await?;
        let peer = Address::Unix(plan.name.clone());
        Connection::unix(self.name(), stream, peer.clone()).map_err(|error| broken(peer, error))
    }

    fn name(&self) -> Arc<str> {
        Arc::clone(&self.endpoint)
    }
}

/// Connects, and lets `protocol` use the connection.
///
/// Twisted: `connectProtocol`. There a protocol is called with what arrives; here it is an async function that reads.
///
/// # Errors
///
/// As for [`Client::connect`].
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::{Connection, client_from_string, connect_protocol};
/// use smol::io::{AsyncReadExt, AsyncWriteExt};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = client_from_string("tcp:whois.iana.org:43")?;
/// let answer = connect_protocol(&client, async |mut connection: Connection| {
///     connection.write_all(b"example.com\r\n").await?;
///     let mut answer = String::new();
///     connection.read_to_string(&mut answer).await.map(|_| answer)
/// })
/// .await??;
/// # Ok(())
/// # }
/// ```
pub async fn connect_protocol<T>(
    client: &Client,
    protocol: impl AsyncFnOnce(Connection) -> T,
) -> Result<T, Error> {
    Ok(protocol(client.connect().await?).await)
}

/// How far an attempt has come; it outlives the one that a time limit ends.
#[derive(Default)]
struct Progress {
    tries: Tries,
    /// The other side, once there is a connection to put layers on.
    reached: Option<Address>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl ClientLayers {
    /// Puts every layer on a connection that was just made.
    async fn put_on(&self, connection: Connection) -> Result<Connection, Problem> {
        if let Some(layer) = self.planned.first() {
            // There are none yet; the first one to come will not compile until it is put on here.
            match *layer {}
        }
        self.wrap(connection).await
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
