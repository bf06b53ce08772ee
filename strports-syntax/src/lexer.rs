//! The lexer: splits a description into tokens, and into segments with key and value.
//!
//! ```text
//! description = segment *( ":" segment )
//! segment     = text / key "=" value       ; the first unescaped "=" of a segment splits it
//! text, key   = *( plain-but-not-":"-or-"=" / escape )
//! value       = *( plain-but-not-":" / escape )
//! escape      = "\" any-character          ; "\" at the very end is an error
//! ```
//!
//! The productions are nom parsers in grammar order, over a [`Cursor`] that finds unescaped
//! delimiters. Their only terminal, [`Raw`], takes a whole run of plain and escaped bytes in one
//! call. `escape.rs` removes the escapes of a run. Nothing here allocates.

#![expect(
    clippy::inline_always,
    reason = "one fused loop: left to the compiler, the combinators cost several times as much"
)]

use nom::combinator::opt;
use nom::error::{ErrorKind, ParseError};
use nom::sequence::preceded;
use nom::{Err, IResult, Mode, OutputMode, PResult, Parser};

use crate::escape::RawText;
use crate::window::Cursor;
use crate::{Span, Token, TokenKind};

/// The text between two unescaped colons: `value` alone, or `key=value`; escapes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    pub(crate) key: Option<RawText<'a>>,
    pub(crate) value: RawText<'a>,
}

/// The lexer's only error: an unescaped `\` ends the text.
///
/// `run` is the offset at which the run of bytes before it begins. The error is this small because
/// nom creates and drops errors even on success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfinished {
    pub(crate) run: usize,
}

impl ParseError<Cursor<'_>> for Unfinished {
    fn from_error_kind(input: Cursor<'_>, _: ErrorKind) -> Self {
        Self { run: input.at() }
    }

    fn append(_: Cursor<'_>, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// Parses a segment, up to a colon or the end: `segment = text / key "=" value`.
#[inline(always)]
pub(crate) fn segment(input: Cursor<'_>) -> IResult<Cursor<'_>, Segment<'_>, Unfinished> {
    let (rest, (text, value)) = (text(), opt(preceded(equals, value()))).parse_complete(input)?;
    let segment = match value {
        Some(value) => Segment { key: Some(text), value },
        None => Segment { key: None, value: text },
    };
    Ok((rest, segment))
}

/// A parser of the text before a `:` or `=`: `text = *( plain-but-not-":"-or-"=" / escape )`.
#[inline(always)]
fn text<'a>() -> impl Parser<Cursor<'a>, Output = RawText<'a>, Error = Unfinished> {
    Raw { equals_ends: true }
}

/// A parser of the text before a `:`: `value = *( plain-but-not-":" / escape )`.
#[inline(always)]
fn value<'a>() -> impl Parser<Cursor<'a>, Output = RawText<'a>, Error = Unfinished> {
    Raw { equals_ends: false }
}

/// Takes the `=` between key and value, or fails at any other byte.
#[inline(always)]
fn equals(mut input: Cursor<'_>) -> IResult<Cursor<'_>, (), Unfinished> {
    if input.delimiter() != Some(b'=') {
        return Err(Err::Error(Unfinished { run: input.at() }));
    }
    input.pass();
    Ok((input, ()))
}

/// The terminal of the grammar: plain and escaped bytes up to a delimiter or the end.
struct Raw {
    /// Whether `=` is a delimiter, as it is before the value begins; `:` always is.
    equals_ends: bool,
}

impl<'a> Parser<Cursor<'a>> for Raw {
    type Output = RawText<'a>;
    type Error = Unfinished;

    // nom requires this method. The rest of the file calls `parse_complete`, because the whole text
    // is present.
    #[inline(always)]
    fn process<OM: OutputMode>(
        &mut self,
        mut input: Cursor<'a>,
    ) -> PResult<OM, Cursor<'a>, Self::Output, Self::Error> {
        let run = input.at();
        match input.run(self.equals_ends) {
            Some(text) => Ok((input, OM::Output::bind(|| text))),
            // A failure instead of an error, because `opt` and `alt` would recover from an error.
            None => Err(Err::Failure(Unfinished { run })),
        }
    }
}

/// Splits a text into [`Token`]s, whose spans cover it without gaps or overlaps.
///
/// ```
/// use strports_syntax::{TokenKind, tokens};
/// let kinds: Vec<_> = tokens(b"tcp:port=80").map(|token| token.kind).collect();
/// use TokenKind::{Colon, Equals, Text};
/// assert_eq!(kinds, [Text, Colon, Text, Equals, Text]);
/// ```
pub fn tokens(text: &[u8]) -> Tokens<'_> {
    Tokens { text, at: 0, rest: Cursor::new(text), in_value: false }
}

/// The iterator over the tokens of a text, returned by [`tokens`].
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a [u8],
    /// The offset of the next token.
    at: usize,
    /// The cursor, which is at the offset `at`. It stays behind at the last text before a trailing
    /// backslash, which it cannot pass.
    rest: Cursor<'a>,
    /// Whether the `=` of the current segment has been read, so that further `=` are text.
    in_value: bool,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let last = self.text.len().checked_sub(1)?;
        let start = self.at;
        let mut raw = Raw { equals_ends: !self.in_value };
        let kind = match raw.parse_complete(self.rest) {
            Ok((mut rest, text)) => {
                let kind = match rest.delimiter() {
                    _ if !text.bytes().is_empty() => TokenKind::Text,
                    None => return None,
                    Some(delimiter) => {
                        rest.pass();
                        if delimiter == b':' { TokenKind::Colon } else { TokenKind::Equals }
                    }
                };
                (self.rest, self.at) = (rest, rest.at());
                kind
            }
            // Only the last byte of a text can be an unescaped backslash, so the bytes before it
            // are text.
            Err(_) if start < last => {
                self.at = last;
                TokenKind::Text
            }
            Err(_) if start == last => {
                self.at = self.text.len();
                TokenKind::TrailingBackslash
            }
            Err(_) => return None,
        };
        self.in_value = match kind {
            TokenKind::Equals => true,
            TokenKind::Colon => false,
            TokenKind::Text | TokenKind::TrailingBackslash => self.in_value,
        };
        Some(Token { kind, span: Span::new(start, self.at) })
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
    fn only_the_first_equals_of_a_segment_splits() {
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
    fn escapes_belong_to_the_text() {
        assert_eq!(kinds(r"a\:b\=c")[0], (TokenKind::Text, r"a\:b\=c"));
    }

    #[test]
    fn a_trailing_backslash_is_a_separate_token() {
        use TokenKind::{Text, TrailingBackslash};
        assert_eq!(kinds(r"a\"), [(Text, "a"), (TrailingBackslash, r"\")]);
        assert_eq!(kinds(r"\"), [(TrailingBackslash, r"\")]);
        assert_eq!(kinds(r"a\\"), [(Text, r"a\\")]);
    }

    #[test]
    fn a_segment_fails_without_backtracking() {
        let found = segment(Cursor::new(br"a=b\")).map(|(_, segment)| segment);
        assert_eq!(found, Err(Err::Failure(Unfinished { run: 2 })));
    }
}
