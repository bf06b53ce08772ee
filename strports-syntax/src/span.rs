//! Spans: ranges of byte offsets in a text.

use core::fmt;
use core::ops::Range;

/// A half-open range of bytes in the text that was parsed.
///
/// Offsets count bytes from the start of the *original* text, even inside a nested description.
///
/// ```
/// use strports_syntax::Span;
/// assert_eq!(Span::new(4, 8).slice(b"tcp:8080"), b"8080");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The byte offset of the first byte in the span.
    pub start: usize,
    /// The byte offset after the last byte in the span.
    pub end: usize,
}

impl Span {
    /// Creates the span from the byte offset `start` up to, but not including, `end`.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// assert_eq!(Span::new(4, 6).slice(b"tcp:80"), b"80");
    /// ```
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Creates an empty span at the byte offset `offset`, for something that is missing there.
    pub const fn empty(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The length in bytes; 0 if the end precedes the start.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span contains no byte.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The smallest span that contains both this one and `other`.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// assert_eq!(Span::new(4, 6).to(Span::new(9, 12)), Span::new(4, 12));
    /// ```
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// Whether the spans overlap or adjoin: `tcp` and the `:` after it touch.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// assert!(Span::new(4, 6).touches(Span::empty(6)));
    /// assert!(!Span::new(4, 6).touches(Span::new(7, 8)));
    /// ```
    pub const fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// Converts byte offsets to offsets in characters of `text`, as Python counts.
    ///
    /// Bytes that are not UTF-8 count as the U+FFFD characters that replace them. A span that
    /// begins or ends inside a character covers all of it.
    ///
    /// ```
    /// use strports_syntax::{ClientEndpoint, Span};
    /// let text = "unix:/ключ:timeout=x";
    /// let span = ClientEndpoint::parse(text).unwrap_err().span();
    /// assert_eq!(span, Span::new(23, 24));
    /// assert_eq!(span.in_chars(text), Span::new(19, 20));
    /// ```
    #[must_use]
    pub fn in_chars<T: AsRef<[u8]> + ?Sized>(self, text: &T) -> Self {
        self.counted(text.as_ref(), |_| 1)
    }

    /// Converts byte offsets to offsets in UTF-16 code units of `text`, as browsers and editors
    /// count.
    ///
    /// It is like [`in_chars`](Self::in_chars), except that characters above U+FFFF count twice.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// let text = "unix:/🔑:x";
    /// assert_eq!(Span::new(6, 10).in_utf16(text), Span::new(6, 8));
    /// assert_eq!(Span::new(6, 10).in_chars(text), Span::new(6, 7));
    /// ```
    #[must_use]
    pub fn in_utf16<T: AsRef<[u8]> + ?Sized>(self, text: &T) -> Self {
        self.counted(text.as_ref(), char::len_utf16)
    }

    /// Converts both offsets; `units` is the number that a character counts for.
    fn counted(self, text: &[u8], units: impl Fn(char) -> usize) -> Self {
        let mut counted = Self::empty(0);
        let mut offset = 0;
        for chunk in text.utf8_chunks() {
            let valid = chunk.valid().chars().map(|char| (char, char.len_utf8()));
            let invalid = chunk.invalid().len();
            let replaced = (invalid > 0).then_some((char::REPLACEMENT_CHARACTER, invalid));
            for (char, length) in valid.chain(replaced) {
                counted.end += if offset < self.end { units(char) } else { 0 };
                offset += length;
                counted.start += if offset <= self.start { units(char) } else { 0 };
            }
        }
        Self::new(counted.start, counted.end.max(counted.start))
    }

    /// The bytes of `text` inside the span; empty if the span is out of bounds.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// assert_eq!(Span::new(0, 3).slice(b"tcp:80"), b"tcp");
    /// assert_eq!(Span::new(4, 99).slice(b"tcp:80"), b"");
    /// ```
    pub fn slice(self, text: &[u8]) -> &[u8] {
        text.get(Range::from(self)).unwrap_or_default()
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn counted(text: &[u8], span: (usize, usize), chars: (usize, usize), utf16: (usize, usize)) {
        let span = Span::new(span.0, span.1);
        assert_eq!(span.in_chars(text), Span::new(chars.0, chars.1));
        assert_eq!(span.in_utf16(text), Span::new(utf16.0, utf16.1));
    }

    #[test]
    fn spans_convert_to_characters_and_utf_16() {
        counted(b"tcp:80", (4, 6), (4, 6), (4, 6));
        let text = "é\u{1f511}x".as_bytes();
        counted(text, (0, 2), (0, 1), (0, 1));
        counted(text, (2, 6), (1, 2), (1, 3));
        counted(text, (6, 7), (2, 3), (3, 4));
        counted(text, (7, 7), (3, 3), (4, 4));
        counted(text, (6, 6), (2, 2), (3, 3));
        // Offsets beyond the text become the end of the text.
        counted(text, (6, 99), (2, 3), (3, 4));
    }

    #[test]
    fn a_part_of_a_character_counts_as_the_character() {
        counted("aéb".as_bytes(), (2, 3), (1, 2), (1, 2));
        counted("aéb".as_bytes(), (1, 2), (1, 2), (1, 2));
    }

    #[test]
    fn invalid_utf_8_counts_as_its_replacement() {
        let text = b"a\xffb\xe2\x82c";
        assert_eq!(std::string::String::from_utf8_lossy(text).chars().count(), 5);
        counted(text, (2, 3), (2, 3), (2, 3));
        counted(text, (5, 6), (4, 5), (4, 5));
    }
}
