//! One entry of the log, as a line for people or as a JSON object.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::time::SystemTime;

use serde::Serializer;
use serde_json::Value;
use strports_syntax::PrintableChar;
use tracing::Level;

use crate::cli::args::LogFormat;
use crate::cli::report::Shown;

/// One entry of the log: an event with its level, message and fields.
pub(in crate::cli) struct Entry {
    pub(super) level: Level,
    /// The kind of event, by which programs select entries: the key `event` in JSON.
    event: Cow<'static, str>,
    /// The message, for people: the key `message` in JSON.
    message: String,
    fields: Vec<(&'static str, Value)>,
    /// Whether lines for people also show the fields, because the message does not contain them.
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

    /// Adds a field. By default only JSON lines show it.
    pub(in crate::cli) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((key, value.into()));
        self
    }

    /// Shows the fields after the message in lines for people too.
    pub(super) fn with_visible_fields(self) -> Self {
        Self { shows_fields: true, ..self }
    }

    /// Formats the entry as a line that ends with a line feed. Control characters are escaped.
    pub(super) fn line(&self, format: LogFormat) -> Vec<u8> {
        let mut line = match format {
            LogFormat::Human => Shown::whole(self.text().as_bytes()).text().to_owned(),
            LogFormat::Json => self.json(SystemTime::now()),
        };
        line.push('\n');
        line.into_bytes()
    }

    fn text(&self) -> String {
        let mut text = self.message.clone();
        for (key, value) in self.fields.iter().filter(|_| self.shows_fields) {
            // Writing to a string cannot fail.
            let _ = match value {
                Value::String(value) => write!(text, " {key}={value}"),
                value => write!(text, " {key}={value}"),
            };
        }
        text
    }

    fn json(&self, now: SystemTime) -> String {
        let common: [(&str, Value); 4] = [
            ("time", humantime::format_rfc3339_micros(now).to_string().into()),
            ("level", self.level.as_str().to_ascii_lowercase().into()),
            ("event", (*self.event).into()),
            ("message", (*self.message).into()),
        ];
        let pairs = common.iter().chain(&self.fields).map(|(key, value)| (key, value));
        let mut line = Vec::new();
        // Strings and numbers always serialize, and writing to a `Vec` cannot fail.
        let _ = serde_json::Serializer::new(&mut line).collect_map(pairs);
        escape_controls(&String::from_utf8_lossy(&line))
    }
}

/// Formats only the message, without level and fields.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Escapes characters that are valid in JSON strings but affect a terminal, such as C1 controls.
///
/// In JSON these characters occur only in strings, so the value does not change.
fn escape_controls(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        if is_control(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(char);
        }
    }
    escaped
}

/// Whether a character outside ASCII affects a terminal, so that [`Shown`] escapes it.
fn is_control(char: char) -> bool {
    char > '~' && PrintableChar::Char(char).is_escaped()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn entry() -> Entry {
        Entry::new(Level::WARN, "notice", "a\x1b[1m\n\u{9b}\u{202e}é").with("bytes", 7)
    }

    #[test]
    fn a_human_line_is_one_line_without_controls() {
        let line = String::from_utf8(entry().line(LogFormat::Human)).unwrap();
        assert_eq!(line, "a\\u{1b}[1m\\n\\u{9b}\\u{202e}é\n");
    }

    #[test]
    fn a_json_line_has_the_time_and_the_exact_text_without_controls() {
        let line = entry().json(UNIX_EPOCH + Duration::from_micros(1_790_000_000_000_001));
        assert_eq!(
            line,
            "{\"time\":\"2026-09-21T14:13:20.000001Z\",\"level\":\"warn\",\"event\":\"notice\",\
             \"message\":\"a\\u001b[1m\\n\\u009b\\u202eé\",\"bytes\":7}"
        );
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["message"], entry().message);
    }
}
