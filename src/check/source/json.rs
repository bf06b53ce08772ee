//! JSON with comments and extra commas: strings under keys, environment variables and command
//! lines.
//!
//! It is read token by token, so that a truncated file still gives its first strings.

use std::ops::Range;

use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};

use super::context::Context;
use super::format::{Comment, Format, Templates};
use super::masked::Masked;
use super::string_literal::{self, Escape};
use super::tree::Tree;
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "json",
    files: &["*.json", "*.jsonc", "*.json5"],
    comments: &[Comment::SLASHES, Comment::STARS],
    commands: true,
    find,
    templates: Templates::Own,
    ..Format::NEW
};

/// The quoting between single quotes, which only JSON5 has.
const SINGLE: Quoting = Quoting(|text| {
    let fits = !text.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\'));
    if fits { (string_literal::DOUBLE.0)(text) } else { None }
});

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    if !Tree::may_be_in(file, context) {
        return Vec::new();
    }
    let filled = Masked::new(file);
    let mut tree = Tree::new(file, context);
    tree.document();
    let mut reader = Reader { file: &filled, tree, is_value: true, lists: Vec::new() };
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
                    if reader.tree.is_open() {
                        let why = "it ends inside an object or a list";
                        context.broken(file.len(), FORMAT.name, why);
                    }
                    return reader.tree.found();
                }
                Err(_) => break,
            }
        }
        if lost == 0 {
            context.broken(start + scanner.token_start(), FORMAT.name, "invalid token");
        }
        // An invalid token may extend to the end of its line, and the text after its start is read
        // again. The total is limited: otherwise, a comment without an end would cost the rest of
        // the file on every line.
        let bad = start + scanner.token_start();
        lost += (start + scanner.token_end()).saturating_sub(bad);
        if lost > 4 * file.len() {
            break;
        }
        let Some(line) = memchr::memchr(b'\n', &filled.text.as_bytes()[bad..]) else { break };
        start = bad + line + 1;
    }
    reader.tree.found()
}

struct Reader<'r> {
    file: &'r Masked<'r>,
    tree: Tree<'r>,
    /// Whether the next string is a value: after a colon, or in a list.
    is_value: bool,
    /// For each enclosing object or list, the outermost first, whether it is a list. Those beyond
    /// the maximum depth are left out.
    lists: Vec<bool>,
}

impl Reader<'_> {
    fn token(&mut self, token: &Token<'_>, place: Range<usize>) {
        match token {
            Token::OpenBrace => {
                self.tree.open_mapping(place.start);
                self.open(false);
            }
            Token::OpenBracket => {
                self.tree.open_list(place.start);
                self.open(true);
            }
            Token::CloseBrace | Token::CloseBracket => {
                if !self.tree.is_too_deep() {
                    self.lists.pop();
                }
                self.tree.close();
                self.is_value = true;
            }
            Token::Comma => {
                self.tree.next();
                self.is_value = self.lists.last() != Some(&false);
            }
            Token::Colon => self.is_value = true,
            Token::String(_) => self.string(place),
            Token::Word(name) | Token::Number(name) if !self.is_value => self.tree.key(name),
            _ => {}
        }
    }

    fn open(&mut self, is_list: bool) {
        if !self.tree.is_too_deep() {
            self.lists.push(is_list);
        }
        self.is_value = is_list;
    }

    fn string(&mut self, place: Range<usize>) {
        let written = self.file.text.as_bytes().get(place.start + 1..place.end.saturating_sub(1));
        // An escape sequence may stand for any character, so the string is decoded.
        let may_matter = |text: &[u8]| text.contains(&b'\\') || self.tree.wants(text, true);
        if self.is_value && !written.is_some_and(may_matter) {
            return;
        }
        let Some(it) = string(self.file, place) else { return };
        if self.is_value {
            self.tree.value(&it, true);
        } else {
            self.tree.key(&String::from_utf8_lossy(it.text()));
        }
    }
}

/// Decodes the string at `place`, which includes the quotation marks. `None` if an escape is
/// invalid.
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

/// The value of a backslash before `letter`; `None` if that is not an escape sequence.
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
    use crate::check::source::tests::{listens, survives, texts, written};

    const FILE: &str = concat!(
        "{\n  // listen: \"tcp:no\"\n  \"listen\": \"tcp\\u003a80\", /* x */\n",
        "  \"a\": {\"listen\": [\"tcp:\\\"\", 3, \"disabled\", {\"listen\": \"tcp:${P}\"}, \"tcp:\\/\"]},\n",
        "  b: {listen: 'tcp:5',}, \"other\": \"tcp:no\", \"listen\": {{ port }},\n",
        "  \"c\": [[], {}, {\"l\\u0069sten\": \"tcp:\\ud83d\\ude00{{ \"p\" }}\"}]\n}\n",
    );

    #[test]
    fn objects_lists_and_comments_are_parsed() {
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
    fn written_fixes_parse_back() {
        let file = "{\"listen\": [\"x:1\", 'x:2'], \"a\": {\"listen\": \"x:3\"}}";
        assert!(written(&FORMAT, file) > 30);
        survives(&FORMAT, FILE);
    }

    #[test]
    fn commands_and_variables_of_platforms_are_found() {
        let file = br#"{"containerDefinitions": [{
            "command": ["-e", "tcp:1", "x:y"], "entryPoint": ["daphne"],
            "environment": [{"name": "COWRIE_SSH_LISTEN_ENDPOINTS", "value": "tcp:2 tcp:3"}]
        }], "env": {"BUILDBOT_WEB_PORT": {"description": "", "value": "tcp:4"}},
        "scripts": {"a": "concurrently -n a,b \"vite\" \"cd x && daphne -e tcp:5 x:y\""}}"#;
        assert_eq!(texts(&FORMAT, "app.json", file), ["tcp:1", "tcp:2", "tcp:3", "tcp:4", "tcp:5"]);
    }

    #[test]
    fn a_broken_file_is_read_up_to_the_error() {
        let file = "{\"listen\": \"tcp:1\",\n\"x\": \"open\n\"listen\": \"tcp:2\" @\n\
            , \"listen\": \"tcp:3\"";
        let found = listens(&FORMAT, file);
        assert_eq!((found[0].1, found[found.len() - 1].1), ("tcp:1", "tcp:3"));
    }
}
