//! Prints errors and lints below the text that they refer to, and the corrected text.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Element, Group, Level, Message, Renderer, Snippet};

use super::super::Shown;
use crate::cli::stream::Stream;
#[cfg(feature = "relay")]
use crate::runtime::without_secrets;
use strports_syntax::{Diagnostic, Fix, Report, Severity, apply_fixes};

/// The maximum length in bytes of a corrected description that is printed. Longer ones are not
/// copied by hand.
const MOST_TO_COPY: usize = 2000;

/// Prints the findings of a description, then the corrected description if fixes are known.
pub(in crate::cli) fn write(report: &Report<'_>, out: &mut Stream) -> io::Result<()> {
    write_as(<[u8]>::to_vec, report, out)
}

#[cfg(feature = "relay")]
/// Prints findings without secrets, because the output is stored, as in a log.
pub(in crate::cli) fn write_without_secrets(
    report: &Report<'_>,
    out: &mut Stream,
) -> io::Result<()> {
    write_as(without_secrets, report, out)
}

/// Prints findings. `show` replaces bytes of the description, such as secrets, and keeps its
/// length.
fn write_as(show: fn(&[u8]) -> Vec<u8>, report: &Report<'_>, out: &mut Stream) -> io::Result<()> {
    let text = show(report.text());
    let renderer = if out.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(out.width);
    for (index, diagnostic) in report.diagnostics().iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let shown = Shown::around(&text, diagnostic.span);
        let page = renderer.render(&[group(diagnostic, &shown)]);
        writeln!(out, "{}", out.look().fitted(&page, 2))?;
    }
    if report.more() > 0 {
        writeln!(out, "\nand {} more", report.more())?;
    }
    if report.text().len() > MOST_TO_COPY {
        return Ok(());
    }
    match (report.corrected(), suggested(report)) {
        (Some(corrected), _) => instead("corrected", &show(&corrected), out),
        (None, Some(suggested)) => instead("perhaps", &show(&suggested), out),
        (None, None) => Ok(()),
    }
}

fn group<'d>(diagnostic: &'d Diagnostic, shown: &'d Shown) -> Group<'d> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let span = shown.span(diagnostic.span).into();
    let snippet = Snippet::source(shown.text()).annotation(AnnotationKind::Primary.span(span));
    let help = diagnostic.help.clone().or_else(|| diagnostic.fix.as_ref().map(Fix::advice));
    // The hint names the command `rule`, which only builds with the linter have.
    let explained_by = diagnostic.explained_by.filter(|_| cfg!(feature = "check"));
    level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.slug())
        .element(snippet)
        .elements(help.map(|help| Element::from(Level::HELP.message(help))))
        .elements(explained_by.map(|code| Element::from(explained(code.slug()))))
}

/// Returns a note that names the command for the page of a code.
pub(in crate::cli::report) fn explained(slug: &str) -> Message<'static> {
    Level::NOTE.message(format!("`strports rule {slug}` says more"))
}

/// Returns the text with all fixes and suggestions applied; `None` if errors remain. Also `None` if
/// there is nothing to apply.
fn suggested(report: &Report<'_>) -> Option<Vec<u8>> {
    let text = apply_fixes(report.text(), report.fixes());
    let has_no_errors = text != report.text() && report.types().check(&text, report.role()).is_ok();
    has_no_errors.then_some(text)
}

fn instead(how: &str, text: &[u8], out: &mut Stream) -> io::Result<()> {
    write!(out, "\n{how}:\n  ")?;
    out.line(text, b'\n')
}
