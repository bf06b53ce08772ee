//! The tokens that the lexer splits a description into.

use crate::Span;

/// A token of a description: a delimiter, or the text between delimiters.
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
    /// What the token is: text or a delimiter.
    pub kind: TokenKind,
    /// The bytes of the token in the text.
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
    /// A run of plain and escaped characters between delimiters; never empty.
    Text,
    /// An unescaped `:`, which ends an argument.
    Colon,
    /// The first unescaped `=` of an argument, which ends its key. Later ones are
    /// [`Text`](Self::Text).
    Equals,
    /// A `\` at the very end, which escapes nothing. Everything else in this crate reports it as an
    /// error.
    TrailingBackslash,
}
