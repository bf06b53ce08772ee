//! Turns the events of a relay into log entries.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tracing::Level;

use super::access_log::{self, Access, TlsBrief};
use super::log::Entry;
use crate::cli::args::AccessLog;
use crate::lock::lock;
use crate::relay::{End, Event, Stop, TargetName};
use crate::runtime::HumanDuration;

/// The minimum interval between two entries that a connection limit is reached.
const FULL_INTERVAL: Duration = Duration::from_secs(60);

/// Turns the events of a relay into log entries, as `--access-log` requests.
pub(super) struct EventLog {
    access: AccessLog,
    /// The server's description, which entries contain.
    server: String,
    has_several_targets: bool,
    /// The TLS parameters of open connections, by connection number, for the entries at their ends.
    tls: Mutex<HashMap<u64, TlsBrief>>,
    /// When an entry last said that a connection limit is reached; `None` if none has.
    full: Mutex<Option<Instant>>,
}

impl EventLog {
    pub(super) fn new(access: AccessLog, server: String, targets: usize) -> Self {
        let has_several_targets = targets > 1;
        Self { access, server, has_several_targets, tls: Mutex::default(), full: Mutex::default() }
    }

    /// Returns the entry for an event; `None` for events that are not logged.
    pub(super) fn entry(&self, event: &Event<'_>) -> Option<Entry> {
        match *event {
            #[cfg(feature = "__tls")]
            Event::Accepted { id, connection } if self.access != AccessLog::Off => {
                if let Some(tls) = connection.tls() {
                    lock(&self.tls).insert(id.get(), TlsBrief::new(tls));
                }
                None
            }
            Event::Refused { id, connection, why, .. } => {
                let entry =
                    || access_log::refused(id.get(), &self.server, connection.peer_address(), why);
                self.logs_access(true).then(entry)
            }
            // A connection that ended before it needed a target was a health check, as of a load
            // balancer.
            Event::Ended { target: None, end: End::Closed, .. } => None,
            Event::Ended {
                id,
                peer,
                target,
                target_address,
                transferred,
                connecting,
                lasted,
                end,
                ..
            } => {
                let (id, server) = (id.get(), &*self.server);
                let tls = lock(&self.tls).remove(&id);
                let tls = tls.as_ref();
                let access = Access {
                    id,
                    server,
                    peer,
                    target,
                    target_address,
                    tls,
                    transferred,
                    connecting,
                    lasted,
                    end,
                };
                self.logs_access(end.is_failure()).then(|| access.entry())
            }
            Event::Full { limit } => self.is_full_due().then(|| {
                let open = if limit == 1 { "connection is" } else { "connections are" };
                let message = format!("{limit} {open} open: others wait until one ends");
                Entry::new(Level::WARN, "full", message).with("limit", limit)
            }),
            // With only one target, the entry of each failed connection already says that it is
            // down.
            Event::TargetDown { target, pause } if self.has_several_targets => {
                let pause = HumanDuration(pause);
                let message = format!("{target} does not answer: others come first for {pause:#}");
                Some(target_entry(Level::WARN, "target-down", message, target))
            }
            Event::TargetUp { target } if self.has_several_targets => {
                let message = format!("{target} answers again");
                Some(target_entry(Level::INFO, "target-up", message, target))
            }
            Event::Draining { open, limit, why: Stop::HandedOver { pid }, .. } => {
                let message = match open {
                    0 => format!("process {pid} has taken over"),
                    _ => format!("process {pid} has taken over; {}", remaining(open, limit)),
                };
                let entry = Entry::new(Level::INFO, "handed-over", message);
                Some(entry.with("pid", pid).with("open", open))
            }
            // A relay that stops after a requested number of connections reports no draining.
            Event::Draining { open: open @ 1.., limit, why, .. } if why != Stop::Served => {
                let entry = Entry::new(Level::INFO, "draining", remaining(open, limit));
                Some(entry.with("open", open))
            }
            Event::HandoverFailed { error } => {
                Some(Entry::new(Level::WARN, "handover-failed", error.to_string()))
            }
            _ => None,
        }
    }

    fn logs_access(&self, is_failure: bool) -> bool {
        match self.access {
            AccessLog::All => true,
            AccessLog::Failed => is_failure,
            AccessLog::Off => false,
        }
    }

    /// Whether another entry about a reached connection limit is due; if so, restarts the interval.
    fn is_full_due(&self) -> bool {
        let mut last = lock(&self.full);
        let is_due = last.is_none_or(|last| last.elapsed() >= FULL_INTERVAL);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

fn target_entry(level: Level, event: &'static str, message: String, target: &TargetName) -> Entry {
    Entry::new(level, event, message).with("target", target.endpoint())
}

/// Formats how many connections are open, and how long they may continue.
fn remaining(open: usize, limit: Option<Duration>) -> String {
    match (limit.map(HumanDuration), open) {
        (Some(left), 1) => {
            format!("1 connection has {left:#} left (a second signal ends it at once)")
        }
        (Some(left), _) => {
            format!("{open} connections have {left:#} left (a second signal ends them at once)")
        }
        (None, 1) => "1 connection continues until it ends".to_owned(),
        (None, _) => format!("{open} connections continue until they end"),
    }
}
