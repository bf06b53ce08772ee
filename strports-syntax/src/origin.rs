//! Where a nested description came from, so that its spans lead back to the original text.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::Span;
#[cfg(feature = "alloc")]
use crate::{Place, Text, quote_bytes};

/// The unescaped value that a nested description is read from, with the way back.
///
/// Without an allocator nothing is unescaped and nothing nests, and there is no value of it.
#[derive(Debug)]
pub(crate) struct Origin<'o> {
    #[cfg(feature = "alloc")]
    inner: Unescaped<'o>,
    #[cfg(not(feature = "alloc"))]
    inner: core::convert::Infallible,
    #[cfg(not(feature = "alloc"))]
    lifetime: core::marker::PhantomData<&'o ()>,
}

#[cfg(feature = "alloc")]
#[derive(Debug)]
struct Unescaped<'o> {
    outer: Option<&'o Origin<'o>>,
    bytes: Vec<u8>,
    /// Where the value begins in the outer text.
    start: usize,
    /// The offsets in `bytes` of what was escaped, ascending.
    escapes: Vec<usize>,
    /// How the value must be escaped to stand where it stands.
    place: Place,
}

#[cfg(feature = "alloc")]
impl<'o> Origin<'o> {
    /// Unescapes a value that stands at `start` in the text of `outer`.
    pub(crate) fn unescape(
        value: &Text<'_>,
        start: usize,
        place: Place,
        outer: Option<&'o Self>,
    ) -> Self {
        let mut inner = Unescaped {
            outer,
            bytes: Vec::with_capacity(value.raw().len()),
            start,
            escapes: Vec::new(),
            place,
        };
        // What is left of the raw bytes tells which of them was a backslash.
        let mut unescaped = value.bytes();
        while let Some(byte) = unescaped.next() {
            let raw_end = value.raw().len() - unescaped.raw_len();
            if raw_end - inner.escapes.len() > inner.bytes.len() + 1 {
                inner.escapes.push(inner.bytes.len());
            }
            inner.bytes.push(byte);
        }
        Self { inner }
    }

    /// The unescaped value.
    pub(crate) fn text(&self) -> &[u8] {
        &self.inner.bytes
    }

    /// The span in the original text that `span` of [`text`](Self::text) was read from.
    ///
    /// The backslash before an escaped byte belongs to it.
    pub(crate) fn locate(&self, span: Span) -> Span {
        let origin = &self.inner;
        let outside = |offset: usize| {
            let before = origin.escapes.partition_point(|&escaped| escaped < offset);
            origin.start + offset + before
        };
        let span = Span::new(outside(span.start), outside(span.end));
        origin.outer.map_or(span, |outer| outer.locate(span))
    }

    /// Escapes `bytes` so that they can stand in the original text.
    pub(crate) fn quote(&self, bytes: &[u8]) -> Vec<u8> {
        let quoted = quote_bytes(bytes, self.inner.place);
        match self.inner.outer {
            Some(outer) => outer.quote(&quoted),
            None => quoted,
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
    fn ok_spans_lead_back_through_two_levels() {
        // In the middle text `a\:b`, in the inner one `a:b`.
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
