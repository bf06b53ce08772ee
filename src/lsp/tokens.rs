//! Semantic tokens, by which editors color types, keywords, values and separators.

use std::ops::Range;

use lsp_types::{SemanticToken, SemanticTokenType, SemanticTokensLegend};

use super::document::{Document, Encoding};
use crate::check::{Descriptions, Embedded};
use strports_syntax::{Description, Span, TokenKind};

/// The token types that the server announces; a token refers to its type by the index here.
const LEGEND: [SemanticTokenType; 5] = [
    SemanticTokenType::TYPE,
    SemanticTokenType::PROPERTY,
    SemanticTokenType::STRING,
    SemanticTokenType::NUMBER,
    SemanticTokenType::OPERATOR,
];
const TYPE: u32 = 0;
const KEYWORD: u32 = 1;
const TEXT: u32 = 2;
const NUMBER: u32 = 3;
const SEPARATOR: u32 = 4;

pub(super) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend { token_types: LEGEND.to_vec(), token_modifiers: Vec::new() }
}

/// Returns the tokens of the descriptions that touch `range`. Each position is relative to the
/// previous token, as the protocol requires.
pub(super) fn tokens(
    descriptions: Descriptions<'_>,
    document: &Document,
    range: &Range<usize>,
    encoding: Encoding,
) -> Vec<SemanticToken> {
    let mut all: Vec<(Range<usize>, u32)> = Vec::new();
    for embedded in descriptions.all {
        let whole = embedded.whole();
        if whole.start <= range.end && range.start <= whole.end {
            let parts = parts(embedded).into_iter();
            all.extend(parts.map(|(span, kind)| (embedded.locate(span), kind)));
        }
    }
    all.sort_by_key(|(range, _)| range.start);
    relative(&all, document, encoding)
}

/// Returns the byte spans of a description's parts with their token types, ordered by position.
fn parts(embedded: &Embedded) -> Vec<(Span, u32)> {
    let text = embedded.text();
    let separators = strports_syntax::tokens(text)
        .filter(|token| matches!(token.kind, TokenKind::Colon | TokenKind::Equals));
    let mut parts: Vec<(Span, u32)> = separators.map(|token| (token.span, SEPARATOR)).collect();
    let Ok(description) = Description::parse(text) else { return parts };
    parts.push((description.type_span(), TYPE));
    for argument in description.arguments() {
        parts.push((argument.key_span(), KEYWORD));
        let value = argument.value.to_bytes();
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        parts.push((argument.value_span, if is_number { NUMBER } else { TEXT }));
        // A second `=` in an argument is part of the value, and no separator.
        let value = argument.value_span;
        parts.retain(|(span, kind)| {
            *kind != SEPARATOR || span.start < value.start || span.start >= value.end
        });
    }
    parts.retain(|(span, _)| !span.is_empty());
    parts.sort_by_key(|(span, _)| *span);
    parts
}

fn relative(
    all: &[(Range<usize>, u32)],
    document: &Document,
    encoding: Encoding,
) -> Vec<SemanticToken> {
    let mut tokens = Vec::with_capacity(all.len());
    let (mut line, mut column, mut end) = (0, 0, 0);
    for (range, token_type) in all {
        let place = document.range(range, encoding);
        // The protocol allows no token that spans lines or overlaps another.
        if place.start.line != place.end.line || range.start < end || range.is_empty() {
            continue;
        }
        let delta_line = place.start.line - line;
        let delta_start = place.start.character - if delta_line == 0 { column } else { 0 };
        tokens.push(SemanticToken {
            delta_line,
            delta_start,
            length: place.end.character - place.start.character,
            token_type: *token_type,
            token_modifiers_bitset: 0,
        });
        (line, column, end) = (place.start.line, place.start.character, range.end);
    }
    tokens
}
