//! Units of systemd: the commands of `ExecStart=` and similar settings in `[Service]`.
//!
//! ```text
//! command  *( "@" / "-" / ":" / "+" / "!" / "|" ) word *( blanks word )
//!          *( blanks ";" blanks command )
//! word     1*( plain / escape / "'" … "'" / DQUOTE … DQUOTE / "%" letter / "${" name "}" )
//! escape   "\" and an escape of C, "\s", "%%", "$$"
//! ```
//!
//! The syntax is described in `systemd.service(5)`, "Command lines". A line that ends with a
//! backslash continues on the next line that is not a comment.

use super::bounds;
use super::c_escapes::escape;
use super::command::CommandLines;
use super::context::Context;
use super::cursor::Cursor;
use super::format::{Comment, Format, Templates};
use super::placeholder::{self, Found, Styles};
use crate::check::embedded::{Embedded, Expander, Quoting};
use endpoint_runtime::plan::preflight::Start;
use strports_syntax::Span;

pub(super) static FORMAT: Format = Format {
    name: "systemd",
    files: &["*.service", "*.service.d/*.conf"],
    comments: &[Comment::HASH, Comment::SEMICOLON],
    commands: true,
    find,
    templates: Templates::Always,
    ..Format::NEW
};

/// The settings of `[Service]` whose values are command lines.
const KEYS: &[&[u8]] = &[
    b"ExecCondition",
    b"ExecStartPre",
    b"ExecStart",
    b"ExecStartPost",
    b"ExecReload",
    b"ExecStop",
    b"ExecStopPost",
];

/// Settings that change the root directory, so that paths do not refer to files of this machine.
const ROOTS: &[&[u8]] = &[b"RootDirectory", b"RootImage"];

/// The maximum length of `${NAME}` in bytes.
const LONGEST: usize = 256;

/// How the words in the value of a setting are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// A command line, in which variables are expanded.
    Command,
    /// Variables of the environment, in whose values `$` is text.
    Environment,
}

impl Words {
    /// The quoting of text in a word; `is_quoted` is whether quotation marks surround it.
    const fn quoting(self, is_quoted: bool) -> Quoting {
        match (self, is_quoted) {
            (Self::Command, false) => Quoting(|text| quote(text, b" ", b"$%")),
            (Self::Command, true) => Quoting(|text| quote(text, b"", b"$%")),
            (Self::Environment, false) => Quoting(|text| quote(text, b" ", b"%")),
            (Self::Environment, true) => Quoting(|text| quote(text, b"", b"%")),
        }
    }
}

/// Quotes a text: the bytes in `blanks` become `\s`, and those in `doubled` are doubled. `None` if
/// the text has control characters.
fn quote(text: &[u8], blanks: &[u8], doubled: &[u8]) -> Option<Vec<u8>> {
    let mut quoted = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            _ if byte.is_ascii_control() => return None,
            _ if blanks.contains(byte) => quoted.extend(b"\\s"),
            b'\\' | b'"' | b'\'' => quoted.extend([b'\\', *byte]),
            _ if doubled.contains(byte) => quoted.extend([*byte, *byte]),
            _ => quoted.push(*byte),
        }
    }
    Some(quoted)
}

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !context.is_own() && !lines.may_be_in(file) {
        return Vec::new();
    }
    let (mut has_section, mut in_service) = (false, false);
    let mut broken = None;
    let mut start = Some(Start::Unknown);
    each_logical_line(file, |line| {
        let text = line.text().trim_ascii();
        if text.starts_with(b"[") {
            (has_section, in_service) = (true, text == b"[Service]");
            return;
        }
        let equals = memchr::memchr(b'=', line.text()).filter(|_| has_section);
        let Some(equals) = equals else {
            if !text.is_empty() && broken.is_none() {
                broken = Some((line.whole().start, "this is no setting in a section"));
            }
            return;
        };
        if !in_service {
            return;
        }
        let (key, value) =
            (line.text()[..equals].trim_ascii(), line.text()[equals + 1..].trim_ascii());
        if key == b"Environment" {
            each_command(line, equals + 1, Words::Environment, |words| lines.set(words));
        } else if KEYS.contains(&key) {
            let ends = each_command(line, equals + 1, Words::Command, |words| {
                lines.words(words);
            });
            if !ends && broken.is_none() {
                broken = Some((line.whole().start, "a quotation mark in this line has no end"));
            }
        } else if key == b"WorkingDirectory" && start.is_some() {
            start = Some(directory(value));
        } else if ROOTS.contains(&key) && !value.is_empty() {
            start = None;
        }
    });
    if let Some((at, why)) = broken {
        context.broken(at, FORMAT.name, why);
    }
    let mut found = lines.found();
    for it in &mut found {
        it.start.clone_from(&start);
    }
    found
}

