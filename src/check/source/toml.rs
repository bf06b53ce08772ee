//! TOML: strings under keys, environment variables and command lines.
//!
//! ```text
//! basic      '"' … '"' with escapes, '"""' … '"""' on several lines
//! literal    "'" … "'" without, "'''" … "'''" on several lines
//! ```

use std::borrow::Cow;
use std::collections::HashMap;
use std::mem;
use std::ops::Range;

use memchr::memmem;
use toml_parser::decoder::Encoding;
use toml_parser::lexer::{Token, TokenKind};
use toml_parser::parser::{EventReceiver, RecursionGuard, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source, Span};

use super::bounds;
use super::context::Context;
use super::format::{Format, Templates};
use super::masked::Masked;
use super::shortened::{Interest, Shortened, bare_key, is_printable, is_quoted, lines};
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

/// The maximum number of tokens of a statement, which is a key with its value or a head. Longer
/// ones are data.
const MOST_TOKENS: usize = 64 << 10;
/// The maximum nesting of lists and inline tables with descriptions.
const DEEPEST: u32 = 100;
/// The maximum number of arrays of tables whose items get their own indices.
const MOST_ARRAYS: usize = 1000;

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    if !Tree::may_be_in(file, context) {
        return Vec::new();
    }
    let filled = Masked::new(file);
    let interest = Interest::new(file, context);
    let plain = interest.map(|it| plain_lines(&filled.text, &it)).unwrap_or_default();
    let short = Shortened::new(&filled.text, &plain);
    let mut reader = Reader::new(&filled, &short, context);
    let mut statement: Vec<Token> = Vec::new();
    let mut depth = 0usize;
    for token in Source::new(&short.text).lex() {
        let kind = token.kind();
        match kind {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        statement.push(token);
        // The head of a table ends with its line, even if brackets are open.
        let is_head = statement[0].kind() == TokenKind::LeftSquareBracket;
        let ends = kind == TokenKind::Newline && (depth == 0 || is_head);
        if ends || kind == TokenKind::Eof {
            reader.statement(&statement);
        }
        if ends || statement.len() > MOST_TOKENS {
            statement.clear();
            depth = 0;
        }
    }
    reader.tree.found()
}

/// The byte ranges of lines that need not be parsed: a comment, or a key that does not matter with
/// a short value. They are certainly valid.
fn plain_lines(text: &str, interest: &Interest<'_>) -> Vec<Range<usize>> {
    // A line inside a string in triple quotes may look the same.
    let text = text.as_bytes();
    if [b"\"\"\"", b"'''"].iter().any(|marks| memmem::find(text, *marks).is_some()) {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    for place in lines(text) {
        if is_plain(text[place.clone()].trim_ascii_end(), interest) && !interest.has_name(&place) {
            match found.last_mut().filter(|last| last.end == place.start) {
                Some(last) => last.end = place.end,
                None => found.push(place),
            }
        }
    }
    found
}

fn is_plain(line: &[u8], interest: &Interest<'_>) -> bool {
    if line.is_empty() || line[0] == b'#' {
        return is_printable(line);
    }
    let Some(length) = bare_key(line) else { return false };
    let (key, rest) = line.split_at(length);
    let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else { return false };
    let value = value.trim_ascii_start();
    let matters = std::str::from_utf8(key).is_ok_and(|key| interest.has_key(key));
    !matters && (is_quoted(value) || is_number(value) || is_list(value))
}

/// Whether a value is an integer with at most nine digits.
fn is_number(value: &[u8]) -> bool {
    let is_digits = value.iter().all(u8::is_ascii_digit) && value.len() < 10;
    is_digits && (value == b"0" || value.first().is_some_and(|first| *first != b'0'))
}

/// Whether a value is a list of such numbers.
fn is_list(value: &[u8]) -> bool {
    let inside = value.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    inside.is_some_and(|it| it.split(|byte| *byte == b',').all(|it| is_number(it.trim_ascii())))
}

/// Reads statements one after the other, so that an error in one does not affect the others.
struct Reader<'r> {
    file: &'r Masked<'r>,
    /// The text for the parser: the masked file without the lines that cannot contain a
    /// description.
    short: &'r Shortened<'r>,
    context: &'r Context<'r>,
    tree: Tree<'r>,
    /// The byte offset in the file of the last table head, such as `[a.b]`.
    head_at: usize,
    /// The depth of the table that the last head opened.
    base: usize,
    /// The inline tables and lists around the next value of the statement, after its own table.
    open: Vec<Open>,
    /// The names of the current key or head, which dots separate.
    names: Vec<String>,
    /// Whether an error was reported. Only the first one of a file is.
    is_broken: bool,
    /// For each array of tables, by its path, the number of its tables so far.
    arrays: HashMap<String, usize>,
}

