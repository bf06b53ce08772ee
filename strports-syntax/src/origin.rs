//! Maps spans of nested descriptions to the original text, where errors are reported.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::Span;
#[cfg(feature = "alloc")]
use crate::{Place, Text, argument::Written, quote_bytes};

/// The text of a nested description, and where in the outer text each of its bytes was read.
///
/// Without an allocator, no description nests, and this type has no values.
#[derive(Debug)]
pub(crate) struct Origin<'o> {
    #[cfg(feature = "alloc")]
    inner: Unescaped<'o>,
    #[cfg(not(feature = "alloc"))]
    inner: core::convert::Infallible,
    #[cfg(not(feature = "alloc"))]
    lifetime: core::marker::PhantomData<&'o ()>,
}

/// A nested description, with the origin of the description around it.
#[cfg(feature = "alloc")]
#[derive(Debug)]
struct Unescaped<'o> {
    /// The origin of the enclosing description; `None` if that is the outermost one.
    outer: Option<&'o Origin<'o>>,
    bytes: Vec<u8>,
    source: Source,
}

/// How the bytes of a nested description map to the text of the enclosing one.
#[cfg(feature = "alloc")]
#[derive(Debug)]
enum Source {
    /// The bytes were unescaped from the value of one argument.
    Value {
        /// The byte offset of the value in the outer text.
        start: usize,
        /// The offsets in `bytes` of the bytes that had a backslash in the outer text, ascending.
        escapes: Vec<usize>,
        /// The position of the value, which determines the escapes of text that a fix inserts.
        place: Place,
    },
    /// The bytes were joined from several arguments of a plugin's type.
    Joined {
        /// For each byte, the span in the outer text that it was read from.
        spans: Vec<Span>,
        /// The characters that joining escapes with a backslash; all are ASCII.
        escapes: &'static str,
    },
}

#[cfg(feature = "alloc")]
impl<'o> Origin<'o> {
    /// Unescapes a value that begins at the offset `start` in the text of `outer`.
    pub(crate) fn unescape(
        value: &Text<'_>,
        start: usize,
        place: Place,
        outer: Option<&'o Self>,
    ) -> Self {
        let mut bytes = Vec::with_capacity(value.raw().len());
        let mut escapes = Vec::new();
        // A byte was escaped if two raw bytes were read for it.
        let mut unescaped = value.bytes();
        while let Some(byte) = unescaped.next() {
            let raw_end = value.raw().len() - unescaped.raw_len();
            if raw_end - escapes.len() > bytes.len() + 1 {
                escapes.push(bytes.len());
            }
            bytes.push(byte);
        }
        Self { inner: Unescaped { outer, bytes, source: Source::Value { start, escapes, place } } }
    }

    /// Joins arguments of the text of `outer` to a description, as
    /// [`Joined`](crate::signature::Joined) describes.
    ///
    /// The arguments keep the order of the text, although [`Joined`](crate::signature::Joined) says
    /// that positional ones come first. The result binds the same, because positional arguments and
    /// keywords each keep their order. Only if an argument ends in a backslash, which escapes the
    /// next colon, does the order matter; then positional arguments do come first.
    pub(crate) fn join<'a>(
        arguments: impl Iterator<Item = Written<'a>>,
        escapes: &'static str,
        outer: Option<&'o Self>,
    ) -> Self {
        let mut arguments: Vec<Written<'a>> = arguments.collect();
        let last = |it: &Written<'a>| Text::from_raw(it.value()).bytes().last();
        if arguments.iter().any(|it| last(it) == Some(b'\\')) {
            arguments.sort_by_key(|it| !it.is_positional());
        }
        let (bytes, spans) = (Vec::new(), Vec::new());
        let mut joining = Joining { bytes, spans, escapes };
        for (index, argument) in arguments.iter().enumerate() {
            let (key_span, value_span) = (argument.key_span(), argument.value_span());
            if index > 0 {
                let colon = Span::new(key_span.start.saturating_sub(1), key_span.start);
                joining.push_as(b':', colon);
            }
            if let Some(key) = argument.key() {
                joining.push(&Text::from_raw(key), key_span.start);
                joining.push_as(b'=', Span::new(key_span.end, value_span.start));
            }
            joining.push(&Text::from_raw(argument.value()), value_span.start);
        }
        let Joining { bytes, spans, escapes } = joining;
        Self { inner: Unescaped { outer, bytes, source: Source::Joined { spans, escapes } } }
    }

    /// The text of the nested description.
    pub(crate) fn text(&self) -> &[u8] {
        &self.inner.bytes
    }

    /// Maps `span` of [`text`](Self::text) through all enclosing descriptions to the original text.
    ///
    /// The result includes the backslash before an escaped byte.
    pub(crate) fn locate(&self, span: Span) -> Span {
        let span = self.locate_once(span);
        self.inner.outer.map_or(span, |outer| outer.locate(span))
    }

    /// Maps a span to the text of the directly enclosing description.
    fn locate_once(&self, span: Span) -> Span {
        match &self.inner.source {
            Source::Value { start, escapes, .. } => {
                let outside = |offset: usize| {
                    let before = escapes.partition_point(|&escaped| escaped < offset);
                    start + offset + before
                };
                Span::new(outside(span.start), outside(span.end))
            }
            Source::Joined { spans, .. } => hull(spans, span),
        }
    }

    /// Whether the bytes of `span` are adjacent and in the same order in the original text, so that
    /// a fix can replace them.
    pub(crate) fn is_contiguous(&self, span: Span) -> bool {
        let here = match &self.inner.source {
            Source::Value { .. } => true,
            Source::Joined { spans, .. } => {
                let read = spans.get(span.start..span.end).unwrap_or_default();
                read.windows(2).all(|pair| pair[0] == pair[1] || pair[0].end == pair[1].start)
            }
        };
        here && self.inner.outer.is_none_or(|outer| outer.is_contiguous(self.locate_once(span)))
    }

    /// Escapes `bytes` of the nested description for insertion into the original text.
    pub(crate) fn quote(&self, bytes: &[u8]) -> Vec<u8> {
        let quoted = match self.inner.source {
            Source::Value { place, .. } => quote_bytes(bytes, place),
            Source::Joined { escapes, .. } => before_joining(bytes, escapes),
        };
        match self.inner.outer {
            Some(outer) => outer.quote(&quoted),
            None => quoted,
        }
    }
}

