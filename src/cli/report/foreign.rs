//! Recognizes addresses of other programs in place of descriptions.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::stream::Stream;
use crate::convert::{Conversion, Form, convert};
use strports_syntax::{Code, Report};

/// The conversion of the text, if it has errors and is an address of another program.
fn conversion(report: &Report<'_>) -> Option<(Form, Conversion)> {
    let is_url = report.diagnostics().iter().any(|it| it.code == Code::LooksLikeUrl);
    if report.is_ok() && !is_url {
        return None;
    }
    let text = std::str::from_utf8(report.text()).ok()?;
    let form = Form::from_text(text).filter(|form| *form != Form::DESCRIPTION)?;
    // A misspelled type looks like a host name.
    let host = text.split(':').next().unwrap_or_default();
    if form.name() == "go" && !(host.is_empty() || host.contains(['.', '['])) {
        return None;
    }
    let conversion = convert(text, Some(form), Form::DESCRIPTION, None);
    (!conversion.results.is_empty()).then_some((form, conversion))
}

/// Prints the form and the conversion.
pub(super) fn write(report: &Report<'_>, out: &mut Stream) -> io::Result<()> {
    let Some((form, conversion)) = conversion(report) else { return Ok(()) };
    writeln!(out, "\nas {} ({}), it is:", form.name(), form.summary())?;
    for result in &conversion.results {
        write!(out, "  ")?;
        out.line(result.text.as_bytes(), b'\n')?;
    }
    for loss in &conversion.losses {
        writeln!(out, "{loss}")?;
    }
    Ok(())
}

/// A report for programs, with the form of another program if the text is in one.
#[derive(Serialize)]
pub(in crate::cli) struct Explained<'r, 'a> {
    #[serde(flatten)]
    report: &'r Report<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    foreign: Option<Foreign>,
}

/// The form of another program, and the conversion of the text.
#[derive(Serialize)]
struct Foreign {
    form: &'static str,
    results: Vec<String>,
    losses: Vec<String>,
}

impl<'r, 'a> Explained<'r, 'a> {
    pub(in crate::cli) fn new(report: &'r Report<'a>) -> Self {
        let foreign = conversion(report).map(|(form, it)| Foreign {
            form: form.name(),
            results: it.results.into_iter().map(|result| result.text).collect(),
            losses: it.losses.iter().map(ToString::to_string).collect(),
        });
        Self { report, foreign }
    }
}
