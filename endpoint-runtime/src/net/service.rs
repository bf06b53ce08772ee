//! A client that stays connected, for several users; corresponds to Twisted's `ClientService`.

use core::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use smol::future::or;
use thiserror::Error as ThisError;

use crate::error::{Blame, Error, Operation, Problem};
use crate::lock::lock;
use crate::net::client::Client;
use crate::net::connection::Connection;
use crate::proto::retry::{Retry, RetryOrder, RetryPolicy};
use crate::reactor::Timer;

/// A client that stays connected until it is stopped; clones are handles of the same service.
///
/// [`run`](Self::run) connects, prepares the connection, and reconnects when it has ended. Other
/// tasks wait for the connection ([`when_connected`](Self::when_connected)) and receive a clone of
/// its prepared value: a `T`, such as the sender of a channel.
///
/// Corresponds to `twisted.application.internet.ClientService`.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::proto::retry::RetryPolicy;
/// use endpoint_runtime::{ClientService, Connection, client_from_string};
/// use smol::channel::{Sender, unbounded};
/// use smol::io::AsyncWriteExt;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = client_from_string("tcp:logs.internal:514")?;
/// let service: ClientService<Sender<String>> = client.service(RetryPolicy::default());
/// let running = service.clone();
/// let running = smol::spawn(async move {
///     running
///         .run(async |mut connection: Connection| {
///             connection.write_all(b"hello\n").await?;
///             let (sender, lines) = unbounded::<String>();
///             let life = async move {
///                 while let Ok(line) = lines.recv().await {
///                     if connection.write_all(line.as_bytes()).await.is_err() {
///                         break;
///                     }
///                 }
///             };
///             Ok((sender, life))
///         })
///         .await
/// });
/// service.when_connected(Some(3)).await?.send("started\n".to_owned()).await?;
/// service.stop().await;
/// running.await?;
/// # Ok(())
/// # }
/// ```
pub struct ClientService<T> {
    shared: Arc<Shared<T>>,
}

/// Computes the pause before the next attempt from the number of consecutive failures.
type Policy = dyn Fn(u32) -> Duration + Send + Sync;

struct Shared<T> {
    client: Client,
    retry: RetryPolicy,
    /// Computes the pauses instead of `retry`, if the caller has set it.
    policy: Option<Box<Policy>>,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// The value that `prepare` returned for the connection; `None` while there is no connection.
    current: Option<T>,
    /// The total number of failures, from which waits count the later ones. `last` is the last one.
    failures: u64,
    last: Option<Arc<Error>>,
    /// The number of consecutive failures, for a policy of the caller; a new start keeps it.
    in_row: u32,
    is_running: bool,
    is_stopping: bool,
    /// Why no connection will follow; `None` while the service may connect.
    over: Option<NotConnected>,
    waiting: Vec<Waker>,
}

/// Why a service is not connected.
///
/// See [`ClientService`] for an example.
#[derive(Clone, Debug, ThisError)]
#[non_exhaustive]
pub enum NotConnected {
    /// The last failure, after as many as the policy allows, or one that retrying cannot fix.
    #[error("{0}")]
    Failed(Arc<Error>),
    /// The service was stopped.
    #[error("the client was stopped")]
    Stopped,
    /// The service is already running in another task.
    #[error("the client runs already")]
    Running,
}

impl Client {
    /// Returns a service for this client, with growing pauses.
    pub fn service<T: Clone>(self, policy: RetryPolicy) -> ClientService<T> {
        ClientService::new(self, policy, None)
    }

    /// Returns a service for this client, whose pauses are computed by a function.
    ///
    /// The function is called with the number of consecutive failures, at least 1. The end of a
    /// connection counts as the first failure. Corresponds to `retryPolicy` in Twisted.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use endpoint_runtime::{ClientService, client_from_string};
    ///
    /// let client = client_from_string("tcp:example.com:80")?;
    /// let linear = |failures| Duration::from_secs(5) * failures;
    /// let service: ClientService<()> = client.service_with(linear);
    /// # Ok::<(), endpoint_runtime::Error>(())
    /// ```
    pub fn service_with<T: Clone>(
        self,
        policy: impl Fn(u32) -> Duration + Send + Sync + 'static,
    ) -> ClientService<T> {
        ClientService::new(self, RetryPolicy::default(), Some(Box::new(policy)))
    }
}

