//! Findings for people: each with its source line and marks below the relevant text.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};

use super::super::Shown;
use super::super::human::explained;
use crate::check::{FileFix, Finding};
use crate::cli::stream::Look;
use strports_syntax::{Fix, Severity, Span};

pub(super) fn write(findings: &[Finding], look: Look, out: &mut impl Write) -> io::Result<()> {
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(look.width);
    for finding in findings {
        writeln!(out, "{}\n", look.fitted(&rendered(finding, &renderer), 2))?;
    }
    Ok(())
}

fn rendered(finding: &Finding, renderer: &Renderer) -> String {
    let Finding { path, start, end, offset, range, line, .. } = finding;
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let length = if start.line == end.line { range.len() } else { line.len() };
    let span = Span::new(*offset, (offset + length).min(line.len()));
    let shown = Shown::around(line, span);
    let path = path.to_string_lossy();
    let place = Shown::whole(path.as_bytes());
    let mut snippet = Snippet::source(shown.text())
        .line_start(start.line)
        .annotation(AnnotationKind::Primary.span(shown.span(span).into()));
    let mut origin = None;
    if shown.is_cut() {
        // The line was cut on the left, so the renderer would count a wrong column.
        origin = Some(Origin::path(place.text()).line(start.line).char_column(start.column));
    } else {
        snippet = snippet.path(place.text());
    }
    let help = finding.help.clone().or_else(|| {
        let FileFix { range, replacement, safe, .. } = finding.fix.as_ref()?;
        let span = Span::new(range.start, range.end);
        Some(Fix { span, replacement: replacement.clone(), safe: *safe }.advice())
    });
    let group = level
        .primary_title(finding.message.as_str())
        .id(finding.rule.slug())
        .elements(origin.map(Element::from))
        .element(snippet)
        .elements(help.map(|help| Element::from(Level::HELP.message(help))))
        .elements(finding.explained_by.map(|rule| Element::from(explained(rule.slug()))));
    renderer.render(&[group])
}
