//! Segments of a description as arguments, one at a time.

use crate::escape::RawText;
use crate::lexer::{self, Segment};
use crate::window::Cursor;
use crate::{Span, Text};

/// One argument: positional, or a keyword with its value.
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
    /// The key of a keyword argument, and where it stands; `None` for a positional one.
    pub key: Option<Text<'a>>,
    /// Its value.
    pub value: Text<'a>,
    /// The whole segment.
    pub span: Span,
    /// The span of the value; for a positional argument the same as `span`.
    pub value_span: Span,
}

impl Argument<'_> {
    /// Whether it has no key.
    pub const fn is_positional(&self) -> bool {
        self.key.is_none()
    }

    /// Where the key stands; for a positional argument empty, at its start.
    pub fn key_span(&self) -> Span {
        let len = self.key.as_ref().map_or(0, |key| key.raw().len());
        Span::new(self.span.start, self.span.start + len)
    }
}

/// An argument as it was written: what [`Argument`] is made of, cheap to copy and to keep.
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

    /// The whole segment.
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

/// Every segment of a text, in the order it was written.
///
/// There is at least one: an empty text is one empty positional argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segments<'a> {
    rest: Cursor<'a>,
}

impl<'a> Segments<'a> {
    /// `text` must not end in a backslash that escapes nothing: what begins with one is left out.
    #[inline]
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { rest: Cursor::new(text) }
    }

    /// The whole text, also where some of them have been read.
    pub(crate) const fn text(&self) -> &'a [u8] {
        self.rest.text()
    }
}

#[expect(clippy::copy_iterator, reason = "a description keeps one, and is copied itself")]
impl<'a> Iterator for Segments<'a> {
    type Item = Written<'a>;

    // One fused loop: as a call it costs half as much again.
    #[expect(clippy::inline_always, reason = "measured: see benches/")]
    #[inline(always)]
    fn next(&mut self) -> Option<Written<'a>> {
        if self.rest.is_behind_end() {
            return None;
        }
        let start = self.rest.at();
        let (mut rest, Segment { key, value }) = lexer::segment(self.rest).ok()?;
        let span = Span::new(start, rest.at());
        // What stops a segment is a colon or the end.
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
    fn ok_empty_segments_are_kept() {
        assert_eq!(arguments(""), [(None, "")]);
        assert_eq!(arguments("a:"), [(None, "a"), (None, "")]);
        assert_eq!(arguments("a::b"), [(None, "a"), (None, ""), (None, "b")]);
    }

    #[test]
    fn ok_keys_and_values_may_be_empty() {
        assert_eq!(arguments("a:=c"), [(None, "a"), (Some(""), "c")]);
        assert_eq!(arguments("a=:="), [(Some("a"), ""), (Some(""), "")]);
    }
}
