//! Completion inside a description.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat,
    TextEdit,
};

use super::document::{Document, Encoding};
use crate::check::Descriptions;
use crate::complete::{Candidate, CandidateKind, complete};
use strports_syntax::Span;

/// The items at the byte `offset`.
pub(super) fn completion(
    descriptions: &Descriptions,
    document: &Document,
    offset: usize,
    encoding: Encoding,
) -> Vec<CompletionItem> {
    let Some(embedded) = descriptions.at(offset) else { return Vec::new() };
    let Some(end) = embedded.offset_of(offset) else { return Vec::new() };
    let before = embedded.text().get(..end).unwrap_or_default();
    let completion = complete(descriptions.types, embedded.role, before);
    let candidates = completion.candidates.into_iter().enumerate();
    let item = |(index, candidate): (usize, Candidate)| {
        let span = Span::new(end - candidate.replaces, end);
        // An empty span at the end of a piece is written in the quotes of the piece.
        let text = embedded.quote(span, candidate.text.as_bytes())?;
        let range = if span.is_empty() { offset..offset } else { embedded.locate(span) };
        let edit = TextEdit {
            range: document.range(&range, encoding),
            new_text: String::from_utf8(text).ok()?,
        };
        let filter = String::from_utf8_lossy(before.get(span.start..).unwrap_or_default());
        Some(CompletionItem {
            kind: Some(match candidate.kind {
                CandidateKind::Type => CompletionItemKind::CLASS,
                CandidateKind::Keyword => CompletionItemKind::PROPERTY,
                CandidateKind::Value => CompletionItemKind::ENUM_MEMBER,
            }),
            detail: Some(candidate.detail.clone()).filter(|it| !it.is_empty()),
            documentation: Some(Documentation::String(candidate.summary.to_owned())),
            // In the order of the table, not of the alphabet.
            sort_text: Some(format!("{index:03}")),
            filter_text: (!filter.is_empty()).then(|| candidate.text.clone()),
            insert_text_format: Some(InsertTextFormat::PLAIN_TEXT),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            label: candidate.text,
            ..CompletionItem::default()
        })
    };
    candidates.filter_map(item).collect()
}
