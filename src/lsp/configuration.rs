//! Diagnostics, completion and hover texts for `strports.toml` itself.

use std::ops::Range;

use lsp_types::{
    CompletionItem, CompletionItemKind, Documentation, Hover, HoverContents, MarkedString,
};

use super::document::Document;
use super::schema::{Key, Tables};
use crate::check::{Configuration, Place};

/// Returns the first error in the configuration, with the byte range that it marks. `None` if the
/// configuration is valid.
pub(super) fn mistake(document: &Document) -> Option<(Range<usize>, String)> {
    let root = document.path.parent()?;
    let error = Configuration::parse(root, document.text()).err()?;
    let (place, message) = error.parts();
    let range = place.map_or(document.line(0), |place| word_at(document, place));
    Some((range, message.to_owned()))
}

/// Returns the byte range of the word at `place`, whose column counts characters from 1.
fn word_at(document: &Document, place: Place) -> Range<usize> {
    let line = document.line(place.line.saturating_sub(1));
    let text = &document.text()[line.clone()];
    let skipped = text.chars().take(place.column.saturating_sub(1));
    let start = skipped.map(char::len_utf8).sum::<usize>();
    let rest = &text[start..];
    let is_word = |char: char| char.is_alphanumeric() || "_-.*".contains(char);
    let quote = rest.chars().next().filter(|char| matches!(char, '"' | '\''));
    let length = match quote {
        Some(quote) => rest[1..].find(quote).map_or(rest.len(), |end| end + 2),
        None => rest.find(|char| !is_word(char)).unwrap_or(rest.len()),
    };
    line.start + start..line.start + start + length.max(rest.len().min(1))
}

/// Completes the keys of the table around the byte `offset`, or the values after a key and `=`.
pub(super) fn completion(document: &Document, offset: usize) -> Vec<CompletionItem> {
    let tables = Tables::new();
    let (table, line) = table_and_line(document, offset);
    if let Some((name, value)) = line.split_once('=') {
        let Some(key) = tables.key(&table, name.trim()) else { return Vec::new() };
        let is_in_quotes = value.matches('"').count() % 2 == 1;
        let mark = if is_in_quotes { "" } else { "\"" };
        let item = |value: &String| CompletionItem {
            label: format!("{mark}{value}{mark}"),
            kind: Some(CompletionItemKind::ENUM_MEMBER),
            documentation: Some(Documentation::String(key.summary.clone())),
            ..CompletionItem::default()
        };
        return key.values.iter().map(item).collect();
    }
    if line.trim_start().starts_with('[') {
        let item = |name: String| CompletionItem {
            label: name,
            kind: Some(CompletionItemKind::CLASS),
            ..CompletionItem::default()
        };
        return tables.names().into_iter().map(item).collect();
    }
    let item = |key: Key| CompletionItem {
        insert_text: Some(format!("{} = ", key.name)),
        label: key.name,
        kind: Some(CompletionItemKind::PROPERTY),
        documentation: Some(Documentation::String(key.summary)),
        ..CompletionItem::default()
    };
    tables.keys(&table).into_iter().map(item).collect()
}

/// Describes the key on the line that contains the byte `offset`; `None` if there is no key.
pub(super) fn hover(document: &Document, offset: usize) -> Option<Hover> {
    let (table, _) = table_and_line(document, offset);
    let line = &document.text()[line_of(document, offset)];
    let key = Tables::new().key(&table, line.split_once('=')?.0.trim())?;
    let text = format!("**`{}`**: {}", key.name, key.summary);
    Some(Hover { contents: HoverContents::Scalar(MarkedString::String(text)), range: None })
}

fn line_of(document: &Document, offset: usize) -> Range<usize> {
    let text = document.text();
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    start..end
}

/// Returns the name of the table around the byte `offset`, and the line's text up to it.
fn table_and_line(document: &Document, offset: usize) -> (String, &str) {
    let line = line_of(document, offset);
    let before = &document.text()[..line.start];
    let header = before.lines().rev().map(str::trim).find(|line| line.starts_with('['));
    let table =
        header.map(|line| line.trim_matches(['[', ']', ' ']).to_owned()).unwrap_or_default();
    (table, &document.text()[line.start..offset])
}
