//! Text to tokens and segments: the only place that knows `\`.
//!
//! ```text
//! description = segment *( ":" segment )
//! segment     = text / key "=" value       ; the first unescaped "=" of a segment splits it
//! text, key   = *( plain-but-not-":"-or-"=" / escape )
//! value       = *( plain-but-not-":" / escape )
//! escape      = "\" any-character          ; "\" at the very end is an error
//! ```
//!
//! The productions are nom parsers in grammar order, built on one terminal, [`Raw`], which takes
//! a whole run of plain and escaped bytes in one call. Everything here borrows and nothing
//! allocates. An escape covers the byte behind the `\`: where that byte begins a longer UTF-8
//! character, its other bytes are plain, so that the unescaped text is the same.

#![expect(
    clippy::inline_always,
    reason = "one fused loop: left to the compiler, the combinators cost several times as much"
)]

use nom::combinator::opt;
use nom::error::{ErrorKind, ParseError};
use nom::sequence::preceded;
use nom::{Err, IResult, Mode, OutputMode, PResult, Parser};

use crate::{Span, Token, TokenKind};

/// The bytes of one run, still escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawText<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether a `\` stands in it.
    pub(crate) escaped: bool,
}

impl RawText<'_> {
    /// Whether it means `word`.
    #[inline]
    pub(crate) fn is(self, word: &str) -> bool {
        if self.escaped {
            unescape(self.bytes).eq(word.bytes())
        } else {
            self.bytes == word.as_bytes()
        }
    }
}

/// One segment: `value` alone, or `key=value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    pub(crate) key: Option<RawText<'a>>,
    pub(crate) value: RawText<'a>,
}

/// A `\` that escapes nothing, by how many bytes were left at the start of its run.
///
/// The size of an offset: nom drops and makes these on paths that succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfinished {
    pub(crate) remaining: usize,
}

impl ParseError<&[u8]> for Unfinished {
    fn from_error_kind(input: &[u8], _: ErrorKind) -> Self {
        Self { remaining: input.len() }
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// `segment = text / key "=" value`
#[inline(always)]
pub(crate) fn segment(input: &[u8]) -> IResult<&[u8], Segment<'_>, Unfinished> {
    let (rest, (text, value)) = (text(), opt(preceded(equals, value()))).parse_complete(input)?;
    let segment = match value {
        Some(value) => Segment { key: Some(text), value },
        None => Segment { key: None, value: text },
    };
    Ok((rest, segment))
}

/// `text = *( plain-but-not-":"-or-"=" / escape )`
#[inline(always)]
fn text<'a>() -> impl Parser<&'a [u8], Output = RawText<'a>, Error = Unfinished> {
    Raw { equals_ends: true }
}

/// `value = *( plain-but-not-":" / escape )`
#[inline(always)]
fn value<'a>() -> impl Parser<&'a [u8], Output = RawText<'a>, Error = Unfinished> {
    Raw { equals_ends: false }
}

/// The `=` between key and value.
#[inline(always)]
fn equals(input: &[u8]) -> IResult<&[u8], (), Unfinished> {
    match input {
        [b'=', rest @ ..] => Ok((rest, ())),
        _ => Err(Err::Error(Unfinished { remaining: input.len() })),
    }
}

/// The terminal: plain and escaped bytes up to a delimiter or the end.
struct Raw {
    equals_ends: bool,
}

impl<'a> Parser<&'a [u8]> for Raw {
    type Output = RawText<'a>;
    type Error = Unfinished;

    // nom's trait asks for this one method; the rest of the file calls `parse_complete`.
    #[inline(always)]
    fn process<OM: OutputMode>(
        &mut self,
        input: &'a [u8],
    ) -> PResult<OM, &'a [u8], Self::Output, Self::Error> {
        let mut rest = input;
        let mut escaped = false;
        loop {
            rest = behind_plain(rest, self.equals_ends);
            match rest {
                [b'\\', _, behind @ ..] => {
                    escaped = true;
                    rest = behind;
                }
                // A failure, not an error: `opt` and `alt` would swallow an error.
                [b'\\'] => return Err(Err::Failure(Unfinished { remaining: input.len() })),
                _ => break,
            }
        }
        let (bytes, rest) = input.split_at(input.len() - rest.len());
        Ok((rest, OM::Output::bind(|| RawText { bytes, escaped })))
    }
}

/// What follows the plain bytes: the next `:`, `\` or (where it ends a text) `=`, or the end.
///
/// Eight bytes at a time, by the "has a zero byte" trick on the exclusive or with each delimiter:
/// most arguments are shorter than what pays for `memchr`.
#[inline(always)]
fn behind_plain(bytes: &[u8], equals_ends: bool) -> &[u8] {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        let hits = hits(u64::from_le_bytes(*word), equals_ends);
        if hits != 0 {
            // The lowest hit is exact; false ones can only stand above it.
            return rest.get((hits.trailing_zeros() / 8) as usize..).unwrap_or_default();
        }
        rest = behind;
    }
    // The bytes behind the end are zero, and so no hits.
    let hits = hits(short_word(rest), equals_ends);
    rest.get((hits.trailing_zeros() / 8) as usize..).unwrap_or_default()
}

/// The high bit of the bytes that delimit; exact for the lowest one.
#[inline(always)]
fn hits(word: u64, equals_ends: bool) -> u64 {
    let hits = zero_bytes(word ^ repeat(b':')) | zero_bytes(word ^ repeat(b'\\'));
    if equals_ends { hits | zero_bytes(word ^ repeat(b'=')) } else { hits }
}

