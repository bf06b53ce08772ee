//! What the lexer sees.

use crate::Span;

/// A piece of a description.
///
/// The spans of all tokens of a text tile it: nothing is skipped, nothing overlaps.
///
/// ```
/// use strports_syntax::{Span, Token, TokenKind, tokens};
/// let colon = Token { kind: TokenKind::Colon, span: Span::new(3, 4) };
/// assert_eq!(tokens(b"tcp:80").nth(1), Some(colon));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of [`Token`].
///
/// ```
/// use strports_syntax::{TokenKind, tokens};
/// let kinds: Vec<_> = tokens(br"k=a\:b=c\").map(|token| token.kind).collect();
/// use TokenKind::{Equals, Text, TrailingBackslash};
/// assert_eq!(kinds, [Text, Equals, Text, TrailingBackslash]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A run of plain and escaped characters; never empty.
    Text,
    /// A `:` that ends a segment.
    Colon,
    /// The `=` that splits a segment into key and value; a later one is [`Text`](Self::Text).
    Equals,
    /// A `\` at the very end, which escapes nothing: an error everywhere else in this crate.
    TrailingBackslash,
}
