//! Makefiles and justfiles: the commands of recipes, and variables.
//!
//! ```text
//! recipe    a line that begins with a tab (in a justfile with any blanks), perhaps "@", "-" or "+"
//! variable  [ "export" ] name ( "=" / ":=" / "::=" / "?=" / "+=" ) text
//! in both   "$$" is "$"; "$(…)", "${…}" and "$x" are variables; a backslash joins the next line
//! ```
//!
//! Both kinds of files are read with the rules of both, because their commands do not conflict.

use std::ops::Range;

use super::command::CommandLines;
use super::context::Context;
use super::format::Format;
use super::placeholder::{self, Styles};
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "makefile",
    files: &["Makefile", "GNUmakefile", "*.mk", "*.mak", "Makefile.*", "justfile", "*.just"],
    interpreters: &["make", "just"],
    trailing_comments: true,
    commands: true,
    find,
    ..Format::NEW
};

/// Doubles each `$`, because make expands variables before a shell reads the text.
const QUOTING: Quoting = Quoting(|text| {
    let fits = !text.iter().any(|byte| byte.is_ascii_control() || *byte == b'#');
    let times = |byte: &u8| 1 + usize::from(*byte == b'$');
    fits.then(|| text.iter().flat_map(|byte| std::iter::repeat_n(*byte, times(byte))).collect())
});

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !lines.may_be_in(file) {
        return Vec::new();
    }
    let mut start = 0;
    while start < file.len() {
        let end = logical_line(file, start);
        let text = &file[start..end];
        if matches!(text.first(), Some(b' ' | b'\t')) {
            let marks = text.iter().take_while(|byte| b" \t@-+".contains(byte)).count();
            lines.shell(&read(file, start + marks, end));
        } else if let Some((name, value)) = variable(text) {
            let value = start + value..start + value + without_comment(&text[value..]).len();
            let value = without_quotes(file, value);
            lines.variable(name, &read(file, value.start, value.end).trimmed());
        } else if let Some(command) = behind_rule(text) {
            lines.shell(&read(file, start + command, end));
        }
        start = end + 1;
    }
    lines.found()
}

/// The offset of the end of the line that starts at `start`, with its continuation lines.
fn logical_line(file: &[u8], start: usize) -> usize {
    let mut from = start;
    loop {
        let Some(length) = memchr::memchr(b'\n', &file[from..]) else { return file.len() };
        let end = from + length;
        if !file[start..end].trim_ascii_end().ends_with(b"\\") {
            return end;
        }
        from = end + 1;
    }
}

/// The name of the variable that a line sets, and the offset of its value. `None` if it sets none.
fn variable(line: &[u8]) -> Option<(&[u8], usize)> {
    let equals = memchr::memchr(b'=', line)?;
    let before = line[..equals].trim_ascii_end();
    let before = before.strip_suffix(b"::").or(before.strip_suffix(b":")).unwrap_or(before);
    let before = before.strip_suffix(b"?").or(before.strip_suffix(b"+")).unwrap_or(before);
    let name = before.trim_ascii().strip_prefix(b"export ").unwrap_or(before).trim_ascii();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    (!name.is_empty() && name.iter().all(is_name)).then_some((name, equals + 1))
}

/// The value of a variable without its comment. `\#` does not begin a comment.
fn without_comment(value: &[u8]) -> &[u8] {
    let mut marks = memchr::memchr_iter(b'#', value);
    let end = marks.find(|at| *at == 0 || value[at - 1] != b'\\');
    &value[..end.unwrap_or(value.len())]
}

/// The text between quotation marks, if they surround the value. A justfile has them around every
/// text, and in a Makefile they are for the shell that gets the value.
fn without_quotes(file: &[u8], value: Range<usize>) -> Range<usize> {
    let text = file[value.clone()].trim_ascii();
    for mark in [b'"', b'\''] {
        if let [first, inside @ .., last] = text
            && [*first, *last] == [mark; 2]
            && !inside.contains(&mark)
        {
            let blanks = value.len() - file[value.clone()].trim_ascii_start().len();
            let start = value.start + blanks + 1;
            return start..start + inside.len();
        }
    }
    value
}