/// Up to seven bytes as a word, from its lowest byte on, without a loop.
#[inline(always)]
fn short_word(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let tail = u64::from(u32::from_le_bytes(*tail)) << ((len - 4) * 8);
        return u64::from(u32::from_le_bytes(*head)) | tail;
    }
    match *bytes {
        [a, b, c] => u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]),
        [a, b] => u64::from_le_bytes([a, b, 0, 0, 0, 0, 0, 0]),
        [a] => u64::from(a),
        _ => 0,
    }
}

const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The high bit of each byte that is zero.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(repeat(0x01)) & !word & repeat(0x80)
}

/// Splits a text into [`Token`]s whose spans tile it.
///
/// ```
/// use strports_syntax::{TokenKind, tokens};
/// let kinds: Vec<_> = tokens(b"tcp:port=80").map(|token| token.kind).collect();
/// use TokenKind::{Colon, Equals, Text};
/// assert_eq!(kinds, [Text, Colon, Text, Equals, Text]);
/// ```
pub fn tokens(text: &[u8]) -> Tokens<'_> {
    Tokens { text, at: 0, in_value: false }
}

/// The iterator that [`tokens`] returns.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether this segment's `=` has been seen.
    in_value: bool,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.text.get(self.at..)?;
        let (kind, len) = match rest.first()? {
            b':' => (TokenKind::Colon, 1),
            b'=' if !self.in_value => (TokenKind::Equals, 1),
            _ => match self.run(rest) {
                0 => (TokenKind::TrailingBackslash, 1),
                len => (TokenKind::Text, len),
            },
        };
        self.in_value = match kind {
            TokenKind::Equals => true,
            TokenKind::Colon => false,
            TokenKind::Text | TokenKind::TrailingBackslash => self.in_value,
        };
        let span = Span::new(self.at, self.at + len);
        self.at = span.end;
        Some(Token { kind, span })
    }
}

impl Tokens<'_> {
    /// The length of the run that `rest` begins with; 0 where it is a trailing backslash alone.
    fn run(&self, rest: &[u8]) -> usize {
        let mut raw = Raw { equals_ends: !self.in_value };
        match raw.parse_complete(rest) {
            Ok((_, text)) => text.bytes.len(),
            // Only the last byte of a text can be a backslash that escapes nothing.
            Err(_) => rest.len() - 1,
        }
    }
}

/// The span of a `\` at the very end that escapes nothing.
///
/// Looks at the backslashes at the end alone: an odd number leaves one over.
pub(crate) fn trailing_backslash(text: &[u8]) -> Option<Span> {
    let run = text.iter().rev().take_while(|&&byte| byte == b'\\').count();
    (run % 2 == 1).then(|| Span::new(text.len() - 1, text.len()))
}

/// The bytes of an escaped text without its escapes.
#[derive(Clone, Debug)]
pub(crate) struct Unescape<'a> {
    rest: &'a [u8],
}

/// Reads `raw` without its escapes; a trailing backslash is dropped.
pub(crate) const fn unescape(raw: &[u8]) -> Unescape<'_> {
    Unescape { rest: raw }
}

impl Unescape<'_> {
    /// How many bytes, escapes included, are left to read.
    #[cfg(feature = "alloc")]
    pub(crate) const fn raw_len(&self) -> usize {
        self.rest.len()
    }
}

impl Iterator for Unescape<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        if first != b'\\' {
            return Some(first);
        }
        let (&second, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(second)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len() / 2, Some(self.rest.len()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> std::vec::Vec<(TokenKind, &str)> {
        tokens(text.as_bytes())
            .map(|token| (token.kind, &text[token.span.start..token.span.end]))
            .collect()
    }

    #[test]
    fn ok_only_the_first_equals_of_a_segment_splits() {
        use TokenKind::{Colon, Equals, Text};
        assert_eq!(
            kinds("a:b=c=d:e"),
            [
                (Text, "a"),
                (Colon, ":"),
                (Text, "b"),
                (Equals, "="),
                (Text, "c=d"),
                (Colon, ":"),
                (Text, "e")
            ]
        );
    }

    #[test]
    fn ok_escapes_belong_to_the_text() {
        assert_eq!(kinds(r"a\:b\=c")[0], (TokenKind::Text, r"a\:b\=c"));
    }

    #[test]
    fn err_trailing_backslash_is_a_token_of_its_own() {
        use TokenKind::{Text, TrailingBackslash};
        assert_eq!(kinds(r"a\"), [(Text, "a"), (TrailingBackslash, r"\")]);
        assert_eq!(kinds(r"\"), [(TrailingBackslash, r"\")]);
        assert_eq!(kinds(r"a\\"), [(Text, r"a\\")]);
    }

    #[test]
    fn err_segment_fails_rather_than_backtracks() {
        assert_eq!(segment(br"a=b\"), Err(Err::Failure(Unfinished { remaining: 2 })));
    }

    #[test]
    fn ok_plain_bytes_agree_with_a_byte_loop_at_every_offset() {
        for len in 0..24 {
            for hit in 0..len {
                for special in *b":=\\" {
                    let mut bytes = [b'x'; 24];
                    bytes[hit] = special;
                    // A byte above 0x7f next to a hit is where carries would go wrong.
                    if hit + 1 < len {
                        bytes[hit + 1] = special ^ 0x80;
                    }
                    for equals_ends in [false, true] {
                        let found = behind_plain(&bytes[..len], equals_ends);
                        let skipped = special == b'=' && !equals_ends;
                        assert_eq!(len - found.len(), if skipped { len } else { hit });
                    }
                }
            }
        }
    }

    #[test]
    fn ok_short_words_hold_their_bytes_and_nothing_else() {
        for len in 0..8 {
            let mut bytes = [0; 8];
            bytes[..len].copy_from_slice(&b"abcdefgh"[..len]);
            assert_eq!(short_word(&bytes[..len]), u64::from_le_bytes(bytes));
        }
    }
}
