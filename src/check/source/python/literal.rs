//! Decodes string literals, and keeps the place of each byte in the file.
//!
//! The rules follow the chapter "Lexical analysis" of Python's reference: prefixes, escape
//! sequences, and backslashes that stay because they escape nothing.

use std::ops::Range;

use tree_sitter::Node;

use super::quoting::{Form, Template};
use super::statement::{Statement, children};
use super::syntax::{Known, Syntax};

/// A part of a text that is contiguous in the file.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// The text of the piece, without escapes; empty if it is known only at run time.
    pub(super) text: Vec<u8>,
    /// The byte range of the piece in the file.
    pub(super) file: Range<usize>,
    pub(super) kind: Kind,
    /// The literal that contains the piece: the offset of its content, and its form. `None` for
    /// another expression.
    pub(super) literal: Option<(usize, Form)>,
}

/// How the text of a piece relates to its bytes in the file: it is equal, it is written with an
/// escape, or it is known only at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Verbatim,
    Escape,
    Unknown,
}

impl Piece {
    /// The value of an expression at `file`, which is known only at run time.
    pub(super) fn unknown(file: Range<usize>) -> Self {
        Self { text: Vec::new(), file, kind: Kind::Unknown, literal: None }
    }
}

/// Decodes a `string` node of the syntax tree into pieces. `None` if the string has no end.
pub(super) fn read(statement: &Statement<'_>, node: Node<'_>) -> Option<Vec<Piece>> {
    let parts = children(node);
    let [start, .., end] = &parts[..] else { return None };
    if start.syntax() != Syntax::StringStart || end.syntax() != Syntax::StringEnd {
        return None;
    }
    let prefix = statement.text(*start).to_ascii_lowercase();
    // Back-quotes are a call of `repr` in Python 2, not a string.
    if prefix.ends_with(b"`") {
        return None;
    }
    let has = |letter: u8| prefix.contains(&letter);
    let template = if has(b'f') || has(b't') { Template::Braces } else { Template::None };
    let letter = prefix.iter().position(|it| *it == b'b');
    let letter = letter.map(|offset| statement.range(*start).start + offset);
    let form = Form { raw: has(b'r'), bytes: letter.is_some(), letter, template };
    let inside = statement.range(*start).end..statement.range(*end).start;
    let mut it = Literal {
        file: statement.file(),
        start: inside.start,
        form,
        at: inside.start,
        pieces: Vec::new(),
    };
    for hole in parts.iter().filter(|part| part.syntax() == Syntax::Interpolation) {
        let hole = statement.range(*hole);
        it.read_to(hole.start);
        it.push(Vec::new(), hole, Kind::Unknown);
    }
    it.read_to(inside.end);
    if it.pieces.is_empty() {
        // An empty piece, so that an empty literal has a place too.
        it.push(Vec::new(), inside, Kind::Verbatim);
    }
    Some(it.pieces)
}

/// The state of decoding one literal.
struct Literal<'f> {
    file: &'f [u8],
    /// The offset of the content, after the opening quotes.
    start: usize,
    form: Form,
    at: usize,
    pieces: Vec<Piece>,
}

impl Literal<'_> {
    fn push(&mut self, text: Vec<u8>, file: Range<usize>, kind: Kind) {
        self.at = file.end;
        self.pieces.push(Piece { text, file, kind, literal: Some((self.start, self.form)) });
    }

    /// Decodes the literal up to the offset `end` of the file.
    fn read_to(&mut self, end: usize) {
        let mut from = self.at;
        while self.at < end {
            let rest = &self.file[self.at..end];
            let found = match rest[0] {
                b'\\' if !self.form.raw => escape(rest, self.form.bytes),
                b'\r' => Some((1 + usize::from(rest.starts_with(b"\r\n")), Some(vec![b'\n']))),
                b'{' | b'}' if self.form.template == Template::Braces && doubled(rest) => {
                    Some((2, Some(vec![rest[0]])))
                }
                _ => None,
            };
            let Some((length, text)) = found else {
                // A backslash that escapes nothing is text.
                self.at += 1;
                continue;
            };
            let place = self.at..self.at + length;
            self.verbatim(from..place.start);
            match text {
                Some(text) => self.push(text, place, Kind::Escape),
                None => self.push(Vec::new(), place, Kind::Unknown),
            }
            from = self.at;
        }
        self.verbatim(from..end);
    }

    fn verbatim(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.push(self.file[range.clone()].to_vec(), range, Kind::Verbatim);
        }
    }
}

fn doubled(text: &[u8]) -> bool {
    text.get(1) == text.first()
}