impl<T: Clone> ClientService<T> {
    fn new(client: Client, retry: RetryPolicy, policy: Option<Box<Policy>>) -> Self {
        let state = State {
            current: None,
            failures: 0,
            last: None,
            in_row: 0,
            is_running: false,
            is_stopping: false,
            over: None,
            waiting: Vec::new(),
        };
        Self { shared: Arc::new(Shared { client, retry, policy, state: Mutex::new(state) }) }
    }

    /// The client that makes the connections.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// Connects and prepares connections until the service is stopped.
    ///
    /// `prepare` returns the value for [`when_connected`](Self::when_connected), and a future that
    /// completes when the connection has ended. An error of `prepare` counts as a failure to
    /// connect.
    ///
    /// Corresponds to `startService` with `prepareConnection` in Twisted.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops the service immediately.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the service is already running;
    /// - the description or the program has an error, which no retry can fix;
    /// - the policy allows no further attempt; the error is then the last failure.
    pub async fn run<Life: Future<Output = ()>>(
        &self,
        mut prepare: impl AsyncFnMut(Connection) -> io::Result<(T, Life)>,
    ) -> Result<(), NotConnected> {
        let _running = Running::new(&self.shared)?;
        let mut retry = Retry::new(self.shared.retry);
        loop {
            let Some(connected) = self.unless_stopped(self.connect(&mut prepare)).await else {
                return Ok(());
            };
            let pause = match connected {
                Ok((value, life)) => {
                    let began = Instant::now();
                    self.shared.change(|state| state.current = Some(value));
                    let is_over = self.unless_stopped(life).await.is_some();
                    self.shared.change(|state| state.current = None);
                    if !is_over {
                        return Ok(());
                    }
                    self.shared.pause_after_end(&mut retry, began.elapsed())
                }
                Err(error) => match self.shared.pause_after_failure(&mut retry, &error) {
                    Some(pause) => {
                        tracing::info!("{error} (trying again in {:.1} s)", pause.as_secs_f64());
                        self.shared.note_failure(Arc::new(error));
                        pause
                    }
                    None => return Err(self.shared.give_up(Arc::new(error))),
                },
            };
            if self.unless_stopped(Timer::after(pause)).await.is_none() {
                return Ok(());
            }
        }
    }

    /// Connects, and returns what `prepare` makes of the connection: its value and its end.
    async fn connect<Life>(
        &self,
        prepare: &mut impl AsyncFnMut(Connection) -> io::Result<(T, Life)>,
    ) -> Result<(T, Life), Error> {
        let client = &self.shared.client;
        let connection = client.connect().await?;
        let peer = connection.peer_address().clone();
        prepare(connection)
            .await
            .map_err(|error| Problem::stream(peer, Operation::SetUp, error).at(client.endpoint()))
    }

    /// Awaits the future; `None` if the service is stopped first.
    async fn unless_stopped<R>(&self, future: impl Future<Output = R>) -> Option<R> {
        let stopped = self.shared.wait(|state| state.is_stopping.then_some(None));
        or(stopped, async { Some(future.await) }).await
    }

