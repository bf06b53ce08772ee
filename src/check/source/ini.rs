//! INI files in the syntax of Python's `configparser`.
//!
//! The reader finds the values of keys that the configuration names, and the command lines of
//! supervisors.
//!
//! ```text
//! section       "[" name "]"
//! value         key ( "=" / ":" ) text
//! continuation  a line with more blanks before it than its key has
//! comment       a line that begins with ";" or "#"; after a value only after a blank
//! ```

use std::ops::Range;

use super::bounds::Found;
use super::command::CommandLines;
use super::context::Context;
use super::format::{Comment, Format, Templates};
use super::key_path::KeyPath;
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Expander, Quoting};
use crate::check::prefilter::begins_with_type;

pub(super) static FORMAT: Format = Format {
    name: "ini",
    files: &["*.ini", "*.cfg", "*.conf"],
    comments: &[Comment::HASH, Comment::SEMICOLON],
    commands: true,
    find,
    templates: Templates::Own,
    ..Format::NEW
};

/// The styles of placeholders in command lines: `%(ENV_PORT)s` of supervisord, and templates.
const IN_COMMANDS: Styles = Styles::PERCENT.and(Styles::TEMPLATE);

/// The styles of placeholders in the commands of tox: `{envname}`, and templates.
const IN_TOX: Styles = Styles::BRACES.and(Styles::TEMPLATE);

/// The quoting of a value. Text that would be read as a placeholder or a comment is refused, and so
/// is surrounding white space, which is dropped.
const QUOTING: Quoting = Quoting(|text| {
    let is_trimmed = text.trim_ascii() == text;
    let fits = |byte: &u8| !byte.is_ascii_control() && !b"%$".contains(byte);
    let mut blanks = text.split(u8::is_ascii_whitespace);
    let comment = blanks.any(|word| word.starts_with(b"#") || word.starts_with(b";"));
    (text.iter().all(fits) && is_trimmed && !comment).then(|| text.to_vec())
});

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut found = Found::default();
    if is_upstart(file) && context.names.are_in(file) {
        let mut lines = CommandLines::new(context, file, 0);
        lines.shell(&Embedded::plain(file, 0..file.len(), None));
        return lines.found();
    }
    // Unit 0 is the program that reads the file. Each command line starts another program.
    let mut unit = 1;
    let broken = each(file, |path, lines| {
        if let Some(key) = context.key(path) {
            found.extend(key.descriptions(value(file, lines), Styles::ANY));
        } else if let Some(key) = context.key_of_section(path.last()).filter(|_| path.len() == 1) {
            let mut parts = key.descriptions(value(file, lines), Styles::ANY);
            parts.retain(|it| begins_with_type(it.text()));
            found.extend(parts);
        } else if is_environment(path.last()) {
            let mut commands = CommandLines::new(context, file, unit);
            commands.environment(&value(file, lines).with_placeholders(IN_COMMANDS));
            found.extend(commands.found());
        } else if let Some(section) = section_of_command(path) {
            let mut commands = CommandLines::new(context, file, unit);
            let styles = if section.starts_with("testenv") { IN_TOX } else { IN_COMMANDS };
            let text = value(file, lines).with_placeholders(styles);
            let is_bare = ["program:", "fcgi-program:"].iter().any(|it| section.starts_with(it));
            commands.shell(&if is_bare {
                text.with_unexpanded(Expander::Supervisor)
            } else {
                text
            });
            let more = commands.found();
            unit = more.iter().filter_map(|it| it.unit).max().map_or(unit, |last| last + 1);
            found.extend(more);
        }
    });
    if let Some(at) = broken {
        context.broken(at, FORMAT.name, "this is neither a section nor a key with a value");
    }
    found.into_vec()
}

/// Prefixes of sections, and their keys with command lines: those of supervisord, circus, tox and
/// uWSGI, and those of desktop files.
const COMMANDS: [(&str, &str); 11] = [
    ("program:", "command"),
    ("fcgi-program:", "command"),
    ("eventlistener:", "command"),
    ("watcher:", "cmd"),
    ("testenv", "commands"),
    ("testenv", "commands_pre"),
    ("testenv", "commands_post"),
    ("uwsgi", "attach-daemon"),
    ("uwsgi", "attach-daemon2"),
    ("uwsgi", "exec-asap"),
    ("Desktop Entry", "exec"),
];