/// The escape sequence at the start of `text`: its length in bytes, and its value. The value is
/// `None` if it is invalid or a name such as `\N{COLON}`.
///
/// `None` if it is not an escape sequence, so that the backslash stays.
fn escape(text: &[u8], bytes: bool) -> Option<(usize, Option<Vec<u8>>)> {
    let byte = |value: u8| Some((2, Some(vec![value])));
    match text.get(1)? {
        b'\n' => Some((2, Some(Vec::new()))),
        b'\r' => Some((2 + usize::from(text.get(2) == Some(&b'\n')), Some(Vec::new()))),
        it @ (b'\\' | b'\'' | b'"') => byte(*it),
        b'a' => byte(0x07),
        b'b' => byte(0x08),
        b'f' => byte(0x0c),
        b'n' => byte(b'\n'),
        b'r' => byte(b'\r'),
        b't' => byte(b'\t'),
        b'v' => byte(0x0b),
        b'0'..=b'7' => {
            let digits = text[1..].iter().take(3).take_while(|it| matches!(it, b'0'..=b'7'));
            let (length, value) = digits
                .fold((1, 0), |(length, value), it| (length + 1, value * 8 + u32::from(it - b'0')));
            Some((length, character(value, bytes)))
        }
        b'x' => Some(number(text, 2, bytes)),
        b'u' if !bytes => Some(number(text, 4, false)),
        b'U' if !bytes => Some(number(text, 8, false)),
        b'N' if !bytes => {
            let name = text.get(2) == Some(&b'{');
            let length = text.iter().position(|it| *it == b'}').filter(|_| name);
            Some((length.map_or(2, |length| length + 1), None))
        }
        _ => None,
    }
}

/// Decodes `\x`, `\u` or `\U`, which need exactly `digits` digits. The value is `None` if there are
/// fewer, which Python rejects.
fn number(text: &[u8], digits: usize, bytes: bool) -> (usize, Option<Vec<u8>>) {
    let written = text.get(2..2 + digits).filter(|it| it.iter().all(u8::is_ascii_hexdigit));
    let written = written.and_then(|it| std::str::from_utf8(it).ok());
    match written.and_then(|it| u32::from_str_radix(it, 16).ok()) {
        Some(value) => (2 + digits, character(value, bytes)),
        None => (2, None),
    }
}