/// The offset of the command in `target: prerequisites ; command`; `None` without a command.
fn behind_rule(line: &[u8]) -> Option<usize> {
    let colon = memchr::memchr(b':', line).filter(|_| !line.starts_with(b"#"))?;
    Some(colon + memchr::memchr(b';', &line[colon..])? + 1)
}

/// The text that make passes to the shell. Its variables are placeholders, because make expands
/// them.
fn read(file: &[u8], start: usize, end: usize) -> Embedded {
    let mut it = Embedded::new(None, QUOTING);
    let (mut from, mut at) = (start, start);
    while let Some(next) = memchr::memchr2(b'$', b'{', &file[at..end]) {
        at += next;
        let rest = &file[at..end];
        let length = match (rest[0], rest.get(1)) {
            (b'$', Some(b'$')) => {
                it.verbatim(file, from..at);
                it.escape(b"$", at..at + 2);
                at += 2;
                from = at;
                continue;
            }
            (b'$', Some(b'(' | b'{')) => placeholder::first(rest, Styles::SHELL),
            // Without brackets, the name of a variable is one character.
            (b'$', Some(byte)) if !byte.is_ascii_whitespace() => Some(2),
            (b'{', Some(b'{')) => placeholder::first(rest, Styles::TEMPLATE),
            _ => None,
        };
        match length {
            Some(length) => {
                it.verbatim(file, from..at);
                it.unknown(at..at + length);
                at += length;
                from = at;
            }
            None => at += 1,
        }
    }
    it.verbatim(file, from..end);
    it
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};
    use strports_syntax::Span;

    #[test]
    fn recipes_and_variables_are_found() {
        let file = b"E = tcp:1\nexport COWRIE_A_LISTEN_ENDPOINTS ?= tcp:2\n# daphne -e no\n\
            run: x\n\t@cd a && $(VENV)/bin/daphne \\\n\t  -e \"tcp:$$P:a=b\" -e $(E) app\n\
            \t-A=b poetry run daphne -e tcp:$(PORT)\ndaphne -e no\nx: ; daphne -e tcp:3\n";
        let wanted = ["tcp:1", "tcp:2", "tcp:1:a=b", "1", "tcp:1", "tcp:3"];
        assert_eq!(texts(&FORMAT, "Makefile", file), wanted);
        let just = b"port := '1'\nrun:\n    @daphne -e tcp:{{ port }}:a={{b}}\n";
        assert_eq!(texts(&FORMAT, "justfile", just), ["tcp:1:a=1"]);
        let quoted = b"e := 'tcp:1'\nexport BUILDBOT_WEB_PORT := \"tcp:2\"\n\
            run:\n    daphne -e {{e}}\n\tdaphne -e {{ e }}\n";
        assert_eq!(texts(&FORMAT, "justfile", quoted), ["tcp:1", "tcp:2", "1", "1"]);
        let make = b"E = \"tcp:1\"\nrun:\n\tdaphne -e $(E)\n";
        assert_eq!(texts(&FORMAT, "Makefile", make), ["tcp:1", "1"]);
    }

    #[test]
    fn fixes_are_written_for_make_and_the_shell() {
        let file = b"a:\n\tdaphne -e tcp:1\n";
        let found = find(&FORMAT, "Makefile", file);
        assert_eq!(found[0].quote(Span::new(0, 3), br"\:$").as_deref(), Some(&br"\\:\$$"[..]));
    }

    #[test]
    fn unterminated_constructs_are_read_to_the_end() {
        for file in ["\t", "\t$", "\t\\", "\t$(", "a:\\\n", "=", "\t{{", "x: daphne ;"] {
            let file = format!("# daphne\n{file}");
            assert_eq!(texts(&FORMAT, "Makefile", file.as_bytes()), [""; 0], "{file}");
        }
    }
}