/// The name of the section, if the value of the key at `path` is a command line there.
fn section_of_command(path: &KeyPath) -> Option<&str> {
    let key = path.last();
    let mut names = COMMANDS.iter().filter(|(_, name)| *name == key).peekable();
    names.peek()?;
    let section = path.names().next().filter(|_| path.len() == 2)?;
    names.any(|(kind, _)| section.starts_with(kind)).then_some(section)
}

/// Whether a `*.conf` file is a job of upstart, which has stanzas instead of keys and is read like
/// a script.
fn is_upstart(file: &[u8]) -> bool {
    let begins = |line: &[u8]| {
        ["start on ", "stop on ", "exec ", "respawn", "script", "pre-start "]
            .iter()
            .any(|stanza| line.starts_with(stanza.as_bytes()))
    };
    let mut lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    !file.trim_ascii_start().starts_with(b"[") && lines.any(begins)
}

/// Whether the value of a key sets environment variables: `environment=` of supervisord, `setenv =`
/// of tox.
fn is_environment(key: &str) -> bool {
    matches!(key, "environment" | "setenv" | "set_env")
}

/// The value on these lines of the file, as the program reads it: with line feeds between them.
pub(super) fn value(file: &[u8], lines: &[Range<usize>]) -> Embedded {
    let mut it = Embedded::new(None, QUOTING).in_unit(0);
    let mut end = None;
    for line in lines {
        if let Some(end) = end {
            it.escape(b"\n", end..line.start);
        }
        it.verbatim(file, line.clone());
        end = Some(line.end);
    }
    it
}

/// Calls `each` with every value of a file: its section and key, and the ranges of its lines
/// without surrounding white space.
///
/// Returns the byte offset of the first line that `configparser` rejects; `None` if there is none.
fn each(file: &[u8], mut each: impl FnMut(&KeyPath, &[Range<usize>])) -> Option<usize> {
    // The section, if there is one, and the key, if `indent_of_key` is set.
    let mut path = KeyPath::default();
    let mut indent_of_key: Option<usize> = None;
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut broken = None;
    for Line { indent, text, content } in each_line(file) {
        if content.is_empty() || matches!(text.first(), Some(b'#' | b';')) {
            continue;
        }
        if indent_of_key.is_some_and(|outer| indent > outer) {
            lines.push(content);
            continue;
        }
        if indent_of_key.take().is_some() {
            each(&path, &lines);
            path.pop();
            lines.clear();
        }
        if let Some(name) = header(text) {
            path.pop();
            if !name.is_empty() {
                path.push(&String::from_utf8_lossy(name));
            }
        } else if let Some(at) = memchr::memchr2(b'=', b':', text) {
            path.push_lowercase(&String::from_utf8_lossy(text[..at].trim_ascii()));
            let rest = &file[content.start + at + 1..content.end];
            let blanks = rest.len() - rest.trim_ascii_start().len();
            if blanks < rest.len() {
                lines.push(content.start + at + 1 + blanks..content.end);
            }
            indent_of_key = Some(indent);
        } else {
            broken = broken.or(Some(content.start));
        }
    }
    if indent_of_key.is_some() {
        each(&path, &lines);
    }
    broken
}

/// One line: its indentation in bytes, its text without blanks and comments, and the range of that
/// text.
struct Line<'f> {
    indent: usize,
    text: &'f [u8],
    content: Range<usize>,
}

fn each_line(file: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut next = if file.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    std::iter::from_fn(move || {
        let rest = file.get(next..).filter(|rest| !rest.is_empty())?;
        let line = &rest[..memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)];
        let indent = line.len() - line.trim_ascii_start().len();
        let start = next + indent;
        next += line.len();
        let text = without_comment(line.trim_ascii());
        Some(Line { indent, text, content: start..start + text.len() })
    })
}

/// Returns a line without its comment. A comment after a value has to follow a blank.
fn without_comment(line: &[u8]) -> &[u8] {
    let mut marks = memchr::memchr2_iter(b'#', b';', line);
    let end = marks.find(|at| *at > 0 && line[at - 1].is_ascii_whitespace());
    line[..end.unwrap_or(line.len())].trim_ascii_end()
}

