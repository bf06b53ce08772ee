//! What the log says of an event.

use std::time::{Duration, Instant};

use super::access::{self, Access, AccessLog};
use super::words::Lasted;
use super::{Watch, lock};
use crate::cli::log::{Entry, Level};
use crate::relay::{Event, Stop, TargetName};

/// How often it is said that there are as many connections as may be.
const FULL_PACE: Duration = Duration::from_secs(60);

impl Watch {
    /// What the log says of an event.
    pub(super) fn entry(&self, event: &Event<'_>) -> Option<Entry> {
        let is_wanted = |is_failure| match self.access {
            AccessLog::All => true,
            AccessLog::Failed => is_failure,
            AccessLog::Off => false,
        };
        match *event {
            Event::Refused { id, connection, why, .. } => is_wanted(true)
                .then(|| access::refused(id.get(), &self.server, connection.peer_address(), why)),
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
                let tls = self.forget_tls(id.get());
                is_wanted(end.is_failure()).then(|| {
                    let (id, server, tls) = (id.get(), &*self.server, tls.as_ref());
                    Access {
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
                    }
                    .entry()
                })
            }
            Event::Full { limit } => self.may_say_full().then(|| {
                let open = if limit == 1 { "connection is" } else { "connections are" };
                let message = format!("{limit} {open} open: others wait until one ends");
                Entry::new(Level::Warn, "full", message).with("limit", limit)
            }),
            // Where it is the only one, each connection says so.
            Event::TargetDown { target, pause } if self.has_others => {
                let message =
                    format!("{target} does not answer: others come first for {}", Lasted(pause));
                Some(of_target(Level::Warn, "target-down", message, target))
            }
            Event::TargetUp { target } if self.has_others => {
                Some(of_target(Level::Info, "target-up", format!("{target} answers again"), target))
            }
            Event::Draining { open, limit, why: Stop::HandedOver { pid }, .. } => {
                let message = match open {
                    0 => format!("process {pid} has taken over"),
                    _ => format!("process {pid} has taken over; {}", left(open, limit)),
                };
                let entry = Entry::new(Level::Info, "handed-over", message);
                Some(entry.with("pid", pid).with("open", open))
            }
            // That no more come after the last one that was to be served is no news.
            Event::Draining { open: open @ 1.., limit, why, .. } if why != Stop::Served => {
                let entry = Entry::new(Level::Info, "draining", left(open, limit));
                Some(entry.with("open", open))
            }
            Event::HandoverFailed { error } => {
                Some(Entry::new(Level::Warn, "handover-failed", error.to_string()))
            }
            _ => None,
        }
    }

    /// Whether enough time has passed since it was said last.
    fn may_say_full(&self) -> bool {
        let mut last = lock(&self.full);
        let is_due = last.is_none_or(|last| last.elapsed() >= FULL_PACE);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

fn of_target(level: Level, event: &'static str, message: String, target: &TargetName) -> Entry {
    Entry::new(level, event, message).with("target", target.endpoint())
}

/// How long connections have that are open at the end.
fn left(open: usize, limit: Option<Duration>) -> String {
    match (limit.map(|it| it.as_secs_f64()), open) {
        (Some(left), 1) => {
            format!("1 connection has {left} s left (a second signal ends it at once)")
        }
        (Some(left), _) => {
            format!("{open} connections have {left} s left (a second signal ends them at once)")
        }
        (None, 1) => "1 connection goes on until it ends".to_owned(),
        (None, _) => format!("{open} connections go on until they end"),
    }
}
