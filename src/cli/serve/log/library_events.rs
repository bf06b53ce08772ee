//! The `tracing` events of the libraries, as entries of the log.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::entry::Entry;
use crate::cli::serve::mutex::lock;

/// The event of a handshake that a listener gave up; nothing else reports it.
const HANDSHAKE_FAILED: &str = "handshake-failed";

/// How many handshakes of listeners have failed, by reason.
#[derive(Debug, Default)]
pub(super) struct HandshakeFailures(Mutex<BTreeMap<String, u64>>);

impl HandshakeFailures {
    fn count(&self, reason: &str) {
        *lock(&self.0).entry(reason.to_owned()).or_default() += 1;
    }

    pub(super) fn by_reason(&self) -> BTreeMap<String, u64> {
        lock(&self.0).clone()
    }
}

/// Passes the events of the libraries to `write` as entries, and counts failed handshakes.
///
/// tracing-subscriber 0.3 does not fit: its JSON has the keys `timestamp` and `target`, and no
/// `null`, arrays or objects as values; it leaves C1 and bidirectional controls unescaped. Its
/// registry is for spans, and the libraries open none.
pub(super) struct LibraryEvents<W> {
    pub(super) write: W,
    pub(super) handshake_failures: Arc<HandshakeFailures>,
}

impl<W: Fn(&Entry) + 'static> Subscriber for LibraryEvents<W> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        for reason in fields.failed_handshake() {
            self.handshake_failures.count(reason);
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

/// The fields of one event.
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
        // The message of a named event already says what its fields hold.
        if is_named { entry } else { entry.with_visible_fields() }
    }

    /// Why a handshake failed, if this is such an event.
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

    /// Also takes messages, and what an event records with `Display`.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            // Writing into a string does not fail.
            "message" => drop(write!(self.message, "{value:?}")),
            _ => self.push(field, format!("{value:?}")),
        }
    }
}
