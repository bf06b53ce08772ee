//! What the lexer sees.

use crate::Span;

/// A piece of a description.
///
/// The spans of all tokens of a text tile it: nothing is skipped, nothing overlaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of [`Token`].
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