/// A table or a list that a statement opened and has not closed.
enum Open {
    /// A table. The number is that of the inner tables that the dots of its last key opened.
    Table(usize),
    List,
}

impl<'r> Reader<'r> {
    fn new(file: &'r Masked<'r>, short: &'r Shortened<'r>, context: &'r Context<'r>) -> Self {
        let mut tree = Tree::new(file.file, context);
        tree.document();
        tree.open_mapping(0);
        let (open, names, arrays) = (Vec::new(), Vec::new(), HashMap::new());
        let (head_at, base, is_broken) = (0, 1, false);
        Self { file, short, context, tree, head_at, base, open, names, is_broken, arrays }
    }

    /// The byte range in the file of a span of the shortened text.
    fn place(&self, span: Span) -> Range<usize> {
        let start = self.short.place(span.start());
        start..start + span.len()
    }

    fn statement(&mut self, tokens: &[Token]) {
        self.open.clear();
        self.open.push(Open::Table(0));
        self.names.clear();
        let mut error: Option<ParseError> = None;
        parse_document(tokens, &mut RecursionGuard::new(self, DEEPEST), &mut error);
        self.tree.close_to(self.base);
        self.tree.next();
        if let Some(error) = error.filter(|_| !mem::replace(&mut self.is_broken, true)) {
            let at = error.unexpected().or(error.context()).map_or(0, |span| span.start());
            self.context.broken(self.short.place(at), FORMAT.name, error.description());
        }
    }

    /// Opens the table that a head such as `[a.b]` names. For an array `[[a]]`, opens its next
    /// table.
    fn head(&mut self, is_array: bool) {
        let at = self.head_at;
        self.tree.close_to(1);
        self.tree.next();
        let names = mem::take(&mut self.names);
        let mut path = String::new();
        for (index, name) in names.iter().enumerate() {
            let joined = [&path, name.as_str()].join(".");
            bounds::key(&joined).clone_into(&mut path);
            self.tree.key(name);
            let is_last = index + 1 == names.len();
            if is_array && is_last && self.arrays.len() < MOST_ARRAYS {
                *self.arrays.entry(path.clone()).or_default() += 1;
            }
            if let Some(count) = self.arrays.get(&path) {
                self.tree.open_list(at);
                self.tree.skip_to(count - 1);
            }
            self.tree.open_mapping(at);
        }
        self.base = self.tree.depth();
    }

    /// Handles a key: opens the tables that its dots name, and sets its last name. `at` is its
    /// offset.
    fn key(&mut self, at: usize) {
        let names = mem::take(&mut self.names);
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                self.tree.open_mapping(at);
            }
            self.tree.key(name);
        }
        if let Some(Open::Table(inner)) = self.open.last_mut() {
            *inner = names.len().saturating_sub(1);
        }
    }

    /// Handles the end of a value: closes the tables that the dots of its key opened.
    fn ended(&mut self) {
        if let Some(Open::Table(inner)) = self.open.last_mut() {
            self.tree.next();
            for _ in 0..mem::take(inner) {
                self.tree.close();
                self.tree.next();
            }
        }
    }

    fn close(&mut self) {
        self.tree.close();
        self.open.pop();
        self.ended();
    }

    /// Whether a string may be a description, a variable or a command line, so that it is decoded.
    /// `written` is the string with its quotes.
    fn is_wanted(&self, written: &[u8]) -> bool {
        let inside = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
        // An escape sequence may stand for any character, so the string is decoded.
        inside.contains(&b'\\') || self.tree.wants(inside, true)
    }
}

