//! Hover texts: explain a description part by part, like `strports explain`.

use std::fmt::Write;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::document::{Document, Encoding};
use crate::check::Descriptions;
use crate::describe::{Line, lines, sentence};
use strports_syntax::{Printable, Span};

/// Returns the explanation of the description at the byte `offset`; `None` outside descriptions.
pub(super) fn hover(
    descriptions: Descriptions<'_>,
    document: &Document,
    offset: usize,
    encoding: Encoding,
) -> Option<Hover> {
    let embedded = descriptions.at(offset)?;
    let report = descriptions.report(embedded);
    let at = embedded.offset_of(offset);
    let lines = lines(&report);
    let mut text = String::new();
    let part = at.and_then(|at| {
        let parts = lines.first().into_iter().flat_map(|line| &line.parts);
        parts.rev().find(|part| part.span.start <= at && at <= part.span.end)
    });
    // Writing to a `String` cannot fail, so results are ignored.
    if let Some(part) = part {
        let _ = writeln!(text, "**`{}`**: {}\n", part.name, part.summary);
    }
    for (depth, line) in lines.iter().enumerate() {
        write_line(&mut text, line, depth);
    }
    if let Some(sentence) = sentence(&report) {
        let _ = writeln!(text, "\n{sentence}");
    }
    if let Some(canonical) = report.canonical().filter(|it| it != report.text()) {
        let _ = writeln!(text, "\nIn canonical form: `{}`", Printable::new(&canonical));
    }
    if text.is_empty() {
        return None;
    }
    let span = part.map_or(Span::new(0, report.text().len()), |part| part.span);
    let range = document.range(&embedded.locate(span), encoding);
    let contents = MarkupContent { kind: MarkupKind::Markdown, value: text };
    Some(Hover { contents: HoverContents::Markup(contents), range: Some(range) })
}

/// Writes the parts of a description as a Markdown list, indented by its nesting `depth`.
fn write_line(text: &mut String, line: &Line, depth: usize) {
    let indent = "  ".repeat(depth);
    for part in &line.parts {
        let value = part.value.replace('`', "'");
        let _ = writeln!(text, "{indent}- `{}` = `{value}`: {}", part.name, part.summary);
    }
    if line.more > 0 {
        let _ = writeln!(text, "{indent}- and {} more arguments", line.more);
    }
}