/// The directory at which relative paths begin, from the value of `WorkingDirectory=`.
///
/// Without it, a system service starts in `/` and a user service in the home directory. The file
/// does not determine which of them it is.
fn directory(value: &[u8]) -> Start {
    let path = value.strip_prefix(b"-").unwrap_or(value);
    match std::str::from_utf8(path) {
        Ok(path) if path.starts_with('/') && !path.contains(['%', '\\', '"', '\'']) => {
            Start::At(path.into())
        }
        _ => Start::Unknown,
    }
}

/// Calls `each` with every line of a file, joined with its continuation lines. Comments are left
/// out.
fn each_logical_line(file: &[u8], mut each: impl FnMut(&Embedded)) {
    let mut line = Embedded::new(None, Quoting::PLAIN);
    let mut start = 0;
    for whole in file.split_inclusive(|byte| *byte == b'\n') {
        let place = start;
        start += whole.len();
        let text = whole.strip_suffix(b"\n").unwrap_or(whole);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if matches!(text.trim_ascii_start().first(), Some(b'#' | b';')) {
            continue;
        }
        let end = place + text.len();
        if text.ends_with(b"\\") {
            line.verbatim(file, place..end - 1);
            line.escape(b" ", end - 1..end);
        } else {
            line.verbatim(file, place..end);
            each(&std::mem::replace(&mut line, Embedded::new(None, Quoting::PLAIN)));
        }
    }
    each(&line);
}

/// Calls `command` with the words of each command line in a value that starts at `start` of the
/// line. Returns false if a quotation mark has no end.
fn each_command(
    line: &Embedded,
    start: usize,
    kind: Words,
    mut command: impl FnMut(&[Embedded]),
) -> bool {
    let mut cursor = Cursor::new(line, start);
    let mut words = bounds::Words::default();
    let mut renamed = false;
    let mut ends = true;
    while !cursor.rest().trim_ascii_start().is_empty() {
        let Some((raw, word)) = word(&mut cursor, kind) else {
            ends = false;
            break;
        };
        if kind == Words::Environment {
            words.push(word);
            continue;
        }
        if raw == b";" {
            command(&words);
            words.clear();
        } else if words.is_empty() {
            let marks = word.text().iter().take_while(|byte| b"@-:+!|".contains(byte)).count();
            renamed = word.text()[..marks].contains(&b'@');
            words.push(word.part(Span::new(marks, word.text().len())));
        } else if renamed {
            // After `@`, the second word is the `argv[0]` of the program, not an argument.
            renamed = false;
        } else {
            words.push(word);
        }
    }
    command(&words);
    ends
}

/// The source text and the value of the next word; `None` if a quotation mark in it has no end.
fn word<'l>(cursor: &mut Cursor<'l>, kind: Words) -> Option<(&'l [u8], Embedded)> {
    cursor.at += cursor.rest().len() - cursor.rest().trim_ascii_start().len();
    let start = cursor.at;
    let mut word = Embedded::new(None, kind.quoting(false));
    let mut open = None;
    cursor.rest().first()?;
    if cursor.rest().split(u8::is_ascii_whitespace).next() == Some(b"\\;") {
        cursor.read_escape(&mut word, b";", 2);
    }
    while let Some(byte) = cursor.rest().first() {
        match (byte, open) {
            (b' ' | b'\t', None) => break,
            (b'"' | b'\'', None) => {
                open = Some(*byte);
                cursor.read_quote(&mut word, kind.quoting(true));
            }
            (byte, Some(quote)) if *byte == quote => {
                open = None;
                word.quoted(kind.quoting(false));
                cursor.at += 1;
            }
            (b'\\', _) => escaped(cursor, &mut word),
            (b'%' | b'$', _) => special(cursor, &mut word, kind),
            _ => plain(cursor, &mut word, 1),
        }
    }
    // systemd rejects a line with an unclosed quote.
    open.is_none().then(|| (cursor.since(start), word))
}

fn plain(cursor: &mut Cursor<'_>, word: &mut Embedded, least: usize) {
    cursor.read_plain(word, least, |byte| b" \t\"'\\%$".contains(&byte));
}

fn escaped(cursor: &mut Cursor<'_>, word: &mut Embedded) {
    let (length, meaning) = match cursor.rest().get(1) {
        Some(b's') => (2, b" ".to_vec()),
        // Unknown escapes stay in the text, including the backslash.
        Some(b'e' | b'E' | b'?') | None => return plain(cursor, word, 1),
        Some(_) => escape(cursor.rest()),
    };
    if meaning == cursor.rest()[..length] {
        return plain(cursor, word, length);
    }
    cursor.read_escape(word, &meaning, length);
}

