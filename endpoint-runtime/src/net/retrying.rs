//! A client that reconnects, driven by [`Retry`]; corresponds to Twisted's `ClientService`.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::error::{Blame, Error};
use crate::net::client::Client;
use crate::net::connection::Connection;
use crate::proto::retry::{Retry, RetryOrder, RetryPolicy};
use crate::reactor::Timer;

/// A client that retries after failures, with growing pauses.
///
/// Failures of all layers are retried, including those of a wrapper. Errors in the description or
/// the program are returned immediately, because retrying cannot fix them.
///
/// Corresponds to `twisted.application.internet.ClientService`.
///
/// # Examples
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use endpoint_runtime::{Connection, client_from_string};
/// use endpoint_runtime::proto::retry::RetryPolicy;
/// use smol::io::AsyncReadExt;
///
/// # async fn example() -> Result<(), endpoint_runtime::Error> {
/// let mut client = client_from_string("tcp:example.com:6667")?.retrying(RetryPolicy::default());
/// client
///     .run(async |mut connection: Connection| {
///         let mut text = String::new();
///         match connection.read_to_string(&mut text).await {
///             Ok(_) if text.contains("bye") => ControlFlow::Break(()),
///             _ => ControlFlow::Continue(()),
///         }
///     })
///     .await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RetryingClient {
    client: Client,
    retry: Retry,
    /// How long to pause before the next attempt; zero before the first one.
    pause: Duration,
    /// When the last connection was established; `None` if the pause after it is already set.
    connected: Option<Instant>,
}

impl Client {
    /// Returns a client that retries after failures, with pauses as in `policy`.
    pub fn retrying(self, policy: RetryPolicy) -> RetryingClient {
        let (retry, pause) = (Retry::new(policy), Duration::ZERO);
        RetryingClient { client: self, retry, pause, connected: None }
    }
}

impl RetryingClient {
    /// The client that makes the connections.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The number of consecutive failures.
    pub fn failures(&self) -> u32 {
        self.retry.failures()
    }

    /// Connects, and retries until it succeeds.
    ///
    /// Call it again once the connection has ended. It then pauses first: the shorter that
    /// connection lasted, the longer the pause.
    ///
    /// Corresponds to `ClientService.whenConnected` in Twisted.
    ///
    /// # Cancellation
    ///
    /// Dropping the future keeps the count of failures.
    ///
    /// # Errors
    ///
    /// - An error in the description is returned immediately.
    /// - Any other failure is retried. When the policy allows no further attempt, the last failure
    ///   is returned.
    pub async fn connect(&mut self) -> Result<Connection, Error> {
        if let Some(connected) = self.connected.take() {
            self.pause = self.retry.ended(connected.elapsed(), fastrand::f64());
        }
        loop {
            Timer::after(self.pause).await;
            match self.client.connect().await {
                Ok(connection) => {
                    self.connected = Some(Instant::now());
                    return Ok(connection);
                }
                Err(error) => self.drive_failed(error)?,
            }
        }
    }

    /// Connects and calls `protocol` with the connection, again and again, until `protocol` breaks.
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes the connection together with the future of `protocol`, and keeps
    /// the count of failures.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`connect`](Self::connect).
    pub async fn run<T>(
        &mut self,
        mut protocol: impl AsyncFnMut(Connection) -> ControlFlow<T>,
    ) -> Result<T, Error> {
        loop {
            if let ControlFlow::Break(done) = protocol(self.connect().await?).await {
                return Ok(done);
            }
        }
    }

    /// Sets the pause before the next attempt; returns the error if no attempt may follow.
    fn drive_failed(&mut self, error: Error) -> Result<(), Error> {
        if matches!(error.blame(), Blame::Description | Blame::Misuse) {
            return Err(error);
        }
        match self.retry.failed(fastrand::f64()) {
            RetryOrder::Wait(pause) => {
                tracing::info!("{error} (trying again in {:.1} s)", pause.as_secs_f64());
                self.pause = pause;
                Ok(())
            }
            RetryOrder::GiveUp => Err(error),
        }
    }
}