impl EventReceiver for Reader<'_> {
    fn std_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.head_at = self.place(span).start;
    }

    fn std_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.head(false);
    }

    fn array_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.head_at = self.place(span).start;
    }

    fn array_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.head(true);
    }

    fn inline_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.tree.open_mapping(self.place(span).start);
        self.open.push(Open::Table(0));
        true
    }

    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn array_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.tree.open_list(self.place(span).start);
        self.open.push(Open::List);
        true
    }

    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn simple_key(&mut self, span: Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        let range = self.place(span);
        let text = string(self.file, range.clone());
        let name = text.as_ref().map_or(&self.file.file[range], Embedded::text);
        self.names.push(bounds::key(&String::from_utf8_lossy(name)).to_owned());
    }

    fn key_val_sep(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.key(self.place(span).start);
    }

    fn scalar(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let is_checked = !self.is_broken && self.context.is_own();
        if let Some(raw) = Source::new(&self.short.text).get(span).filter(|_| is_checked) {
            let raw = Raw::new_unchecked(raw.as_str(), encoding, span);
            let _kind = raw.decode_scalar(&mut Cow::Borrowed(""), error);
        }
        let range = self.place(span);
        if encoding.is_none() {
            self.tree.number();
        } else if self.is_wanted(&self.file.text.as_bytes()[range.clone()])
            && let Some(it) = string(self.file, range)
        {
            self.tree.value(&it, true);
        }
        self.ended();
    }

    fn value_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        if let Some(Open::List) = self.open.last() {
            self.tree.next();
        }
    }
}

/// Decodes the string at `range`, which includes the quotation marks. `None` for other values, and
/// if the string is invalid.
fn string(file: &Masked<'_>, range: Range<usize>) -> Option<Embedded> {
    let text = file.text.get(range.clone())?;
    let mark = text.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let triple = if mark == '"' { "\"\"\"" } else { "'''" };
    let is_long = text.len() >= 6 && text.starts_with(triple) && text.ends_with(triple);
    let width = if is_long { 3 } else { 1 };
    // A string without a closing quotation mark is not read.
    let ends = text.len() >= 2 * width && text.ends_with(mark);
    let (mut at, end) = (range.start + width, range.end.checked_sub(width).filter(|_| ends)?);
    if is_long {
        // A line end directly after the opening is not part of the string.
        let inside = file.text.get(at..end)?;
        let first = ["\r\n", "\n"].iter().find(|first| inside.starts_with(**first));
        at += first.map_or(0, |first| first.len());
    }
    let has_escapes = mark == '"';
    let mut it =
        Embedded::new(None, if has_escapes { string_literal::DOUBLE } else { Quoting::LITERAL });
    // Adds an empty piece, so that an empty string has a place too.
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

/// Reads a backslash at the end of a line, which removes all white space after it. Returns the
/// offset of the next character; `None` if the line goes on.
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
    use crate::check::source::tests::{listens, survives, texts, written};

    const FILE: &str = concat!(
        "listen = \"tcp\\u003a80:interface=\\\"\\\\:\"\r\n",
        "port = 'tcp:no'\n",
        "[a]\nlisten = 'unix:C\\:\\x' # c\nb.listen = [\"tcp:${P}\", 'disabled', 3, \"\"]\n",
        "[[c]]\n\"listen\" = \"\"\"\ntcp:\\\n    81\"\"\"\n",
        "[[c]]\nlisten = '''\ntcp:{{ port \"x\" }}:a'''\nd = { listen = \"tcp:\\U0001F600\" }\n",
    );

    #[test]
    fn every_kind_of_string_is_read() {
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
    fn written_fixes_parse_back() {
        let file = "listen.a = \"x:1\"\nlisten.b = 'x:2'\nlisten.c = \"\"\"x:3\"\"\"\n\
                    listen.d = '''x:4'''\n";
        assert!(written(&FORMAT, file) > 50);
        survives(&FORMAT, FILE);
    }

    #[test]
    fn processes_of_a_platform_are_found() {
        let file = b"[processes]\nweb = \"daphne -e tcp:1 x:y\"\n";
        assert_eq!(texts(&FORMAT, "fly.toml", file), ["tcp:1"]);
    }

    #[test]
    fn a_broken_file_is_read_up_to_the_error() {
        let file =
            "a.listen = \"tcp:1\"\nx = {{ y }}\n= 3\n[b]\nlisten = 'tcp:2'\n[c\nlisten = \"tcp:3";
        let texts: Vec<_> = listens(&FORMAT, file).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["tcp:1", "tcp:2"]);
    }
}
