//! One thing to say, and the line that it becomes.

use std::borrow::Cow;
use std::time::SystemTime;
use std::{fmt, io};

use clap::ValueEnum;
use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::cli::report::Shown;

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// What happened, in words
    Human,
    /// One JSON object a line, with the time
    Json,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One thing to say.
pub(in crate::cli) struct Entry {
    pub(super) level: Level,
    /// What kind of thing it is, for programs.
    event: Cow<'static, str>,
    /// The same for people.
    message: String,
    fields: Vec<(Cow<'static, str>, Value)>,
    /// People see the facts too, because the message does not say them.
    shows_fields: bool,
}

impl Entry {
    pub(in crate::cli) fn new(
        level: Level,
        event: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let (event, message) = (event.into(), message.into());
        Self { level, event, message, fields: Vec::new(), shows_fields: false }
    }

    /// The same with a fact about it, which only programs see apart from the message.
    pub(in crate::cli) fn with(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<Value>,
    ) -> Self {
        self.fields.push((key.into(), value.into()));
        self
    }

    /// The same, with the facts behind the message for people too.
    pub(super) fn showing_fields(self) -> Self {
        Self { shows_fields: true, ..self }
    }

    /// A line and its end. What others wrote in it controls no terminal.
    pub(super) fn line(&self, format: Format) -> Vec<u8> {
        let mut line = match format {
            Format::Human => Shown::whole(self.words().as_bytes()).text().as_bytes().to_vec(),
            Format::Json => self.json(SystemTime::now()),
        };
        line.push(b'\n');
        line
    }

    fn words(&self) -> Cow<'_, str> {
        if !self.shows_fields {
            return Cow::Borrowed(&self.message);
        }
        let fields = self.fields.iter().map(|(key, value)| match value {
            Value::String(text) => format!(" {key}={text}"),
            other => format!(" {key}={other}"),
        });
        Cow::Owned(std::iter::once(self.message.clone()).chain(fields).collect())
    }

    fn json(&self, now: SystemTime) -> Vec<u8> {
        let mut line = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut line, Harmless);
        // Writing strings and numbers into memory does not fail.
        let _ = self.write_into(&mut serializer, now);
        line
    }

    fn write_into(
        &self,
        serializer: impl Serializer<Ok = (), Error = serde_json::Error>,
        now: SystemTime,
    ) -> serde_json::Result<()> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &humantime::format_rfc3339_micros(now).to_string())?;
        map.serialize_entry("level", self.level.as_str())?;
        map.serialize_entry("event", &self.event)?;
        map.serialize_entry("message", &self.message)?;
        for (key, value) in &self.fields {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// The message.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// JSON whose strings hold nothing that a terminal obeys, though JSON would let it stand: the same string to whoever
/// reads it.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((index, char)) = rest.char_indices().find(|(_, char)| controls(*char)) {
            CompactFormatter.write_string_fragment(writer, &rest[..index])?;
            write!(writer, "\\u{:04x}", u32::from(char))?;
            rest = &rest[index + char.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}

/// What JSON may hold as it is, and [`Shown`] replaces.
fn controls(char: char) -> bool {
    let mut buffer = [0; 4];
    let text: &str = char.encode_utf8(&mut buffer);
    char > '~' && Shown::whole(text.as_bytes()).text() != text
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn entry() -> Entry {
        Entry::new(Level::Warn, "notice", "a\x1b[1m\n\u{9b}\u{202e}é").with("bytes", 7)
    }

    #[test]
    fn a_line_for_people_is_one_and_controls_nothing() {
        let line = String::from_utf8(entry().line(Format::Human)).unwrap();
        assert_eq!(line, "a␛[1m␊\u{fffd}\u{fffd}é\n");
    }

    #[test]
    fn a_line_for_programs_says_when_and_is_exact_though_it_controls_nothing() {
        let line = entry().json(UNIX_EPOCH + Duration::from_micros(1_790_000_000_000_001));
        let line = String::from_utf8(line).unwrap();
        assert_eq!(
            line,
            "{\"time\":\"2026-09-21T14:13:20.000001Z\",\"level\":\"warn\",\"event\":\"notice\",\
             \"message\":\"a\\u001b[1m\\n\\u009b\\u202eé\",\"bytes\":7}"
        );
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["message"], entry().message);
    }
}
