//! The floor: what a careful hand writes when it wants nothing but the arguments.
//!
//! One loop, one pass, one branch a byte, safe code, no tricks: no table, no word at a time, no
//! search routine. It gives away what the public parser gives: for each segment its key and value
//! as they were written, whether escapes stand in them, and where they are; and whether the text
//! ends in a backslash that escapes nothing. `tests/floor.rs` holds the two against each other.

use std::ops::Range;

/// A piece of text as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    pub bytes: &'a [u8],
    /// Whether a `\` stands in it.
    pub escaped: bool,
}

/// One segment of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument<'a> {
    pub key: Option<Raw<'a>>,
    pub value: Raw<'a>,
    pub span: Range<usize>,
    pub value_span: Range<usize>,
}

/// The text ends in a `\` that escapes nothing; it stands at this offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailingBackslash(pub usize);

/// Hands every segment of `text`, the type among them, to `each`, in the order they were written.
#[inline]
pub fn arguments<'a>(
    text: &'a [u8],
    mut each: impl FnMut(Argument<'a>),
) -> Result<(), TrailingBackslash> {
    let (mut at, mut start, mut escaped) = (0, 0, false);
    // Where the `=` stands, and whether an escape stood before it.
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