    /// Waits for a connection, and returns its prepared value.
    ///
    /// Returns immediately if there is a connection. With `fail_after`, the wait ends after that
    /// number of failures from now on.
    ///
    /// Corresponds to `whenConnected(failAfterFailures)` in Twisted.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends only this wait.
    ///
    /// # Errors
    ///
    /// Returns an error after `fail_after` failures, or if the service has stopped or given up.
    pub async fn when_connected(&self, fail_after: Option<u32>) -> Result<T, NotConnected> {
        let before = lock(&self.shared.state).failures;
        self.shared
            .wait(|state| {
                // Checked first: a connection may have been established before this task was
                // polled.
                let failures = state.failures - before;
                if fail_after.is_some_and(|most| failures >= u64::from(most.max(1))) {
                    return state.last.clone().map(|last| Err(NotConnected::Failed(last)));
                }
                if let Some(current) = &state.current {
                    return Some(Ok(current.clone()));
                }
                state.over.clone().map(Err)
            })
            .await
    }

    /// Closes the connection and ends [`run`](Self::run); ready once it has ended.
    ///
    /// Tasks that wait for a connection receive [`NotConnected::Stopped`], until `run` is called
    /// again.
    ///
    /// Corresponds to `stopService` in Twisted.
    ///
    /// # Cancellation
    ///
    /// Once the future was polled, the service stops even if the future is dropped.
    pub async fn stop(&self) {
        self.shared.change(|state| {
            state.is_stopping = state.is_running;
            state.over = Some(NotConnected::Stopped);
        });
        self.shared.wait(|state| (!state.is_running).then_some(())).await;
    }
}

impl<T> Shared<T> {
    /// Changes the state of the service, and wakes all tasks that wait for a change.
    fn change(&self, change: impl FnOnce(&mut State<T>)) {
        let mut state = lock(&self.state);
        change(&mut state);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits until `found` returns a value for the state.
    async fn wait<R>(&self, found: impl Fn(&State<T>) -> Option<R>) -> R {
        poll_fn(|cx| self.poll(cx, &found)).await
    }

    fn poll<R>(&self, cx: &Context<'_>, found: impl Fn(&State<T>) -> Option<R>) -> Poll<R> {
        let mut state = lock(&self.state);
        if let Some(found) = found(&state) {
            return Poll::Ready(found);
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// The pause after a failure; `None` if retrying cannot fix it, or after too many.
    fn pause_after_failure(&self, retry: &mut Retry, error: &Error) -> Option<Duration> {
        if matches!(error.blame(), Blame::Description | Blame::Misuse) {
            return None;
        }
        if let Some(policy) = &self.policy {
            let in_row = lock(&self.state).in_row.saturating_add(1);
            lock(&self.state).in_row = in_row;
            return Some(policy(in_row));
        }
        match retry.failed(fastrand::f64()) {
            RetryOrder::Wait(pause) => Some(pause),
            RetryOrder::GiveUp => None,
        }
    }

    /// Computes the pause after the end of a connection that lasted for `lasted`.
    fn pause_after_end(&self, retry: &mut Retry, lasted: Duration) -> Duration {
        match &self.policy {
            Some(policy) => {
                lock(&self.state).in_row = 1;
                policy(1)
            }
            None => retry.ended(lasted, fastrand::f64()),
        }
    }

    fn note_failure(&self, error: Arc<Error>) {
        self.change(|state| {
            state.failures += 1;
            state.last = Some(error);
        });
    }

    fn give_up(&self, error: Arc<Error>) -> NotConnected {
        let over = NotConnected::Failed(error);
        self.change(|state| state.over = Some(over.clone()));
        over
    }
}

/// Marks the service as running. Its drop, also that of the future of `run`, ends the service.
struct Running<'a, T>(&'a Shared<T>);

impl<'a, T> Running<'a, T> {
    fn new(shared: &'a Shared<T>) -> Result<Self, NotConnected> {
        let mut state = lock(&shared.state);
        if state.is_running {
            return Err(NotConnected::Running);
        }
        (state.is_running, state.over) = (true, None);
        Ok(Self(shared))
    }
}

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        self.0.change(|state| {
            (state.is_running, state.is_stopping, state.current) = (false, false, None);
            state.over.get_or_insert(NotConnected::Stopped);
        });
    }
}

impl<T> Clone for ClientService<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> fmt::Debug for ClientService<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientService").field("client", &self.shared.client).finish_non_exhaustive()
    }
}
