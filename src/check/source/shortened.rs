//! The text of a file without parts that cannot contain a description.
//!
//! A parser takes a hundred times as long for a byte as a search. A format therefore leaves out
//! lines that are certainly valid and contain no key, program or variable that matters.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use memchr::{memchr_iter, memchr2};

use super::context::Context;
use super::keys::Keys;

/// A text without some of its parts, and the offsets of the others in the file.
pub(super) struct Shortened<'f> {
    pub(super) text: Cow<'f, str>,
    /// For each kept part, the offset at which it begins in `text`, and that in the file.
    parts: Vec<(usize, usize)>,
}

impl<'f> Shortened<'f> {
    /// Leaves out `parts` of `text`, which must be in order and not overlap.
    pub(super) fn new(text: &'f str, parts: &[Range<usize>]) -> Self {
        if parts.is_empty() {
            return Self { text: text.into(), parts: vec![(0, 0)] };
        }
        let mut it = Self { text: String::new().into(), parts: Vec::new() };
        let starts = std::iter::once(0).chain(parts.iter().map(|part| part.end));
        let ends = parts.iter().map(|part| part.start).chain([text.len()]);
        for (start, end) in starts.zip(ends).filter(|(start, end)| start < end) {
            it.parts.push((it.text.len(), start));
            it.text.to_mut().push_str(&text[start..end]);
        }
        it
    }

    /// The byte offset in the file of the byte at `offset` of the shortened text.
    pub(super) fn place(&self, offset: usize) -> usize {
        let behind = self.parts.partition_point(|(start, _)| *start <= offset);
        let part = behind.checked_sub(1).and_then(|part| self.parts.get(part));
        part.map_or(offset, |(start, file)| file + offset - start)
    }
}

/// What a file is searched for: the known keys, and the places of names of programs and variables.
/// Other parts of the file cannot contain a description.
pub(super) struct Interest<'c> {
    /// The byte offsets at which names begin, in order.
    names: Vec<usize>,
    keys: &'c [&'c Keys],
}

impl<'c> Interest<'c> {
    /// Searches a file for names. `None` if any part of the file may contain a description.
    pub(super) fn new(file: &[u8], context: &'c Context<'_>) -> Option<Self> {
        let is_numbered = context.keys.iter().any(|keys| keys.may_fit_number());
        // True if the names were too large to compile, so that every text counts as one with a
        // name.
        let is_anywhere = context.names.are_in(b"");
        let has_others = || context.excerpts.iter().any(|(_, keys)| keys.may_be_in(file));
        if is_numbered || is_anywhere || has_others() {
            return None;
        }
        Some(Self { names: context.names.places(file), keys: &context.keys })
    }

    /// Whether the name of a program or variable begins in this byte range of the file.
    pub(super) fn has_name(&self, part: &Range<usize>) -> bool {
        let next = self.names.partition_point(|name| *name < part.start);
        self.names.get(next).is_some_and(|name| *name < part.end)
    }

    /// Whether the value of a key may matter, by the last name of its path.
    pub(super) fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|keys| keys.may_fit(key))
    }
}

/// The length in bytes of the bare key at the start of a line; `None` without one. YAML limits the
/// length of keys, so long ones are left to the parser.
pub(super) fn bare_key(line: &[u8]) -> Option<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let length = line.iter().take_while(|byte| is_part(byte)).count();
    let begins = line.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    (begins && length < 256).then_some(length)
}

/// Whether a value is a string of printable characters between quotation marks without an escape.
pub(super) fn is_quoted(value: &[u8]) -> bool {
    let [mark @ (b'"' | b'\''), inside @ .., last] = value else { return false };
    mark == last && is_printable(inside) && memchr2(*mark, b'\\', inside).is_none()
}

/// Whether a text consists of blanks and visible characters of ASCII.
pub(super) fn is_printable(text: &[u8]) -> bool {
    // The fold has no early end, so the compiler checks many bytes at once.
    text.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// The byte ranges of the lines of a text, with their line feeds.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    let ends = memchr_iter(b'\n', text).map(|at| at + 1).chain([text.len()]);
    ends.map(move |end| mem::replace(&mut start, end)..end).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_refer_to_the_whole_text() {
        let short = Shortened::new("abcdefgh", &[0..1, 3..5, 5..6]);
        assert_eq!(short.text, "bcgh");
        let places: Vec<_> = (0..4).map(|at| short.place(at)).collect();
        assert_eq!(places, [1, 2, 6, 7]);
        let all = Shortened::new("abc", &[0..1, 1..3]);
        assert_eq!((&*all.text, all.place(0)), ("", 0));
        assert_eq!(Shortened::new("abc", &[]).place(2), 2);
    }

    #[test]
    fn every_byte_is_in_one_line() {
        let found = |text: &str| lines(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(found("a\n\nbc"), [0..2, 2..3, 3..5]);
        assert_eq!(found("a\nb\n"), [0..2, 2..4]);
        assert!(found("").is_empty());
    }

    #[test]
    fn only_plain_strings_are_plain() {
        for text in ["\"a b\"", "'it is'", "\"\"", "'a\"b'"] {
            assert!(is_quoted(text.as_bytes()), "{text}");
        }
        for text in ["\"a", "a", "\"", "\"\\n\"", "'it''s'", "\"a\tb\"", "\"\"\"a\"\"\"", ""] {
            assert!(!is_quoted(text.as_bytes()), "{text}");
        }
        assert_eq!(
            (bare_key(b"a-b_1: x"), bare_key(b"1a"), bare_key(b"\"a\"")),
            (Some(5), None, None)
        );
    }
}
