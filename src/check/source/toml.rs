//! TOML: strings under keys, variables and command lines.
//!
//! ```text
//! basic      '"' … '"' with escapes, '"""' … '"""' on several lines
//! literal    "'" … "'" without, "'''" … "'''" on several lines
//! ```

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::context::Context;
use super::format::{Format, Templates};
use super::masked::Masked;
use super::string_literal::{self, Escape};
use super::tree::Tree;
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "toml",
    files: &["*.toml"],
    trailing_comments: true,
    commands: true,
    find,
    templates: Templates::Own,
    ..Format::NEW
};

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    if !Tree::may_be_in(file, context) {
        return Vec::new();
    }
    let filled = Masked::new(file);
    let (document, errors) = DeTable::parse_recoverable(&filled.text);
    if let Some(error) = errors.first() {
        let at = error.span().map_or(0, |span| span.start);
        context.broken(at, FORMAT.name, error.message());
    }
    let mut reader = Reader { file: &filled, tree: Tree::new(file, context) };
    reader.tree.document();
    reader.table(document.get_ref(), 0);
    reader.tree.found()
}

struct Reader<'r> {
    file: &'r Masked<'r>,
    tree: Tree<'r>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, at: usize) {
        self.tree.open_mapping(at);
        for (key, value) in table {
            let name = string(self.file, key.span());
            let name = name.as_ref().map_or(key.get_ref().as_bytes(), Embedded::text);
            self.tree.key(&String::from_utf8_lossy(name));
            self.value(value);
            self.tree.next();
        }
        self.tree.close();
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, value.span().start),
            DeValue::Array(items) => {
                self.tree.open_list(value.span().start);
                for item in items {
                    self.value(item);
                    self.tree.next();
                }
                self.tree.close();
            }
            DeValue::String(_) => {
                if let Some(it) = string(self.file, value.span()) {
                    self.tree.value(&it, true);
                }
            }
            _ => self.tree.number(),
        }
    }
}

/// The string with its quotation marks at `range`; `None` where it has none.
fn string(file: &Masked<'_>, range: Range<usize>) -> Option<Embedded> {
    let text = file.text.get(range.clone())?;
    let mark = text.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let triple = mark.to_string().repeat(3);
    let is_long = text.len() >= 6 && text.starts_with(&triple) && text.ends_with(&triple);
    let width = if is_long { 3 } else { 1 };
    let (mut at, end) = (range.start + width, range.end.checked_sub(width)?);
    if is_long {
        // A line end right behind the opening is not part of it.
        let inside = file.text.get(at..end)?;
        let first = ["\r\n", "\n"].iter().find(|first| inside.starts_with(**first));
        at += first.map_or(0, |first| first.len());
    }
    let has_escapes = mark == '"';
    let mut it =
        Embedded::new(None, if has_escapes { string_literal::DOUBLE } else { Quoting::LITERAL });
    // So that an empty one has a place, too.
    it.verbatim(file.file, at..at);
    while at < end {
        at = match file.byte(at) {
            Some(b'\\') if has_escapes => match string_literal::escape(&mut it, file, at, escape) {
                Some(next) => next,
                None => joined(&mut it, file, at, end)?,
            },
            _ => string_literal::plain(&mut it, file, at, end),
        };
    }
    (at == end).then_some(it)
}

fn escape(letter: u8) -> Option<Escape> {
    Some(match letter {
        b'"' | b'\\' => Escape::Byte(letter),
        b'b' => Escape::Byte(8),
        b't' => Escape::Byte(b'\t'),
        b'n' => Escape::Byte(b'\n'),
        b'f' => Escape::Byte(12),
        b'r' => Escape::Byte(b'\r'),
        b'e' => Escape::Byte(27),
        b'x' => Escape::Code(2),
        b'u' => Escape::Code(4),
        b'U' => Escape::Code(8),
        _ => return None,
    })
}

/// A backslash at the end of a line takes away all blanks behind it.
fn joined(it: &mut Embedded, file: &Masked<'_>, at: usize, end: usize) -> Option<usize> {
    let behind = file.text.get(at + 1..end)?;
    let rest = behind.trim_ascii_start();
    let blanks = &behind[..behind.len() - rest.len()];
    let next = end - rest.len();
    it.escape(b"", at..next);
    blanks.contains('\n').then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{listens, survives, written};

    const FILE: &str = concat!(
        "listen = \"tcp\\u003a80:interface=\\\"\\\\:\"\r\n",
        "port = 'tcp:no'\n",
        "[a]\nlisten = 'unix:C\\:\\x' # c\nb.listen = [\"tcp:${P}\", 'disabled', 3, \"\"]\n",
        "[[c]]\n\"listen\" = \"\"\"\ntcp:\\\n    81\"\"\"\n",
        "[[c]]\nlisten = '''\ntcp:{{ port \"x\" }}:a'''\nd = { listen = \"tcp:\\U0001F600\" }\n",
    );

    #[test]
    fn ok_every_kind_of_string() {
        let wanted = [
            ("tcp:80:interface=\"\\:", "tcp\\u003a80:interface=\\\"\\\\:"),
            ("unix:C\\:\\x", "unix:C\\:\\x"),
            ("tcp:1", "tcp:${P}"),
            ("tcp:81", "tcp:\\\n    81"),
            ("tcp:1:a", "tcp:{{ port \"x\" }}:a"),
            ("tcp:\u{1f600}", "tcp:\\U0001F600"),
        ];
        assert_eq!(listens(&FORMAT, FILE), wanted.map(|(text, file)| (text.to_owned(), file)));
    }

    #[test]
    fn ok_what_is_written_is_read_again() {
        let file = "listen.a = \"x:1\"\nlisten.b = 'x:2'\nlisten.c = \"\"\"x:3\"\"\"\n\
                    listen.d = '''x:4'''\n";
        assert!(written(&FORMAT, file) > 50);
        survives(&FORMAT, FILE);
    }

    #[test]
    fn ok_half_a_file_gives_half() {
        let file =
            "a.listen = \"tcp:1\"\nx = {{ y }}\n= 3\n[b]\nlisten = 'tcp:2'\n[c\nlisten = \"tcp:3";
        let texts: Vec<_> = listens(&FORMAT, file).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["tcp:1", "tcp:2"]);
    }
}
