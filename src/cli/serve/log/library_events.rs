//! Turns the `tracing` events of the libraries into log entries.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::entry::Entry;
use crate::lock::lock;

/// The name of the event for a failed TLS handshake of a listener. No other event reports that
/// failure.
const HANDSHAKE_FAILED: &str = "handshake-failed";

/// The maximum number of lines about failed handshakes in each [`WINDOW`]; further ones are only
/// counted, so that a port scan does not flood the log.
const LINES: u32 = 10;

/// How long the limit of [`LINES`] applies before counting starts again.
const WINDOW: Duration = Duration::from_secs(1);

/// Counts the failed handshakes of listeners by reason, and limits the lines about them.
#[derive(Debug, Default)]
pub(super) struct HandshakeFailures {
    by_reason: Mutex<BTreeMap<String, u64>>,
    window: Mutex<Window>,
    /// Whether failed handshakes are only counted, as [`HandshakeFailures::hide`] requests.
    is_hidden: AtomicBool,
}

#[derive(Debug, Default)]
struct Window {
    began: Option<Instant>,
    lines: u32,
    /// The number of failed handshakes in this window without a line.
    unsaid: u64,
}

/// What is logged about one failed handshake.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Line,
    /// No line for this one. It is the first of the window, so the caller schedules the summary.
    FirstUnsaid,
    Unsaid,
}

impl HandshakeFailures {
    fn count(&self, reason: &str) {
        *lock(&self.by_reason).entry(reason.to_owned()).or_default() += 1;
    }

    pub(super) fn by_reason(&self) -> BTreeMap<String, u64> {
        lock(&self.by_reason).clone()
    }

    /// Stops logging lines about failed handshakes; they are still counted.
    pub(super) fn hide(&self) {
        self.is_hidden.store(true, Ordering::Relaxed);
    }

    fn show(&self, now: Instant) -> Shown {
        if self.is_hidden.load(Ordering::Relaxed) {
            return Shown::Unsaid;
        }
        let mut window = lock(&self.window);
        let is_over = window.began.is_none_or(|began| now.duration_since(began) >= WINDOW);
        if is_over && window.unsaid == 0 {
            *window = Window { began: Some(now), lines: 0, unsaid: 0 };
        }
        if window.lines < LINES {
            window.lines += 1;
            return Shown::Line;
        }
        window.unsaid += 1;
        if window.unsaid == 1 { Shown::FirstUnsaid } else { Shown::Unsaid }
    }

    /// Ends the window. Returns an entry with the number of failures without a line, if there are
    /// any.
    pub(super) fn unsaid(&self) -> Option<Entry> {
        let unsaid = std::mem::take(&mut *lock(&self.window)).unsaid;
        let handshakes = if unsaid == 1 { "handshake" } else { "handshakes" };
        let message = format!("{unsaid} more {handshakes} failed within a second");
        let entry = Entry::new(Level::INFO, "handshakes-failed", message).with("count", unsaid);
        (unsaid > 0).then_some(entry)
    }
}

/// Passes the events of the libraries to `write` as entries, and counts failed handshakes.
///
/// tracing-subscriber 0.3 does not fit:
///
/// - its JSON has the keys `timestamp` and `target`, and no `null`, arrays or objects as values;
/// - it does not escape C1 and bidirectional controls;
/// - its registry is for spans, and the libraries use none.
pub(super) struct LibraryEvents<W> {
    pub(super) write: Arc<W>,
    pub(super) handshake_failures: Arc<HandshakeFailures>,
}

impl<W: Fn(&Entry) + Send + Sync + 'static> LibraryEvents<W> {
    /// Counts a failed handshake by reason. Returns whether to log a line about it.
    fn count(&self, reason: &str) -> bool {
        self.handshake_failures.count(reason);
        let shown = self.handshake_failures.show(Instant::now());
        if shown == Shown::FirstUnsaid {
            let (failures, write) = (Arc::clone(&self.handshake_failures), Arc::clone(&self.write));
            // If no thread can be started, `Log::close` logs the count at the end.
            let _ = thread::Builder::new().name("handshakes".into()).spawn(move || {
                thread::sleep(WINDOW);
                failures.unsaid().iter().for_each(|entry| write(entry));
            });
        }
        shown == Shown::Line
    }
}

impl<W: Fn(&Entry) + Send + Sync + 'static> Subscriber for LibraryEvents<W> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let unsaid = fields.failed_handshake().any(|reason| !self.count(reason));
        if unsaid {
            return;
        }
        (self.write)(&fields.into_entry(*event.metadata().level()));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of one `tracing` event.
#[derive(Default)]
struct Fields {
    event: Option<String>,
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn into_entry(self, level: Level) -> Entry {
        let is_named = self.event.is_some();
        let event = self.event.map_or(Cow::Borrowed("notice"), Cow::Owned);
        let entry = Entry::new(level, event, self.message);
        let entry =
            self.others.into_iter().fold(entry, |entry, (key, value)| entry.with(key, value));
        // The message of a named event already contains its fields.
        if is_named { entry } else { entry.with_visible_fields() }
    }

    /// Returns the reason of a failed handshake; nothing for other events.
    fn failed_handshake(&self) -> impl Iterator<Item = &str> {
        let is_one = self.event.as_deref() == Some(HANDSHAKE_FAILED);
        let reasons = self.others.iter().filter(move |(key, _)| is_one && *key == "reason");
        reasons.filter_map(|(_, reason)| reason.as_str())
    }

    fn push(&mut self, field: &Field, value: impl Into<Value>) {
        self.others.push((field.name(), value.into()));
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => self.event = Some(value.to_owned()),
            _ => self.push(field, value),
        }
    }

    /// Receives messages, and all values that an event records with `Display`.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            // Writing to a string cannot fail.
            "message" => drop(write!(self.message, "{value:?}")),
            _ => self.push(field, format!("{value:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failed_handshakes_have_lines_and_the_others_a_count() {
        let failures = HandshakeFailures::default();
        let now = Instant::now();
        for _ in 0..LINES {
            assert_eq!(failures.show(now), Shown::Line);
        }
        assert_eq!(failures.show(now), Shown::FirstUnsaid);
        assert_eq!(failures.show(now + WINDOW), Shown::Unsaid, "the count comes first");
        let said = failures.unsaid().unwrap().to_string();
        assert_eq!(said, "2 more handshakes failed within a second");
        assert!(failures.unsaid().is_none());
        assert_eq!(failures.show(now + WINDOW), Shown::Line);
        failures.hide();
        assert_eq!(failures.show(now + WINDOW), Shown::Unsaid);
        assert!(failures.unsaid().is_none());
    }
}
