//! Recognizes texts that are addresses of another program instead of descriptions.

use serde::Serialize;

use crate::convert::{Conversion, Form, convert};
use strports_syntax::{Code, Report};

/// Converts the text of a report if it is an address of another program, such as socat. `None` if
/// the text is a valid description, or if no program's address form fits.
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
    // Of Go's forms, `host:port` also fits a misspelled type, so its host must look like an
    // address.
    let host = text.split(':').next().unwrap_or_default();
    if form.name() == "go" && !(host.is_empty() || host.contains(['.', '['])) {
        return None;
    }
    let conversion = convert(text, Some(form), Form::DESCRIPTION, None);
    (!conversion.results.is_empty()).then_some((form, conversion))
}

/// The JSON of `strports explain`: a report, and the conversion of another program's address.
///
/// See the [module](crate::describe) for an example.
#[derive(Debug, Serialize)]
pub struct Explained<'r, 'a> {
    #[serde(flatten)]
    report: &'r Report<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    foreign: Option<Foreign>,
}

/// The program whose address the text is, and the descriptions that it converts to.
#[derive(Debug, Serialize)]
struct Foreign {
    form: &'static str,
    results: Vec<String>,
    losses: Vec<String>,
}

impl<'r, 'a> Explained<'r, 'a> {
    /// Takes a report, and converts its text if that is another program's address.
    pub fn new(report: &'r Report<'a>) -> Self {
        let foreign = foreign(report).map(|(form, it)| Foreign {
            form: form.name(),
            results: it.results.into_iter().map(|result| result.text).collect(),
            losses: it.losses.iter().map(ToString::to_string).collect(),
        });
        Self { report, foreign }
    }
}
