//! A relay service: joins each connection of a listener to a new connection to a target.
//!
//! The service:
//!
//! - selects among several targets, and retries;
//! - limits the number and the duration of connections;
//! - reports events and counters;
//! - drains on request, or hands its listening sockets over to a successor.
//!
//! [`endpoint_runtime`] opens the connections and copies the bytes. The state machines in [`proto`]
//! decide which connections are admitted, which target is next, and which connections are overdue.
//!
//! The module needs only the feature `relay`. A program without the command depends on it like
//! this:
//!
//! ```toml
//! strports = { version = "0.1", default-features = false, features = ["relay", "tls"] }
//! ```
//!
//! # Examples
//!
//! ```
//! use strports::relay::{RelayService, RelaySettings, Stop};
//! use strports::runtime::{block_on, client_from_string, server_from_string};
//!
//! block_on(async {
//!     let listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
//!     let targets = [client_from_string("tcp:127.0.0.1:80")?];
//!     let service = RelayService::new(listener, targets, RelaySettings::default());
//!     service.handle().stop(); // from any thread, at any time
//!     let finished = service.run().await?;
//!     assert_eq!(finished.why, Stop::Requested);
//!     Ok::<(), strports::runtime::Error>(())
//! })?;
//! # Ok::<(), strports::runtime::Error>(())
//! ```

mod accept;
mod control;
mod drain;
mod event;
mod hand_over;
pub mod proto;
mod record;
mod serve;
mod serving;
mod set_up;
mod settings;
mod snapshot;
mod state;
mod sweep;
mod target;

use core::fmt;
use std::future::Future;
use std::sync::Arc;

use endpoint_runtime::{Boxed, Client, Error, Listener, OpenCountReceiver, Succession};
use smol::Executor;

use self::accept::AcceptLoop;
use self::drain::drain;
pub use self::event::{ConnectionId, End, Event, Observer, RefusalReason, Stop};
use self::hand_over::count_predecessor;
pub use self::proto::admission::{AccessList, WhenFull};
pub use self::proto::overdue::TimeLimits;
pub use self::proto::targets::Balance;
use self::serving::Serving;
pub use self::settings::{DRAIN_TIME, PROGRAM_HALF_CLOSE_TIME, RelaySettings};
pub use self::snapshot::{EndedCounts, RefusedCounts, Snapshot, TargetSnapshot};
pub use self::target::TargetName;

/// Joins each connection of a listener to a new connection to one of several targets.
///
/// A failure of a connection ends only that one. Half-closes and errors are forwarded as described
/// at [`endpoint_runtime::relay()`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use strports::relay::{Event, RelayService, RelaySettings};
/// use strports::runtime::{client_from_string, server_from_string};
///
/// # async fn example() -> Result<(), strports::runtime::Error> {
/// let listener = server_from_string("tcp:8080")?.listen().await?;
/// let first = client_from_string("tcp:192.0.2.1:80")?;
/// let second = client_from_string("tcp:192.0.2.2:80")?;
/// let mut settings = RelaySettings::default();
/// settings.max_connections = Some(1000);
/// settings.time.idle = Some(Duration::from_secs(300));
/// let service = RelayService::new(listener, [first, second], settings);
/// let service = service.observed_by(|event: &Event<'_>| {
///     if let Event::Ended { peer, end, .. } = event {
///         println!("{peer}: {}", end.as_str());
///     }
/// });
/// let handle = service.handle(); // stops it, or looks at its counters, from anywhere
/// let finished = service.run().await?;
/// println!("{} connections", finished.counters.accepted);
/// # Ok(())
/// # }
/// ```
pub struct RelayService {
    listener: Listener,
    serving: Arc<Serving>,
    observers: Vec<Box<dyn Observer>>,
    companions: Vec<Boxed<'static, ()>>,
}

/// How a service ended.
///
/// See [`RelayService`] for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished {
    /// Why the service stopped accepting connections.
    pub why: Stop,
    /// The counters when the last connection had ended.
    pub counters: Snapshot,
}

impl RelayService {
    /// Creates a service, which serves only while [`run`](Self::run) is polled.
    pub fn new(
        mut listener: Listener,
        targets: impl IntoIterator<Item = Client>,
        settings: RelaySettings,
    ) -> Self {
        let serving = Arc::new(Serving::new(targets, settings));
        let needed = serving.targets.iter().map(|target| target.client.descriptors()).max();
        listener.reserve(needed.unwrap_or_default());
        Self { listener, serving, observers: Vec::new(), companions: Vec::new() }
    }

