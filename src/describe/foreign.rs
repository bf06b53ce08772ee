//! Texts that are addresses of another program instead of descriptions.

use serde::Serialize;

use crate::convert::{Conversion, Form, convert};
use strports_syntax::{Code, Report};

/// The conversion of the text, if it has errors and is an address of another program.
///
/// # Examples
///
/// ```
/// use strports::describe::{check, foreign};
///
/// let (report, _) = check(b"TCP-LISTEN:80,fork", None);
/// let (form, conversion) = foreign(&report).unwrap();
/// assert_eq!((form.name(), &*conversion.results[0].text), ("socat", "tcp:80"));
/// ```
pub fn foreign(report: &Report<'_>) -> Option<(Form, Conversion)> {
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

/// A report for programs, with the form of another program if the text is in one: the JSON of
/// `explain`.
///
/// See the [module](crate::describe) for an example.
#[derive(Debug, Serialize)]
pub struct Explained<'r, 'a> {
    #[serde(flatten)]
    report: &'r Report<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    foreign: Option<Foreign>,
}

/// The form of another program, and the conversion of the text.
#[derive(Debug, Serialize)]
struct Foreign {
    form: &'static str,
    results: Vec<String>,
    losses: Vec<String>,
}

impl<'r, 'a> Explained<'r, 'a> {
    /// Looks for the form of another program that the text is in.
    pub fn new(report: &'r Report<'a>) -> Self {
        let foreign = foreign(report).map(|(form, it)| Foreign {
            form: form.name(),
            results: it.results.into_iter().map(|result| result.text).collect(),
            losses: it.losses.iter().map(ToString::to_string).collect(),
        });
        Self { report, foreign }
    }
}
