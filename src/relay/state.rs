//! The mutable state of a service: its connections, counters and targets.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use endpoint_runtime::Transferred;
use slab::Slab;

use super::event::{ConnectionId, End};
use super::proto::admission::{Admission, Verdict};
use super::proto::overdue::{Life, Overdue};
use super::proto::targets::{Route, Targets};
use super::record::{Cut, Record};
use super::settings::RelaySettings;
use super::snapshot::{Snapshot, TargetSnapshot};
use super::target::TargetName;

/// The mutable state of a service, which one lock protects.
#[derive(Debug)]
pub(super) struct State {
    admission: Admission,
    targets: Targets,
    /// The counters; [`State::snapshot`] fills in the fields that are computed.
    tally: Snapshot,
    live: Slab<Entry>,
    last: u64,
    /// Since when no connection is open; `None` while there are connections.
    empty_since: Option<Duration>,
}

/// An admitted connection that has not ended, as the periodic check needs it.
#[derive(Debug)]
struct Entry {
    record: Arc<Record>,
    life: Life,
}

/// The record of an admitted connection, and its index in the list of live ones.
pub(super) struct Entered {
    pub(super) record: Arc<Record>,
    pub(super) slot: usize,
}

impl State {
    pub(super) fn new(settings: &RelaySettings, targets: impl Iterator<Item = TargetName>) -> Self {
        let targets: Vec<_> = targets.map(TargetSnapshot::new).collect();
        let (access, limit) = (settings.access.clone(), settings.max_connections);
        Self {
            admission: Admission::new(access, limit, settings.when_full, settings.serve),
            targets: Targets::new(targets.len(), settings.balance),
            tally: Snapshot { targets, ..Snapshot::default() },
            live: Slab::new(),
            last: 0,
            empty_since: Some(Duration::ZERO),
        }
    }

    pub(super) fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Sets how many connections a predecessor still has open; `None` if it is not known yet.
    pub(super) fn counted_elsewhere(&mut self, count: Option<usize>) {
        self.admission.counted_elsewhere(count);
    }

    /// Counts a connection from the address `peer`. Returns its id, and its entry if it is
    /// admitted.
    pub(super) fn arrived(
        &mut self,
        peer: Option<IpAddr>,
        now: Duration,
    ) -> (ConnectionId, Result<Entered, Verdict>) {
        self.last += 1;
        let id = ConnectionId::new(self.last);
        match self.admission.arrived(peer) {
            Verdict::Admitted => {
                self.tally.accepted += 1;
                self.tally.connecting += 1;
                self.empty_since = None;
                let record = Arc::new(Record::new(id));
                let entry = Entry { record: Arc::clone(&record), life: Life::begun(now) };
                (id, Ok(Entered { record, slot: self.live.insert(entry) }))
            }
            Verdict::Denied => {
                self.tally.refused.denied += 1;
                (id, Err(Verdict::Denied))
            }
            Verdict::Full => {
                self.tally.refused.full += 1;
                (id, Err(Verdict::Full))
            }
        }
    }

    pub(super) fn route(&mut self) -> Route {
        self.targets.route()
    }

    pub(super) fn next_target(&mut self, route: &mut Route, now: Duration) -> Option<usize> {
        self.targets.next(route, now)
    }

    /// Counts a target that did not answer. Returns its pause if one begins, and otherwise `None`.
    pub(super) fn target_failed(&mut self, target: usize, now: Duration) -> Option<Duration> {
        self.attempt_failed(target);
        self.targets.failed(target, now)
    }

    /// Counts a failed attempt without a pause, because its reason is not the target.
    pub(super) fn attempt_failed(&mut self, target: usize) {
        if let Some(tally) = self.tally.targets.get_mut(target) {
            tally.failed += 1;
        }
    }

    /// Counts a connection that has reached a target. Returns whether the target was down before.
    pub(super) fn connected(&mut self, target: usize) -> bool {
        self.tally.connecting -= 1;
        self.tally.open += 1;
        if let Some(tally) = self.tally.targets.get_mut(target) {
            tally.connected += 1;
            tally.open += 1;
        }
        self.targets.answered(target)
    }

    /// Counts the end of a connection. Returns whether the supervisor may be waiting for one.
    pub(super) fn left(
        &mut self,
        slot: usize,
        target: Option<usize>,
        transferred: Transferred,
        end: &End,
        now: Duration,
    ) -> bool {
        self.live.remove(slot);
        match target {
            None => self.tally.connecting -= 1,
            Some(target) => {
                self.tally.open -= 1;
                if let Some(tally) = self.tally.targets.get_mut(target) {
                    tally.open -= 1;
                }
            }
        }
        let ended = &mut self.tally.ended;
        *match end {
            End::Closed => &mut ended.closed,
            End::NotConnected(_) => &mut ended.not_connected,
            End::Broken(_) => &mut ended.broken,
            End::Idle(_) => &mut ended.idle,
            End::TooOld(_) => &mut ended.too_old,
            End::Stopped => &mut ended.stopped,
        } += 1;
        add(&mut self.tally.transferred, transferred);
        // While draining, the supervisor sends the number of open connections to a successor.
        let supervisor_waits = self.admission.left() || self.tally.draining;
        if self.admission.inside() == 0 {
            self.empty_since = Some(now);
            // Frees the memory that a past peak of connections needed.
            self.live.shrink_to_fit();
        }
        supervisor_waits
    }

    /// Ends connections that were open or idle for too long, and resets those that were ended and
    /// still have undelivered bytes.
    pub(super) fn sweep(&mut self, settings: &RelaySettings, now: Duration) {
        for (_, Entry { record, life }) in &mut self.live {
            match settings.time.look(life, record.moved(), now) {
                None => {}
                Some(Overdue::Idle) => record.cut(Cut::Idle),
                Some(Overdue::TooOld) => record.cut(Cut::TooOld),
                Some(Overdue::StillOpen) => record.cut_at_once(),
            }
        }
    }

    /// Ends all connections. If `at_once`, aborts them without waiting until peers have read.
    pub(super) fn cut_all(&self, at_once: bool) {
        for (_, entry) in &self.live {
            if at_once {
                entry.record.cut_at_once();
            } else {
                entry.record.cut(Cut::Stopped);
            }
        }
    }

    /// How long no connection has been open; `None` while there are connections.
    pub(super) fn empty_for(&self, now: Duration) -> Option<Duration> {
        self.empty_since.map(|since| now.saturating_sub(since))
    }

    pub(super) fn drain(&mut self) {
        self.tally.draining = true;
    }

    pub(super) fn is_draining(&self) -> bool {
        self.tally.draining
    }

    pub(super) fn snapshot(&self, now: Duration) -> Snapshot {
        let mut snapshot = Snapshot { uptime: now, ..self.tally.clone() };
        for (_, entry) in &self.live {
            add(&mut snapshot.transferred, entry.record.traffic.so_far());
        }
        for target in &mut snapshot.targets {
            target.is_down = self.targets.is_down(target.target.index());
        }
        snapshot
    }
}

fn add(sum: &mut Transferred, more: Transferred) {
    sum.a_to_b = sum.a_to_b.saturating_add(more.a_to_b);
    sum.b_to_a = sum.b_to_a.saturating_add(more.b_to_a);
}
