//! The tokens of a description.

use crate::Span;

/// A token of a description.
///
/// The spans of all tokens cover the text without gaps and without overlaps.
///
/// ```
/// use strports_syntax::{Span, Token, TokenKind, tokens};
/// let colon = Token { kind: TokenKind::Colon, span: Span::new(3, 4) };
/// assert_eq!(tokens(b"tcp:80").nth(1), Some(colon));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The kind of token.
    pub kind: TokenKind,
    /// The place in the text.
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
    /// A `\` at the very end, which escapes nothing. Everything else in this crate treats it as an
    /// error.
    TrailingBackslash,
}
