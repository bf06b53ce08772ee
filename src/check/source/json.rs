//! JSON, with comments and commas wherever people have them: strings under keys that the
//! configuration names.
//!
//! It is read token by token, so that half a file gives half of its strings.

use std::ops::Range;

use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};

use super::bounds::{self, Found, MAX_KEY_DEPTH};
use super::context::Context;
use super::format::{Comment, Format};
use super::masked::Masked;
use super::notes::Shape;
use super::placeholder::Styles;
use super::string_literal::{self, Escape};
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "json",
    files: &["*.json", "*.jsonc", "*.json5"],
    comments: &[Comment::SLASHES, Comment::STARS],
    find,
    ..Format::NEW
};

/// Between `'` and `'`, which only JSON5 has.
const SINGLE: Quoting = Quoting(|text| {
    let fits = !text.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\'));
    if fits { (string_literal::DOUBLE.0)(text) } else { None }
});

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    if !context.has_keys() {
        return Vec::new();
    }
    let filled = Masked::new(file);
    let mut reader =
        Reader { file: &filled, context, open: Vec::new(), too_deep: 0, found: Found::default() };
    let (mut start, mut lost) = (0, 0);
    while let Some(rest) = filled.text.get(start..) {
        let mut scanner = Scanner::new(rest, &ScannerOptions::default());
        loop {
            match scanner.scan() {
                Ok(Some(token)) => {
                    let place = start + scanner.token_start()..start + scanner.token_end();
                    reader.token(&token, place);
                }
                Ok(None) => {
                    if !reader.open.is_empty() {
                        context.broken(
                            file.len(),
                            FORMAT.name,
                            "it ends inside an object or a list",
                        );
                    }
                    return reader.found.into_vec();
                }
                Err(_) => break,
            }
        }
        if lost == 0 {
            context.broken(start + scanner.token_start(), FORMAT.name, "this is no token of it");
        }
        // What is no token may end with its line. What begins there is read again, but not for
        // ever: a comment without an end would cost the rest of the file on every line.
        let bad = start + scanner.token_start();
        lost += (start + scanner.token_end()).saturating_sub(bad);
        if lost > 4 * file.len() {
            break;
        }
        let Some(line) = memchr::memchr(b'\n', &filled.text.as_bytes()[bad..]) else { break };
        start = bad + line + 1;
    }
    reader.found.into_vec()
}

struct Reader<'r> {
    file: &'r Masked<'r>,
    context: &'r Context<'r>,
    /// The objects and lists around the next token.
    open: Vec<Around>,
    /// How many more there are, below which no value is a description.
    too_deep: usize,
    found: Found,
}

enum Around {
    /// With its last key, and whether the value of it comes next.
    Object { key: String, has_colon: bool },
    /// With the number of the item that comes next.
    List(usize),
}

impl Reader<'_> {
    fn token(&mut self, token: &Token<'_>, place: Range<usize>) {
        match token {
            Token::OpenBrace | Token::OpenBracket if self.open.len() > MAX_KEY_DEPTH => {
                self.too_deep += 1;
            }
            Token::CloseBrace | Token::CloseBracket if self.too_deep > 0 => self.too_deep -= 1,
            _ if self.too_deep > 0 => {}
            Token::OpenBrace => {
                self.met(Shape::Table, place.start);
                self.open.push(Around::Object { key: String::new(), has_colon: false });
            }
            Token::OpenBracket => {
                self.met(Shape::List, place.start);
                self.open.push(Around::List(0));
            }
            Token::CloseBrace | Token::CloseBracket => {
                self.open.pop();
            }
            Token::Comma => match self.open.last_mut() {
                Some(Around::Object { has_colon, .. }) => *has_colon = false,
                Some(Around::List(index)) => *index += 1,
                None => {}
            },
            Token::Colon => {
                if let Some(Around::Object { has_colon, .. }) = self.open.last_mut() {
                    *has_colon = true;
                }
            }
            Token::String(_) => self.string(place),
            Token::Word(name) | Token::Number(name) => self.name(name),
            _ => {}
        }
    }

    /// Says what the value is that comes next.
    fn met(&self, shape: Shape, at: usize) {
        self.context.met(self.open.iter().map(Around::name), shape, at);
    }

    fn string(&mut self, place: Range<usize>) {
        let Some(it) = string(self.file, place) else { return };
        if let Some(Around::Object { has_colon: false, .. }) = self.open.last() {
            self.name(&String::from_utf8_lossy(it.text()));
            return;
        }
        if let Some(key) = self.context.key(self.open.iter().map(Around::name)) {
            self.found.extend(key.descriptions(it.in_unit(0), Styles::ANY));
        }
    }

    fn name(&mut self, name: &str) {
        if let Some(Around::Object { key, has_colon: false }) = self.open.last_mut() {
            *key = bounds::key(name);
        }
    }
}

