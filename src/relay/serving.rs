//! What all tasks of a service share.

use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use endpoint_runtime::{Client, OpenCountReceiver};

use super::control::Control;
use super::event::{Event, Observer};
use super::settings::RelaySettings;
use super::snapshot::Snapshot;
use super::state::State;
use super::target::TargetName;
use crate::lock::lock;

/// What the tasks of a running service share: settings, targets, observers and state.
pub(super) struct Serving {
    pub(super) settings: RelaySettings,
    pub(super) targets: Vec<Target>,
    pub(super) observers: OnceLock<Vec<Box<dyn Observer>>>,
    pub(super) control: Control,
    /// Receives how many connections a predecessor still has open; `None` without a predecessor.
    predecessor: Mutex<Option<OpenCountReceiver>>,
    state: Mutex<State>,
    began: Instant,
}

/// A target with the client that connects to it.
pub(super) struct Target {
    pub(super) name: TargetName,
    pub(super) client: Client,
}

impl Serving {
    pub(super) fn new(clients: impl IntoIterator<Item = Client>, settings: RelaySettings) -> Self {
        let limit = settings.connect_timeout;
        let name = |(index, client): (usize, Client)| {
            let name = TargetName::new(index, client.endpoint());
            let client = match limit {
                Some(limit) => client.within(limit),
                None => client,
            };
            Target { name, client }
        };
        let targets: Vec<_> = clients.into_iter().enumerate().map(name).collect();
        let state = State::new(&settings, targets.iter().map(|target| target.name.clone()));
        Self {
            settings,
            targets,
            observers: OnceLock::new(),
            control: Control::default(),
            predecessor: Mutex::default(),
            state: Mutex::new(state),
            began: Instant::now(),
        }
    }

    /// The time since the service started, by the monotonic clock.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Locks the state. The lock must not be held while an observer is called: an observer may take
    /// a snapshot, which would deadlock.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn predecessor(&self) -> MutexGuard<'_, Option<OpenCountReceiver>> {
        lock(&self.predecessor)
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.state().snapshot(self.now())
    }

    pub(super) fn report(&self, event: &Event<'_>) {
        for observer in self.observers.get().into_iter().flatten() {
            observer.observe(event);
        }
    }
}
