//! The arguments of a description: its segments between unescaped colons.

use crate::escape::RawText;
use crate::lexer::{self, Segment};
use crate::window::Cursor;
use crate::{Span, Text};

/// One argument of a description: positional, or a keyword with its value.
///
/// ```
/// use strports_syntax::Description;
/// let text = r"tcp:80:interface=\:\:1";
/// let argument = Description::parse(text)?.arguments().nth(1).unwrap();
/// assert_eq!(argument.key.as_ref().unwrap(), "interface");
/// assert_eq!(argument.value, "::1");
/// assert_eq!(argument.key_span().slice(text.as_bytes()), b"interface");
/// assert_eq!(argument.value_span.slice(text.as_bytes()), br"\:\:1");
/// # Ok::<(), strports_syntax::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument<'a> {
    /// The text before the `=` of a keyword argument; `None` for a positional argument.
    pub key: Option<Text<'a>>,
    /// The text after the `=`, or the whole text of a positional argument.
    pub value: Text<'a>,
    /// The span of the whole segment: key, `=` and value, without the colons around it.
    pub span: Span,
    /// The span of the value alone; equal to `span` for a positional argument.
    pub value_span: Span,
}

impl Argument<'_> {
    /// Whether the argument is positional: it has no unescaped `=`.
    pub const fn is_positional(&self) -> bool {
        self.key.is_none()
    }

    /// The span of the key; for a positional argument, an empty span at its start.
    pub fn key_span(&self) -> Span {
        let len = self.key.as_ref().map_or(0, |key| key.raw().len());
        Span::new(self.span.start, self.span.start + len)
    }
}

/// An argument whose texts still contain their escapes; cheaper to copy than [`Argument`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    key: Option<RawText<'a>>,
    value: RawText<'a>,
    span: Span,
}

impl<'a> Written<'a> {
    pub(crate) const fn is_positional(&self) -> bool {
        self.key.is_none()
    }

    pub(crate) const fn key(&self) -> Option<RawText<'a>> {
        self.key
    }

    pub(crate) const fn value(&self) -> RawText<'a> {
        self.value
    }

    /// The span of the whole segment: key, `=` and value, without the colons around it.
    #[inline]
    pub(crate) const fn span(&self) -> Span {
        self.span
    }

    pub(crate) fn key_span(&self) -> Span {
        let start = self.span.start;
        Span::new(start, start + self.key.map_or(0, |key| key.bytes().len()))
    }

    #[inline]
    pub(crate) const fn value_span(&self) -> Span {
        let end = self.span.end;
        Span::new(end - self.value.bytes().len(), end)
    }
}

impl<'a> From<Written<'a>> for Argument<'a> {
    #[expect(clippy::inline_always, reason = "measured: see benches/")]
    #[inline(always)]
    fn from(written: Written<'a>) -> Self {
        Self {
            key: written.key().map(Text::from_raw),
            value: Text::from_raw(written.value()),
            span: written.span(),
            value_span: written.value_span(),
        }
    }
}

/// Iterates over the segments of a text, which unescaped colons separate.
///
/// There is always at least one: an empty text is one empty positional argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segments<'a> {
    rest: Cursor<'a>,
}

impl<'a> Segments<'a> {
    /// Starts at the beginning of `text`, which should not end in an unescaped backslash.
    ///
    /// Iteration ends before a last segment with such a backslash.
    #[inline]
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { rest: Cursor::new(text) }
    }

    /// The whole text, including segments that were read before.
    pub(crate) const fn text(&self) -> &'a [u8] {
        self.rest.text()
    }
}

#[expect(clippy::copy_iterator, reason = "a description keeps one, and is copied itself")]
impl<'a> Iterator for Segments<'a> {
    type Item = Written<'a>;

    // Key and value are read in one loop: with a separate call, iteration takes 1.5 times as long.
    #[expect(clippy::inline_always, reason = "measured: see benches/")]
    #[inline(always)]
    fn next(&mut self) -> Option<Written<'a>> {
        if self.rest.is_behind_end() {
            return None;
        }
        let start = self.rest.at();
        let (mut rest, Segment { key, value }) = lexer::segment(self.rest).ok()?;
        let span = Span::new(start, rest.at());
        // Skips the colon that ends the segment, or the end of the text.
        rest.pass();
        self.rest = rest;
        Some(Written { key, value, span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn arguments(text: &str) -> Vec<(Option<&str>, &str)> {
        Segments::new(text.as_bytes())
            .map(Argument::from)
            .map(|argument| {
                let slice = |span: Span| &text[span.start..span.end];
                let key_span = argument.key_span();
                (argument.key.map(|_| slice(key_span)), slice(argument.value_span))
            })
            .collect()
    }

    #[test]
    fn empty_segments_are_kept() {
        assert_eq!(arguments(""), [(None, "")]);
        assert_eq!(arguments("a:"), [(None, "a"), (None, "")]);
        assert_eq!(arguments("a::b"), [(None, "a"), (None, ""), (None, "b")]);
    }

    #[test]
    fn keys_and_values_may_be_empty() {
        assert_eq!(arguments("a:=c"), [(None, "a"), (Some(""), "c")]);
        assert_eq!(arguments("a=:="), [(Some("a"), ""), (Some(""), "")]);
    }
}