/// The name of the section that a line begins, between the brackets; `None` for another line.
fn header(line: &[u8]) -> Option<&[u8]> {
    let inside = line.strip_prefix(b"[")?;
    let end = memchr::memrchr(b']', inside)?;
    Some(&inside[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{listens, survives, texts, written};

    const FILE: &str = "listen = tcp:1\n\
        [a]\n# listen = no\nLISTEN: tcp:2:interface=%(host)s  ; why\n; no\nother = tcp:x\n\
        [b.c]\n  listen =\n    tcp:3\n\n  # no\n\ttcp:4:x=%%y\n\
        [d]\r\nlisten=tcp:${PORT}:interface=a#b\r\nlisten = disabled\r\nlisten =\r\n\
        [e\nlisten\nlisten = tcp:5";

    #[test]
    fn sections_continuations_and_comments_are_parsed() {
        let wanted = [
            ("tcp:1", "tcp:1"),
            ("tcp:2:interface=1", "tcp:2:interface=%(host)s"),
            ("tcp:1:interface=a#b", "tcp:${PORT}:interface=a#b"),
            ("tcp:5", "tcp:5"),
        ];
        let mut wanted = wanted.map(|(text, file)| (text.to_owned(), file)).to_vec();
        // The tab is shortened to one blank, because the key has two.
        wanted.insert(2, ("tcp:3".to_owned(), "tcp:3"));
        assert_eq!(listens(&FORMAT, FILE), wanted);
        assert_eq!(listens(&FORMAT, "\u{feff}listen = tcp:1\n")[0].1, "tcp:1");
        let several = "[a]\nlisten = tcp:1\n\n  # no\n\ttcp:2:x=%%y\n";
        let (text, place) = &listens(&FORMAT, several)[0];
        assert_eq!((text.as_str(), place.len()), ("tcp:1\ntcp:2:x=%y", 26));
    }

    #[test]
    fn written_fixes_parse_back() {
        assert!(written(&FORMAT, "[a]\nlisten = tcp:1\nb.listen = tcp:2 ; c\n") > 20);
        survives(&FORMAT, FILE);
    }

    #[test]
    fn cowrie_has_several_descriptions_in_one_value() {
        let file = b"[ssh]\nlisten_endpoints = tcp:22:interface=0.0.0.0 tcp6:23\n[telnet]\n\
            listen_endpoints = systemd:domain=INET6:index=0\nlisten_port = 2223\n";
        let wanted = ["tcp:22:interface=0.0.0.0", "tcp6:23", "systemd:domain=INET6:index=0"];
        assert_eq!(texts(&FORMAT, "etc/cowrie.cfg", file), wanted);
        assert_eq!(texts(&FORMAT, "etc/cowrie.cfg.dist", file), wanted);
        assert_eq!(texts(&FORMAT, "other.cfg", file), [""; 0]);
    }

    #[test]
    fn tahoe_values_that_are_not_descriptions_are_skipped() {
        let file = |port: &str| {
            let file =
                format!("[node]\nweb.port = {port}\ntub.port = {port}\n[sftpd]\nport={port}");
            texts(&FORMAT, "tahoe.cfg", file.as_bytes())
        };
        assert_eq!(file("3456"), ["3456"]);
        assert_eq!(file(""), [""; 0]);
        assert_eq!(file("tcp:1"), ["tcp:1"; 3]);
        assert_eq!(file("disabled"), [""; 0]);
        let both = b"[node]\ntub.port = listen:i2p,tcp:3457, listen:tor\n";
        assert_eq!(texts(&FORMAT, "tahoe.cfg", both), ["tcp:3457"]);
    }

    #[test]
    fn supervisor_commands_are_read() {
        let file = b"[fcgi-program:asgi]\nsocket=tcp://localhost:8000\n\
            command=daphne -u /run/d%(process_num)d.sock -e tcp:%(ENV_PORT)s:interface=a\n\
            \x20 x:y ; c\n\
            [other]\ncommand = daphne -e tcp:no\n[watcher:web]\ncmd = twist web --listen=tcp:1\n";
        let wanted = ["tcp:1:interface=a", "tcp:1"];
        assert_eq!(texts(&FORMAT, "supervisord.conf", file), wanted);
    }

    #[test]
    fn similar_text_is_ignored() {
        let file = b"frontend x\n    bind tcp:80\n[a]\nurl = tcp://x:80\nbind = tcp:x\n";
        assert_eq!(texts(&FORMAT, "haproxy.cfg", file), [""; 0]);
    }
}
