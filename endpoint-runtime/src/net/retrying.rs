//! A client that connects again, driven by [`Retry`]: Twisted's `ClientService`.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::error::{Blame, Error};
use crate::net::client::Client;
use crate::net::connection::Connection;
use crate::proto::retry::{Retry, RetryOrder, RetryPolicy};
use crate::reactor::Timer;

/// A client that tries again after failures, with pauses that grow.
///
/// A failure of any layer counts: a host that refuses, a wrapper that is not satisfied. Errors that
/// no waiting mends, a mistake in the description or in the program, are handed out at once.
///
/// Twisted: `twisted.application.internet.ClientService`.
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
    /// The pause before the next attempt.
    pause: Duration,
    /// When the last connection was made.
    connected: Option<Instant>,
}

impl Client {
    /// A client that tries again after failures.
    pub fn retrying(self, policy: RetryPolicy) -> RetryingClient {
        let (retry, pause) = (Retry::new(policy), Duration::ZERO);
        RetryingClient { client: self, retry, pause, connected: None }
    }
}

impl RetryingClient {
    /// The client that it connects with.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// How many failures there were in a row.
    pub fn failures(&self) -> u32 {
        self.retry.failures()
    }

    /// Makes a connection, however often it takes.
    ///
    /// Asking for the next one says that the last one is over, and waits: the longer, the sooner it
    /// was over. Dropping the future keeps count of the failures.
    ///
    /// Twisted: `ClientService.whenConnected`.
    ///
    /// # Errors
    ///
    /// The last failure, when there were as many as the policy allows; a mistake in the description
    /// at once.
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

    /// Connects, lets `protocol` use the connection, and connects again, until it breaks off.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
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
