//! Prepares user text for a terminal: one line, escaped, and cut if it is long.

#[cfg(feature = "relay")]
use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use crate::describe::character_start;
use strports_syntax::{Printable, Span};

/// The maximum number of bytes that are shown before and after the span of a finding.
const MARGIN: usize = 60;
/// The maximum number of bytes that are shown of the span of a finding, which is cut after them.
const MOST: usize = 120;

/// A piece of a text, escaped for the terminal, with a mapping from text offsets to output offsets.
pub(in crate::cli) struct Shown {
    text: String,
    /// The byte offset in the original text at which the piece begins.
    start: usize,
    /// For each byte of the piece, the byte offset of its character in the output. A last entry is
    /// the offset at which the piece ends.
    offsets: Vec<usize>,
}

impl Shown {
    /// Shows the whole text, escaped.
    pub(in crate::cli) fn whole(text: &[u8]) -> Self {
        Self::piece(text, Span::new(0, text.len()))
    }

    /// Shows `span` of the text with up to [`MARGIN`] bytes on either side.
    pub(super) fn around(text: &[u8], span: Span) -> Self {
        if text.len() <= MOST + MARGIN {
            return Self::whole(text);
        }
        let end = span.end.min(span.start + MOST);
        let window = Span::new(span.start.saturating_sub(MARGIN), text.len().min(end + MARGIN));
        Self::piece(text, window)
    }

    /// Shows the bytes in `window`, with `…` where the text before or after them was cut.
    fn piece(text: &[u8], window: Span) -> Self {
        let start = character_start(text, window.start);
        let end = character_start(text, window.end);
        let mut shown = Self { text: String::new(), start, offsets: Vec::new() };
        if start > 0 {
            shown.text.push('…');
        }
        for char in Printable::new(text.get(start..end).unwrap_or_default()).chars() {
            shown.offsets.extend(std::iter::repeat_n(shown.text.len(), char.len()));
            // Writing to memory cannot fail.
            let _ = write!(shown.text, "{char}");
        }
        shown.offsets.push(shown.text.len());
        if end < text.len() {
            shown.text.push('…');
        }
        shown
    }

    /// The escaped text, as it is printed.
    pub(in crate::cli) fn text(&self) -> &str {
        &self.text
    }

    /// Whether text before the piece was cut off.
    #[cfg(feature = "check")]
    pub(super) const fn is_cut(&self) -> bool {
        self.start > 0
    }

    /// Converts `span`, byte offsets in the original text, to byte offsets in the output.
    pub(super) fn span(&self, span: Span) -> Span {
        Span::new(self.offset(span.start), self.offset(span.end))
    }

    /// Returns the column, from 0, at which the byte `offset` of the original text is printed.
    pub(super) fn column(&self, offset: usize) -> usize {
        width(self.text.get(..self.offset(offset)).unwrap_or_default())
    }

    fn offset(&self, original: usize) -> usize {
        let index = original.saturating_sub(self.start).min(self.offsets.len() - 1);
        self.offsets[index]
    }
}

/// The width of a text on a terminal, in columns; East Asian wide characters take two.
pub(in crate::cli) fn width(text: &str) -> usize {
    text.chars().map(|char| char.width().unwrap_or_default()).sum()
}

#[cfg(feature = "relay")]
/// Returns the beginning of a line that fits into `columns`, with `…` if it was cut.
pub(in crate::cli) fn fitting(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut left = columns.saturating_sub(1);
    let fits = |char: &char| {
        let rest = left.checked_sub(char.width().unwrap_or_default());
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    let mut fitting: String = text.chars().take_while(fits).collect();
    fitting.push('…');
    Cow::Owned(fitting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_removed() {
        let shown = Shown::whole(b"a\x1b[1m\n\x7f\xff\xc2\x9b\xe2\x80\xae");
        assert_eq!(shown.text(), r"a\u{1b}[1m\n\u{7f}\xff\u{9b}\u{202e}");
        assert_eq!(shown.column(5), 10);
        assert_eq!(&shown.text()[std::ops::Range::from(shown.span(Span::new(5, 6)))], r"\n");
    }

    #[test]
    fn a_long_text_is_cut_around_the_span() {
        let text = "é".repeat(1000);
        let shown = Shown::around(text.as_bytes(), Span::new(1001, 1002));
        assert!(shown.text().starts_with("…é") && shown.text().ends_with("é…"));
        let span = shown.span(Span::new(1000, 1002));
        assert_eq!(&shown.text()[span.start..span.end], "é");
        assert!(width(shown.text()) < 100);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(Shown::whole("日:x".as_bytes()).column(3), 2);
    }
}
