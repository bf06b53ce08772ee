//! Command lines as arrays of JSON: `["daphne", "-e", "tcp:80"]`.
//!
//! Variables in them are expanded only if the program is a shell.

use super::bounds::Words;
use super::placeholder::{Found, Styles, find, is_variable};
use super::string_literal::DOUBLE;
use crate::check::embedded::{Embedded, Expander};
use strports_syntax::Span;

/// No shell reads these words, but the generator of the file or the caller of the program may fill
/// in placeholders.
const PLACEHOLDERS: Styles = Styles::SHELL.and(Styles::TEMPLATE);

/// Returns the words if `base` is a JSON array of strings and nothing else; `None` otherwise.
pub(super) fn words(base: &Embedded) -> Option<Words> {
    let mut reader = Reader { base, at: 0 };
    let mut words = Words::default();
    reader.token(b'[')?;
    if reader.token(b']').is_none() {
        loop {
            words.push(reader.string()?);
            if reader.token(b',').is_none() {
                break;
            }
        }
        reader.token(b']')?;
    }
    base.text()[reader.at..].trim_ascii().is_empty().then_some(words)
}

struct Reader<'b> {
    base: &'b Embedded,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &[u8] {
        &self.base.text()[self.at..]
    }

    /// Skips blanks and the byte `token`. Stays and returns `None` if another byte follows.
    fn token(&mut self, token: u8) -> Option<()> {
        let blanks = self.rest().len() - self.rest().trim_ascii_start().len();
        let found = self.rest().get(blanks) == Some(&token);
        found.then(|| self.at += blanks + 1)
    }

    fn string(&mut self) -> Option<Embedded> {
        self.token(b'"')?;
        let mut word = Embedded::new(None, DOUBLE);
        word.read(self.base, Span::empty(self.at));
        loop {
            let length = memchr::memchr2(b'"', b'\\', self.rest())?;
            let plain = Span::new(self.at, self.at + length);
            self.at = plain.end;
            template(&mut word, self.base, plain);
            if self.token(b'"').is_some() {
                return Some(word);
            }
            let (length, meaning) = escape(self.rest())?;
            let mut buffer = [0; 4];
            let meaning = meaning.encode_utf8(&mut buffer).as_bytes();
            word.read_escape(self.base, meaning, Span::new(self.at, self.at + length));
            self.at += length;
        }
    }
}

/// The length in bytes and the value of the JSON escape at the start of `text`; `None` if it is
/// invalid.
fn escape(text: &[u8]) -> Option<(usize, char)> {
    let unit = |text: &[u8]| {
        let digits = std::str::from_utf8(text.strip_prefix(b"\\u")?.get(..4)?).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let meaning = match text.get(1)? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        b'u' => {
            let first = unit(text)?;
            let units = [first, text.get(6..).and_then(unit).unwrap_or(0)];
            let meaning = char::decode_utf16(units).next()?.ok()?;
            return Some((6 * meaning.len_utf16(), meaning));
        }
        _ => return None,
    };
    Some((2, meaning))
}

/// Adds `span` of the text of `base` to `word`. Variables stay text, and other placeholders are
/// unknown.
fn template(word: &mut Embedded, base: &Embedded, span: Span) {
    let mut at = span.start;
    for (place, what) in find(span.slice(base.text()), PLACEHOLDERS) {
        let place = Span::new(span.start + place.start, span.start + place.end);
        word.read(base, Span::new(at, place.start));
        at = place.end;
        match what {
            Found::Unknown if is_variable(place.slice(base.text())) => {
                word.read_unexpanded(base, place, Expander::Docker);
            }
            Found::Unknown => word.read_unknown(base, place),
            Found::Escape(byte) => word.read_escape(base, &[byte], place),
        }
    }
    word.read(base, Span::new(at, span.end));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<String>> {
        let base = Embedded::plain(text.as_bytes(), 0..text.len(), None);
        let text = |it: &Embedded| String::from_utf8(it.text().to_vec()).unwrap();
        words(&base).map(|words| words.iter().map(text).collect())
    }

    #[test]
    fn arrays_of_strings_are_parsed() {
        let text = r#" [ "a b","\\\u003a\"\u00e9\ud83d\ude00" , "" , "tcp:${P}:$Q"] "#;
        assert_eq!(read(text).unwrap(), ["a b", "\\:\"é😀", "", "tcp:1:1"]);
        assert_eq!(read("[]").unwrap(), [""; 0]);
    }

    #[test]
    fn other_text_is_not_an_array() {
        for text in
            ["", "a", "[", "[a]", "[\"a\"", "[\"a\",]", "[\"a\"] b", "[\"\\x\"]", "[\"\\u12\"]"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn backslashes_are_doubled() {
        let text = r#"["tcp:\\:"]"#;
        let base = Embedded::plain(text.as_bytes(), 0..text.len(), None);
        let word = &words(&base).unwrap()[0];
        assert_eq!(&text[word.locate(Span::new(4, 5))], r"\\");
        assert_eq!(word.quote(Span::new(4, 5), br"\:").as_deref(), Some(&br"\\:"[..]));
    }
}
