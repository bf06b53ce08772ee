//! What the library says through `tracing`, as lines of the log.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::Log;
use super::entry::{Entry, Level};

/// The log of the command that runs.
static LOG: Mutex<Option<Log>> = Mutex::new(None);

/// How many handshakes of listeners have failed, by reason: nothing but an event tells of them.
static FAILED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

const HANDSHAKE_FAILED: &str = "handshake-failed";

/// Has `log` say what the library says from now on.
pub(super) fn listen(log: Log) {
    *LOG.lock().unwrap_or_else(PoisonError::into_inner) = Some(log);
    // Whoever uses the command as a library may have set another one, and wants that one.
    let _ = tracing::subscriber::set_global_default(Library);
}

/// How many handshakes of listeners have failed in this process, by reason.
pub(in crate::cli) fn failed_handshakes() -> BTreeMap<String, u64> {
    FAILED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Everything but spans, of which the library has none.
struct Library;

impl Subscriber for Library {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            _ => Level::Info,
        };
        let mut said = Said::default();
        event.record(&mut said);
        said.count();
        if let Some(log) = log.filter(|log| log.takes(level)) {
            log.say(&said.entry(level));
        }
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
struct Said {
    event: Option<String>,
    message: String,
    fields: Vec<(&'static str, Value)>,
}

impl Said {
    fn entry(self, level: Level) -> Entry {
        let is_named = self.event.is_some();
        let event = self.event.map_or(Cow::Borrowed("notice"), Cow::Owned);
        let entry = Entry::new(level, event, self.message);
        let entry =
            self.fields.into_iter().fold(entry, |entry, (key, value)| entry.with(key, value));
        // What has a name has its facts in its message, as far as people want them.
        if is_named { entry } else { entry.showing_fields() }
    }

    fn count(&self) {
        if self.event.as_deref() != Some(HANDSHAKE_FAILED) {
            return;
        }
        let reasons = self.fields.iter().filter(|(key, _)| *key == "reason");
        for reason in reasons.filter_map(|(_, reason)| reason.as_str()) {
            let mut failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
            *failed.entry(reason.to_owned()).or_default() += 1;
        }
    }

    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.fields.push((field.name(), value.into()));
    }
}

impl Visit for Said {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => self.event = Some(value.to_owned()),
            _ => self.put(field, value),
        }
    }

    /// Messages, and what the library has as `Display`, come this way too.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            // Nothing in memory refuses text.
            "message" => drop(write!(self.message, "{value:?}")),
            _ => self.put(field, format!("{value:?}")),
        }
    }
}