    /// Adds an observer, which receives all events of the service.
    #[must_use]
    pub fn observed_by(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Adds a task that runs beside the connections, and is dropped when the service ends.
    ///
    /// The task is polled only when it is woken. A future that is combined with [`run`](Self::run)
    /// would be polled at every event of every connection.
    #[must_use]
    pub fn alongside(mut self, task: impl Future<Output = ()> + Send + 'static) -> Self {
        self.companions.push(Box::pin(task));
        self
    }

    /// Makes the open connections of a predecessor count towards the limit of this service.
    ///
    /// [`Predecessor::ready`](endpoint_runtime::Predecessor::ready) returns the receiver of their
    /// number. If this service has a limit, it accepts nothing before the first number arrives.
    #[must_use]
    pub fn after(self, predecessor: OpenCountReceiver) -> Self {
        self.serving.state().counted_elsewhere(None);
        *self.serving.predecessor() = Some(predecessor);
        let counting = count_predecessor(Arc::clone(&self.serving));
        self.alongside(counting)
    }

    /// Returns a handle that stops the service and reads its counters, from any thread.
    pub fn handle(&self) -> RelayHandle {
        RelayHandle { serving: Arc::clone(&self.serving) }
    }

    /// Serves connections until the service is stopped or its settings end it. Returns after the
    /// last connection has ended.
    ///
    /// Any executor may poll this future. Connections are tasks of another executor inside it.
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes all connections and listening sockets immediately.
    ///
    /// # Errors
    ///
    /// Returns an error from the operating system if the listener fails permanently. A failure of
    /// one connection is only an [`Event`].
    pub async fn run(self) -> Result<Finished, Error> {
        let Self { listener, serving, observers, companions } = self;
        let _ = serving.observers.set(observers);
        let executor = Arc::new(Executor::new());
        let accepting = AcceptLoop {
            serving: Arc::clone(&serving),
            listener,
            executor: Arc::downgrade(&executor),
            handing_over: None,
        };
        let sweeping: Boxed<'static, ()> = Box::pin(sweep::sweep(Arc::clone(&serving)));
        let beside = companions.into_iter().chain([sweeping]);
        let beside: Vec<_> = beside.map(|task| executor.spawn(task)).collect();
        // Spawned as a task, because `Executor::run` polls its own future at every event.
        let work = executor.spawn(supervise(accepting));
        let done = executor.run(work).await;
        drop(beside);
        done.map(|why| Finished { why, counters: serving.snapshot() })
    }
}

async fn supervise(mut accepting: AcceptLoop) -> Result<Stop, Error> {
    let ended = accepting.run().await;
    accepting.cancel_hand_over().await;
    drain(accepting, *ended.as_ref().unwrap_or(&Stop::Failed)).await;
    ended
}

impl fmt::Debug for RelayService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayService")
            .field("listener", &self.listener)
            .field("settings", &self.serving.settings)
            .finish_non_exhaustive()
    }
}

/// A handle of a service, for any thread. It stays valid after the service has ended.
///
/// See [`RelayService`] for an example.
#[derive(Clone)]
pub struct RelayHandle {
    serving: Arc<Serving>,
}

impl RelayHandle {
    /// Returns the counters of the service at this moment.
    ///
    /// # Examples
    ///
    /// ```
    /// use strports::relay::{RelayService, RelaySettings};
    /// use strports::runtime::{block_on, client_from_string, server_from_string};
    ///
    /// block_on(async {
    ///     let listener = server_from_string("tcp:0:interface=127.0.0.1")?.listen().await?;
    ///     let targets = [client_from_string("tcp:127.0.0.1:80")?];
    ///     let service = RelayService::new(listener, targets, RelaySettings::default());
    ///     let counters = service.handle().snapshot();
    ///     assert_eq!((counters.accepted, counters.ended.total()), (0, 0));
    ///     assert!(!counters.targets[0].is_down);
    ///     Ok::<(), strports::runtime::Error>(())
    /// })?;
    /// # Ok::<(), strports::runtime::Error>(())
    /// ```
    pub fn snapshot(&self) -> Snapshot {
        self.serving.snapshot()
    }

    /// Stops accepting connections. Open ones have [`RelaySettings::drain`] to end.
    pub fn stop(&self) {
        self.serving.control.ask(|requests| requests.stop = Some(Stop::Requested));
    }

    /// Starts a successor process, which takes over the listening sockets.
    ///
    /// When the successor is ready, this service drains. Until then, and if the successor fails, it
    /// continues. Returns false and does nothing if a successor was already started, or if the
    /// service is draining. [`HandoverFailed`](Event::HandoverFailed) and
    /// [`Draining`](Event::Draining) report the result.
    pub fn hand_over(&self, succession: Succession) -> bool {
        let is_draining = self.serving.state().is_draining();
        self.serving.control.ask(|requests| {
            let is_ending = is_draining || requests.stop.is_some();
            let starts = !is_ending && !requests.is_handing_over;
            if starts {
                requests.is_handing_over = true;
                requests.succession = Some(succession);
            }
            starts
        })
    }

    /// Stops accepting connections, and aborts open ones at once.
    ///
    /// Bytes that a peer has not read yet are lost. The peer gets a TCP reset, if its transport
    /// supports one.
    pub fn cut(&self) {
        self.serving.control.ask(|requests| {
            requests.stop = Some(Stop::Requested);
            requests.cut = true;
        });
    }
}

impl fmt::Debug for RelayHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayHandle").finish_non_exhaustive()
    }
}