/// The smallest span of the outer text that contains the spans of all bytes in `span`.
///
/// `spans` has the outer span of each byte.
#[cfg(feature = "alloc")]
fn hull(spans: &[Span], span: Span) -> Span {
    let read = spans.get(span.start..span.end).unwrap_or_default();
    let ends = read.iter().map(|it| it.start).min().zip(read.iter().map(|it| it.end).max());
    match (ends, spans.get(span.start), spans.last()) {
        (Some((start, end)), _, _) => Span::new(start, end),
        (None, Some(next), _) => Span::empty(next.start),
        (None, None, Some(last)) => Span::empty(last.end),
        (None, None, None) => span,
    }
}

/// The escaped arguments that joining turns into `bytes`: the inverse of joining.
#[cfg(feature = "alloc")]
pub(crate) fn before_joining(bytes: &[u8], escapes: &str) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        match (byte, rest.clone().next()) {
            // Joining adds this backslash itself, so only the one for the outer text is written.
            (b'\\', Some(next)) if escapes.as_bytes().contains(&next) => {
                rest.next();
                quoted.extend([b'\\', next]);
            }
            (b'\\', next) => {
                quoted.extend(*b"\\\\");
                if let Some(next) = next {
                    rest.next();
                    quoted.extend(quote_bytes(&[next], Place::Positional));
                }
            }
            _ => quoted.push(byte),
        }
    }
    quoted
}

/// The bytes joined so far in [`Origin::join`], with the outer span of each.
#[cfg(feature = "alloc")]
struct Joining {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    escapes: &'static str,
}

#[cfg(feature = "alloc")]
impl Joining {
    fn push_as(&mut self, byte: u8, span: Span) {
        self.bytes.push(byte);
        self.spans.push(span);
    }

    /// Unescapes and appends a text that begins at the offset `start` of the outer text.
    fn push(&mut self, text: &Text<'_>, start: usize) {
        let mut unescaped = text.bytes();
        let mut at = start;
        while let Some(byte) = unescaped.next() {
            let end = start + text.raw().len() - unescaped.raw_len();
            let span = Span::new(at, end);
            if self.escapes.as_bytes().contains(&byte) {
                self.push_as(b'\\', span);
            }
            self.push_as(byte, span);
            at = end;
        }
    }
}

#[cfg(not(feature = "alloc"))]
impl Origin<'_> {
    pub(crate) fn locate(&self, _: Span) -> Span {
        match self.inner {}
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use crate::Description;

    #[test]
    fn spans_map_back_through_two_levels() {
        // `a\:b` in the middle text, and `a:b` in the innermost.
        let text = r"x:e=a\\\:b";
        let outer = Description::parse(text).unwrap().arguments().next().unwrap();
        let middle = Origin::unescape(&outer.value, outer.value_span.start, Place::Value, None);
        assert_eq!(middle.text(), br"a\:b");
        let value = Description::parse(middle.text()).unwrap().type_name().clone();
        let inner = Origin::unescape(&value, 0, Place::Value, Some(&middle));
        assert_eq!(inner.text(), b"a:b");
        let slice = |span: Span| &text[span.start..span.end];
        assert_eq!(slice(inner.locate(Span::new(0, 1))), "a");
        assert_eq!(slice(inner.locate(Span::new(1, 2))), r"\\\:");
        assert_eq!(slice(inner.locate(Span::new(2, 3))), "b");
        assert_eq!(slice(middle.locate(Span::new(1, 3))), r"\\\:");
        assert_eq!(inner.quote(b":"), br"\\\:");
    }
}
