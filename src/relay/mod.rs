//! A relay service: joins each connection of a listener to a new connection to a target.
//!
//! It chooses among several targets, retries, limits how many connections there are and for how long,
//! reports events and counters, drains on request, and hands its listening sockets over to a successor.
//! [`endpoint_runtime`] opens the connections and copies the bytes; the state machines in [`proto`]
//! decide.
//!
//! The module needs the feature `relay` alone. Without the command, a program depends on it like this:
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
//!     assert_eq!(finished.why, Stop::Asked);
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

use endpoint_runtime::{Boxed, Client, Error, Listener, Succession};
use smol::Executor;

use self::accept::AcceptLoop;
use self::drain::drain;
pub use self::event::{ConnectionId, End, Event, Observer, RefusalReason, Stop};
pub use self::proto::admission::{AccessList, WhenFull};
pub use self::proto::overdue::TimeLimits;
pub use self::proto::targets::Balance;
use self::serving::Serving;
pub use self::settings::{DRAIN_TIME, RelaySettings};
pub use self::snapshot::{EndedCounts, RefusedCounts, Snapshot, TargetSnapshot};
pub use self::target::TargetName;

/// Joins each connection of a listener to a new one of a target.
///
/// Accepting goes on whatever happens to connections, each of which is alone with its failures. Half-closes and errors
/// pass from one side to the other as [`endpoint_runtime::relay()`] has it.
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
/// let targets = [client_from_string("tcp:192.0.2.1:80")?, client_from_string("tcp:192.0.2.2:80")?];
/// let mut settings = RelaySettings::default();
/// settings.max_connections = Some(1000);
/// settings.time.idle = Some(Duration::from_secs(300));
/// let service = RelayService::new(listener, targets, settings).observed_by(|event: &Event<'_>| {
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished {
    /// Why it stopped.
    pub why: Stop,
    /// The counters at its end.
    pub counters: Snapshot,
}

impl RelayService {
    /// A service that runs when [`run`](Self::run) is polled.
    pub fn new(
        listener: Listener,
        targets: impl IntoIterator<Item = Client>,
        settings: RelaySettings,
    ) -> Self {
        let serving = Arc::new(Serving::new(targets, settings));
        Self { listener, serving, observers: Vec::new(), companions: Vec::new() }
    }

    /// The same service, with somebody more who hears of everything.
    #[must_use]
    pub fn observed_by(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// The same service, with a task more that runs beside its connections, and is dropped when it ends.
    ///
    /// It is polled only when it is woken, other than a future that is raced with [`run`](Self::run), which is polled
    /// whenever anything happens to any connection.
    #[must_use]
    pub fn alongside(mut self, task: impl Future<Output = ()> + Send + 'static) -> Self {
        self.companions.push(Box::pin(task));
        self
    }

    /// Something to stop the service with, and to look at its counters.
    pub fn handle(&self) -> RelayHandle {
        RelayHandle { serving: Arc::clone(&self.serving) }
    }

    /// Runs until it is stopped, or for as long as the settings say, and until its last connection is over.
    ///
    /// Everything happens while this future is polled, which any executor can do; connections are tasks of an executor
    /// inside of it. Dropping it closes everything at once.
    ///
    /// # Errors
    ///
    /// An error of the system that ends the listener. What fails with one connection is an [`Event`](Event) and
    /// ends nothing else.
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
        // A task of its own: what `run` gets is polled whenever anything happens to any connection.
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

/// A running service from outside: it may be used from any thread, and outlive the service.
#[derive(Clone)]
pub struct RelayHandle {
    serving: Arc<Serving>,
}

impl RelayHandle {
    /// What the service has done so far, and what it is doing.
    pub fn snapshot(&self) -> Snapshot {
        self.serving.snapshot()
    }

    /// Accepts no more connections, and lets those that are open end in the time that they have.
    pub fn stop(&self) {
        self.serving.control.ask(|requests| requests.stop = Some(Stop::Asked));
    }

    /// Starts a process that takes the listening socket over, and stops when that is ready; until then, and where it fails,
    /// everything goes on.
    ///
    /// While one is on its way no other is started, nor when no more connections are accepted: then it returns `false`, and
    /// nothing comes of it. What else came of it is said by the events
    /// [`HandoverFailed`](Event::HandoverFailed) and [`Draining`](Event::Draining).
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

    /// Accepts no more connections, and cuts those off that are open, at once: what the other side has not taken by then
    /// is lost, and it is told so by a reset where that can be.
    pub fn cut(&self) {
        self.serving.control.ask(|requests| {
            requests.stop = Some(Stop::Asked);
            requests.cut = true;
        });
    }
}

impl fmt::Debug for RelayHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayHandle").finish_non_exhaustive()
    }
}
