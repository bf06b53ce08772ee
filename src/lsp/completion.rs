//! Completes the description at the cursor.

use std::path::Path;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat,
    TextEdit,
};

use super::document::{Document, Encoding};
use crate::check::Descriptions;
use crate::complete::files::files;
use crate::complete::{CandidateKind, complete};
use strports_syntax::Span;

/// Returns the completion items for the byte `offset`, which is the cursor.
///
/// Relative paths are resolved against each of `folders`.
pub(super) fn completion(
    descriptions: Descriptions<'_>,
    document: &Document,
    offset: usize,
    folders: &[&Path],
    encoding: Encoding,
) -> Vec<CompletionItem> {
    let Some(embedded) = descriptions.at(offset) else { return Vec::new() };
    let Some(end) = embedded.offset_of(offset) else { return Vec::new() };
    let before = embedded.text().get(..end).unwrap_or_default();
    let completion = complete(descriptions.types, embedded.role, before);
    let item = |text: &str, replaces: usize| {
        let span = Span::new(end - replaces, end);
        // An empty span at the end of a quoted string is quoted like that string.
        let written = embedded.quote(span, text.as_bytes())?;
        let range = if span.is_empty() { offset..offset } else { embedded.locate(span) };
        let edit = TextEdit {
            range: document.range(&range, encoding),
            new_text: String::from_utf8(written).ok()?,
        };
        Some(CompletionItem {
            label: text.to_owned(),
            filter_text: (replaces > 0).then(|| text.to_owned()),
            insert_text_format: Some(InsertTextFormat::PLAIN_TEXT),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..CompletionItem::default()
        })
    };
    let candidates = completion.candidates.into_iter().filter_map(|candidate| {
        let kind = match candidate.kind {
            CandidateKind::Type => CompletionItemKind::CLASS,
            CandidateKind::Keyword => CompletionItemKind::PROPERTY,
            CandidateKind::Value => CompletionItemKind::ENUM_MEMBER,
        };
        Some(CompletionItem {
            kind: Some(kind),
            documentation: Some(Documentation::String(candidate.summary.to_owned())),
            detail: Some(candidate.detail).filter(|it| !it.is_empty()),
            ..item(&candidate.text, candidate.replaces)?
        })
    });
    let paths = completion.path.iter().flat_map(|path| {
        let found = files(&path.text, folders).into_iter();
        found.filter_map(|file| {
            let is_folder = file.ends_with('/');
            Some(CompletionItem {
                kind: Some(if is_folder {
                    CompletionItemKind::FOLDER
                } else {
                    CompletionItemKind::FILE
                }),
                ..item(&path.write(&file), path.replaces)?
            })
        })
    });
    let mut items: Vec<CompletionItem> = candidates.chain(paths).collect();
    for (index, item) in items.iter_mut().enumerate() {
        // Editors sort items by this text; numbers keep the order of the signature table.
        item.sort_text = Some(format!("{index:03}"));
    }
    items
}
