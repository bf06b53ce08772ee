//! Formats documents: rewrites their descriptions in canonical form.

use std::ops::Range;

use lsp_types::TextEdit;

use super::document::{Document, Encoding};
use crate::check::Descriptions;
use strports_syntax::Span;

/// Returns the edits that rewrite the descriptions touching `range` in canonical form.
///
/// Descriptions with errors or with placeholders of a template stay unchanged.
pub(super) fn format(
    descriptions: Descriptions<'_>,
    document: &Document,
    range: &Range<usize>,
    encoding: Encoding,
) -> Vec<TextEdit> {
    let touched = descriptions.all.iter().filter(|it| {
        let whole = it.whole();
        !it.is_template() && whole.start <= range.end && range.start <= whole.end
    });
    let edit = |embedded| {
        let report = descriptions.report(embedded);
        let canonical = report.canonical().filter(|it| it != report.text())?;
        let whole = Span::new(0, report.text().len());
        let text = embedded.quote(whole, &canonical)?;
        let range = document.range(&embedded.whole(), encoding);
        Some(TextEdit { range, new_text: String::from_utf8(text).ok()? })
    };
    touched.filter_map(edit).collect()
}