fn special(cursor: &mut Cursor<'_>, word: &mut Embedded, kind: Words) {
    let rest = cursor.rest();
    if kind == Words::Environment && rest[0] == b'$' {
        let variable = placeholder::first(rest, Styles::SHELL).unwrap_or_default();
        if placeholder::is_variable(&rest[..variable]) {
            cursor.read_unexpanded(word, variable, Expander::SystemdEnvironment);
        } else {
            plain(cursor, word, 1);
        }
        return;
    }
    let found = match (rest[0], rest.get(1)) {
        (b'%' | b'$', Some(next)) if *next == rest[0] => Some((2, Found::Escape(rest[0]))),
        (b'%', Some(next)) if next.is_ascii_alphabetic() => Some((2, Found::Unknown)),
        (b'$', Some(b'{')) => {
            let name = rest.iter().take(LONGEST).take_while(|byte| !b"} \t".contains(byte));
            let length = name.count();
            (rest.get(length) == Some(&b'}')).then_some((length + 1, Found::Unknown))
        }
        (b'$', Some(next)) if next.is_ascii_alphabetic() || *next == b'_' => {
            let name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
            Some((1 + rest[1..].iter().take_while(name).count(), Found::Unknown))
        }
        _ => None,
    };
    let Some((length, found)) = found else { return plain(cursor, word, 1) };
    // systemd expands a variable without braces only if it is a whole word.
    let ends = rest.get(length).is_none_or(u8::is_ascii_whitespace);
    let is_bare = rest[0] == b'$' && rest[1] != b'{' && rest[1] != b'$';
    if is_bare && !(ends && word.text().is_empty()) && rest.get(length) != Some(&b'"') {
        return cursor.read_unexpanded(word, length, Expander::Systemd);
    }
    match found {
        Found::Unknown => cursor.read_unknown(word, length),
        Found::Escape(byte) => cursor.read_escape(word, &[byte], length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};

    #[track_caller]
    fn texts_of(value: &str) -> Vec<String> {
        texts(&FORMAT, "a.service", format!("[Service]\nExecStart={value}\n").as_bytes())
    }

    #[test]
    fn keys_of_services_are_found() {
        let file = "[Unit]\nExecStart=daphne -e no\n[Service]\n# ExecStart=daphne -e no\n\
            Environment=X=daphne\nExecStartPre=-/usr/bin/daphne -e tcp:1\n ExecStart = \
            @/usr/bin/daphne web -e \\\n  # no\n  tcp:2 \\\r\n ; no\n\t-e tcp:3\n\n[Install]\n\
            ExecStart=daphne -e no";
        assert_eq!(texts(&FORMAT, "a.service", file.as_bytes()), ["tcp:1", "tcp:2", "tcp:3"]);
    }

    #[test]
    fn systemd_quoting_is_read() {
        assert_eq!(
            texts_of(r#"daphne -e "tcp:\x38:a=\:\\:" --endpoint=unix:'/a b'\s%%$$\;"#),
            [r"tcp:8:a=\:\:", r"unix:/a b %$\;"]
        );
        assert_eq!(texts_of("daphne -e tcp:%i:a=${A}:b=$B:%"), ["tcp:1:a=1:b=1:%"]);
        assert_eq!(
            texts_of("daphne -e a:1 ; /bin/sh -c 'exec daphne -e \"b:$$P\"' ; x"),
            ["a:1", "b:1"]
        );
    }

    #[test]
    fn fixes_keep_the_quoting() {
        let file = b"[Service]\nExecStart=daphne -e tcp:80:interface=::1 -e 'tcp:81'\n";
        let found = find(&FORMAT, "a.service", file);
        let quote = |index: usize, text: &[u8]| {
            let it: &Embedded = &found[index];
            String::from_utf8(it.quote(Span::new(0, 3), text).unwrap()).unwrap()
        };
        assert_eq!(quote(0, br"\:\: '%$"), r"\\:\\:\s\'%%$$");
        assert_eq!(quote(1, br"\:\: "), r"\\:\\: ");
    }

    #[test]
    fn relative_paths_start_at_the_working_directory() {
        let start = |lines: &str| {
            let file = format!("[Service]\nExecStart=daphne -e tcp:1\n{lines}\n");
            find(&FORMAT, "a.service", file.as_bytes())[0].start.clone()
        };
        let at = Some(Start::At("/srv/a b".into()));
        assert_eq!(start("WorkingDirectory=-/srv/a b"), at);
        assert_eq!(start("WorkingDirectory=/srv\nRootDirectory=/x"), None);
        for unknown in ["", "WorkingDirectory=~", "WorkingDirectory=/srv/%i"] {
            assert_eq!(start(unknown), Some(Start::Unknown), "{unknown}");
        }
    }

    #[test]
    fn an_unterminated_quote_has_no_description() {
        for value in ["daphne -e 'tcp:1", "daphne -e \"", "daphne -e", "", ";", "@", "\\", "%", "$"]
        {
            assert_eq!(texts_of(value), [""; 0], "{value}");
        }
    }
}