/// The bytes of the character with this code; in a `bytes` literal, one byte.
fn character(value: u32, bytes: bool) -> Option<Vec<u8>> {
    if bytes {
        return Some(vec![u8::try_from(value & 0xff).unwrap_or_default()]);
    }
    let mut buffer = [0; 4];
    Some(char::from_u32(value)?.encode_utf8(&mut buffer).as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use crate::check::embedded::Embedded;
    use crate::check::source::tests::{find, texts};
    use strports_syntax::Span;

    #[track_caller]
    fn read(literal: &[u8]) -> (Vec<u8>, Embedded) {
        let file = [b"serverFromString(r, ", literal, b")"].concat();
        let mut found = find(&FORMAT, "a.py", &file);
        assert_eq!(found.len(), 1, "{}", literal.escape_ascii());
        (file, found.remove(0))
    }

    /// The results of Python 3.11.
    #[test]
    fn literals_have_their_python_value() {
        let wanted: &[(&[u8], &[u8])] = &[
            (b"'tcp:80'", b"tcp:80"),
            (b"\"tcp:80:interface=\\:\\:1\"", b"tcp:80:interface=\\:\\:1"),
            (b"r\"tcp:80:interface=\\:\\:1\"", b"tcp:80:interface=\\:\\:1"),
            (b"\"tcp\\x3a80\"", b"tcp:80"),
            (b"\"tcp\\u003a80\"", b"tcp:80"),
            (b"\"tcp\\U0000003a80\"", b"tcp:80"),
            (b"'a\\72b\\0c\\1234'", b"a:b\x00cS4"),
            (b"\"\\400\\777\"", b"\xc4\x80\xc7\xbf"),
            (b"b\"\\400\\xff\\u003a\\N{COLON}\"", b"\x00\xff\\u003a\\N{COLON}"),
            (b"\"\\a\\b\\f\\n\\r\\t\\v\\'\\\"\\\\\"", b"\x07\x08\x0c\n\r\t\x0b'\"\\"),
            (b"\"C:\\dir\\new\"", b"C:\\dir\new"),
            (b"r\"C:\\dir\\new\\\"\"", b"C:\\dir\\new\\\""),
            (b"rb\"\\x41\"", b"\\x41"),
            (b"u\"\\xe9\xc3\xa9\"", b"\xc3\xa9\xc3\xa9"),
            (b"\"unix:/a\\\nb\"", b"unix:/ab"),
            (b"\"unix:/a\\\r\nb\"", b"unix:/ab"),
            (b"'''a\nb\r\nc'''", b"a\nb\nc"),
            (b"\"\"\"a\"b\"\"c\"\"\"", b"a\"b\"\"c"),
            (b"r'''a\\\nb'''", b"a\\\nb"),
            (b"\"tcp:%d{}\"", b"tcp:%d{}"),
            (b"\"a\" \"b\" 'c'", b"abc"),
            (b"('a'\n r'\\b')", b"a\\b"),
            (b"(\"a\" # x\n  \"b\")", b"ab"),
            (b"\"\\8\\9\\q\\%\"", b"\\8\\9\\q\\%"),
            (b"bytes(b\"a\\:\").decode()", b"a\\:"),
            (b"\"a\" + (\"b\" + \"\\x63\")", b"abc"),
            (b"\"\" \"x\"", b"x"),
            (b"Rb\"\\\\t\" B\"\\\\t\"", b"\\\\t\\t"),
            (b"\"\\x5cn\"", b"\\n"),
            (b"\"\xf0\x9d\x84\x9e\\:\"", b"\xf0\x9d\x84\x9e\\:"),
        ];
        for (literal, text) in wanted {
            let (_, it) = read(literal);
            assert_eq!(it.text().escape_ascii().to_string(), text.escape_ascii().to_string());
            assert!(!it.is_template(), "{}", literal.escape_ascii());
        }
    }

    #[test]
    fn interpolated_parts_are_unknown() {
        let wanted = [
            (r#"f"tcp:{1+2}:x={{{5}}}:\x41\:\N{COLON}""#, r"tcp:1:x={1}:A\:1"),
            (r#"rf"\{7}\x{{}}""#, r"\1\x{}"),
            (r#"f"{{}}{8!r:>{3}}""#, "{}1"),
            (r#"f"{8}" "{{}}" r"\x""#, r"1{{}}\x"),
            (r#""%d%%%5s\x25d" % (1, "a", 2)"#, "1%11"),
            (r#""%(a)s%%{}" % {"a": 1}"#, "1%{}"),
            (r#""{}{{}}{a!r:>{b}}\x7b0}" .format(1)"#, "1{}11"),
            (r#""%" "d" % 5"#, "1"),
            (r#"("a%dc" "b") % 5 + ":%d""#, "a1cb:%d"),
            (r#""tcp:" + str(port) + ":" + x.y()[0]"#, "tcp:1:1"),
            (r#""a" + ("tcp:{}" + b).format(1)"#, "atcp:11"),
            (r#"f"{a}%d" % 1"#, "11"),
            (r#""\ud800\xg""#, "11g"),
        ];
        for (literal, text) in wanted {
            let (_, it) = read(literal.as_bytes());
            assert_eq!(it.text(), text.as_bytes(), "{literal}");
            assert!(it.is_template(), "{literal}");
        }
    }

    #[test]
    fn every_byte_maps_back_to_its_position() {
        let (file, it) = read(
            br#"("t\x63p:" r"80" # c
            f':{a}:\:\\' "x=%s" % b)"#,
        );
        assert_eq!(it.text(), br"tcp:80:1:\:\x=1");
        let places =
            ["t", r"\x63", "p", ":", "8", "0", ":", "{a}", ":", r"\", ":", r"\\", "x", "=", "%s"];
        for (offset, place) in places.iter().enumerate() {
            let range = it.locate(Span::new(offset, offset + 1));
            assert_eq!(&file[range], place.as_bytes(), "{offset}");
        }
    }

    #[test]
    fn other_expressions_are_ignored() {
        for text in
            ["x", "x.y", "`a`", "'tcp:80", "a % 'b'", "f(x)", "['tcp:80']", "1", "'a' * 2", ""]
        {
            let file = format!("serverFromString(r, {text})");
            assert_eq!(texts(&FORMAT, "a.py", file.as_bytes()), [""; 0], "{text}");
        }
        let deep = format!("serverFromString(r, {}'a'{})", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(texts(&FORMAT, "a.py", deep.as_bytes()), [""; 0]);
        let sum = format!("serverFromString(r, {}'a')", "'a' + ".repeat(5000));
        // A value that is nested too deeply is unknown.
        assert_eq!(find(&FORMAT, "a.py", sum.as_bytes()).len(), 1);
    }
}