impl Around {
    fn name(&self) -> String {
        match self {
            Self::Object { key, .. } => key.clone(),
            Self::List(index) => index.to_string(),
        }
    }
}

/// The string with its quotation marks at `place`.
fn string(file: &Masked<'_>, place: Range<usize>) -> Option<Embedded> {
    let quoting = if file.byte(place.start)? == b'"' { string_literal::DOUBLE } else { SINGLE };
    let (mut at, end) = (place.start + 1, place.end.checked_sub(1)?);
    let mut it = Embedded::new(None, quoting);
    it.verbatim(file.file, at..at);
    while at < end {
        at = match file.byte(at) {
            Some(b'\\') => string_literal::escape(&mut it, file, at, escape)?,
            _ => string_literal::plain(&mut it, file, at, end),
        };
    }
    (at == end).then_some(it)
}

fn escape(letter: u8) -> Option<Escape> {
    Some(match letter {
        b'"' | b'\'' | b'\\' | b'/' => Escape::Byte(letter),
        b'b' => Escape::Byte(8),
        b't' => Escape::Byte(b'\t'),
        b'n' => Escape::Byte(b'\n'),
        b'f' => Escape::Byte(12),
        b'r' => Escape::Byte(b'\r'),
        b'x' => Escape::Code(2),
        b'u' => Escape::Code(4),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{listens, survives, written};

    const FILE: &str = concat!(
        "{\n  // listen: \"tcp:no\"\n  \"listen\": \"tcp\\u003a80\", /* x */\n",
        "  \"a\": {\"listen\": [\"tcp:\\\"\", 3, \"disabled\", {\"listen\": \"tcp:${P}\"}, \"tcp:\\/\"]},\n",
        "  b: {listen: 'tcp:5',}, \"other\": \"tcp:no\", \"listen\": {{ port }},\n",
        "  \"c\": [[], {}, {\"l\\u0069sten\": \"tcp:\\ud83d\\ude00{{ \"p\" }}\"}]\n}\n",
    );

    #[test]
    fn ok_objects_lists_and_comments() {
        let wanted = [
            ("tcp:80", "tcp\\u003a80"),
            ("tcp:\"", "tcp:\\\""),
            ("tcp:1", "tcp:${P}"),
            ("tcp:/", "tcp:\\/"),
            ("tcp:5", "tcp:5"),
            ("tcp:\u{1f600}1", "tcp:\\ud83d\\ude00{{ \"p\" }}"),
        ];
        assert_eq!(listens(&FORMAT, FILE), wanted.map(|(text, file)| (text.to_owned(), file)));
    }

    #[test]
    fn ok_what_is_written_is_read_again() {
        let file = "{\"listen\": [\"x:1\", 'x:2'], \"a\": {\"listen\": \"x:3\"}}";
        assert!(written(&FORMAT, file) > 30);
        survives(&FORMAT, FILE);
    }

    #[test]
    fn ok_half_a_file_gives_half() {
        let file = "{\"listen\": \"tcp:1\",\n\"x\": \"open\n\"listen\": \"tcp:2\" @\n\
            , \"listen\": \"tcp:3\"";
        let found = listens(&FORMAT, file);
        assert_eq!((found[0].1, found[found.len() - 1].1), ("tcp:1", "tcp:3"));
    }
}
