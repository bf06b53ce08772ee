//! The floor: a minimal hand-written splitter, to compare the parser's speed with.
//!
//! It is one loop over the bytes in safe code, without tables, word-wise scanning or search
//! routines. For each segment it returns what the public parser returns: key and value as written,
//! whether they contain escapes, and their offsets. It also reports a trailing backslash.
//! `tests/floor.rs` compares it with the parser.

use std::ops::Range;

/// A key or a value as it is written, with its escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    pub bytes: &'a [u8],
    /// Whether `bytes` contains a backslash.
    pub escaped: bool,
}

/// One segment of a description, which colons separate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument<'a> {
    pub key: Option<Raw<'a>>,
    pub value: Raw<'a>,
    pub span: Range<usize>,
    pub value_span: Range<usize>,
}

/// The error that the text ends in a backslash that escapes nothing, at this byte offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailingBackslash(pub usize);

/// Calls `each` with every segment of `text` in order; the first one is the type.
#[inline]
pub fn arguments<'a>(
    text: &'a [u8],
    mut each: impl FnMut(Argument<'a>),
) -> Result<(), TrailingBackslash> {
    let (mut at, mut start, mut escaped) = (0, 0, false);
    // The offset of the segment's first `=`, and whether an escape precedes it.
    let mut equals: Option<(usize, bool)> = None;
    loop {
        match text.get(at) {
            Some(b'=') if equals.is_none() => {
                equals = Some((at, escaped));
                escaped = false;
                at += 1;
            }
            Some(b'\\') => {
                if at + 1 == text.len() {
                    return Err(TrailingBackslash(at));
                }
                escaped = true;
                at += 2;
            }
            None | Some(b':') => {
                let (key, value) = match equals {
                    Some((middle, escaped)) => {
                        (Some(Raw { bytes: &text[start..middle], escaped }), middle + 1)
                    }
                    None => (None, start),
                };
                each(Argument {
                    key,
                    value: Raw { bytes: &text[value..at], escaped },
                    span: start..at,
                    value_span: value..at,
                });
                if at >= text.len() {
                    return Ok(());
                }
                at += 1;
                (start, escaped, equals) = (at, false, None);
            }
            Some(_) => at += 1,
        }
    }
}
