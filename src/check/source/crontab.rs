//! Tables of cron: each line has a time, and the command that runs at it.
//!
//! ```text
//! line     variable / time blanks [ user blanks ] command [ "%" input ]
//! variable name *blank "=" *blank value
//! time     "@" word / 5( field blanks )
//! ```
//!
//! Described in `crontab(5)`. System tables have a user before the command: a word that is not the
//! name of a known program.

use super::command::CommandLines;
use super::context::Context;
use super::format::Format;
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "crontab",
    files: &["crontab", "crontab.*", "*.cron", "*.crontab", "cron.d/*", "crontabs/*"],
    commands: true,
    find,
    ..Format::NEW
};

/// The number of fields that the time of a line has, from minutes to days of the week.
const FIELDS: usize = 5;

/// The quoting of a variable's value. It refuses `%` and quotation marks, which would end the text.
const VALUE: Quoting = Quoting(|text| {
    let fits = |byte: &u8| !byte.is_ascii_control() && !b"\"'%".contains(byte);
    text.iter().all(fits).then(|| text.to_vec())
});

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !lines.may_be_in(file) {
        return Vec::new();
    }
    let mut start = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.trim_ascii_end().len();
        let text = line.trim_ascii();
        let begin = start + line.len() - line.trim_ascii_start().len();
        start += line.len();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        if let Some((name, value)) = variable(text) {
            let mut it = Embedded::new(None, VALUE);
            it.template(file, begin + value.start..begin + value.end, Styles::TEMPLATE);
            lines.variable(name, &it);
            continue;
        }
        let Some(command) = behind_time(text) else { continue };
        let end = begin + length_of_command(&text[..end - begin]);
        for skipped in [command, command + word(&text[command..])] {
            let place = begin + skipped..end;
            if !place.is_empty() && lines.shell_finds(&Embedded::plain(file, place, None)) {
                break;
            }
        }
    }
    lines.found()
}

/// The name of the variable that a line sets, and the range of its value without quotation marks
/// around it. `None` if the line sets no variable.
fn variable(line: &[u8]) -> Option<(&[u8], std::ops::Range<usize>)> {
    let length =
        line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let behind = line[length..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let start = line.len() - behind.len();
    let is_quoted =
        behind.len() > 1 && matches!(behind[0], b'"' | b'\'') && behind.last() == behind.first();
    let inset = usize::from(is_quoted);
    (length > 0).then(|| (&line[..length], start + inset..line.len() - inset))
}

/// The byte offset of the text after the time; `None` if the line does not begin with one.
fn behind_time(line: &[u8]) -> Option<usize> {
    let fields = if line.starts_with(b"@") { 1 } else { FIELDS };
    let is_time = |field: &[u8]| {
        field.starts_with(b"@")
            || field.iter().all(|byte| byte.is_ascii_alphanumeric() || b"*/,-~?".contains(byte))
    };
    let mut at = 0;
    for _ in 0..fields {
        let length = word(&line[at..]);
        if !is_time(line[at..at + length].trim_ascii_end()) {
            return None;
        }
        at += length;
    }
    (at < line.len()).then_some(at)
}

/// The length in bytes of the first word, with the blanks after it.
fn word(text: &[u8]) -> usize {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    text.len() - text[end..].trim_ascii_start().len()
}

/// The length in bytes of a line up to its first `%`, which ends the command. `\%` is a percent
/// sign.
fn length_of_command(line: &[u8]) -> usize {
    let mut marks = memchr::memchr_iter(b'%', line);
    let end = marks.find(|at| *at == 0 || line[at - 1] != b'\\');
    end.unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::texts;

    #[test]
    fn commands_and_variables_are_found() {
        let file = b"# m h * * * daphne -e no\nCOWRIE_SSH_LISTEN_ENDPOINTS = \"tcp:1 tcp:2\"\n\
            @reboot daphne -e tcp:3 a\n*/5 0-4 * jan,feb mon\tcd /x && daphne -e tcp:4 a%input\n\
            @reboot root daphne -e tcp:5 a\r\n0 0 * * * www  /usr/bin/twist web --listen tcp:6\n\
            0 0 * * daphne -e no\n@reboot\nx y\n";
        let wanted = ["tcp:1", "tcp:2", "tcp:3", "tcp:4", "tcp:5", "tcp:6"];
        assert_eq!(texts(&FORMAT, "cron.d/a", file), wanted);
    }
}
