//! What there is to say of a file: a code, a place in it, and what to write there instead.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::embedded::Embedded;
use super::place::{Lines, Place};
use super::rules::Rule;
use crate::{Code, Diagnostic, Role, Severity, Span, check, check_either};

/// One finding in a file.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Relative to the working directory.
    pub(crate) path: Arc<Path>,
    /// The bytes of the file that it is about.
    pub(crate) range: Range<usize>,
    pub(crate) start: Place,
    pub(crate) end: Place,
    pub(crate) rule: Rule,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// The description as the program reads it.
    pub(crate) description: String,
    pub(crate) role: Role,
    pub(crate) fix: Option<FileFix>,
}

/// What to write into a file instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileFix {
    /// The bytes to replace.
    pub(crate) range: Range<usize>,
    /// The bytes to write there, quoted as the file wants it.
    pub(crate) replacement: Vec<u8>,
    pub(crate) safe: bool,
}

/// Every finding about one description.
pub(crate) fn judge(embedded: &Embedded, path: &Arc<Path>, lines: &Lines<'_>) -> Vec<Finding> {
    if embedded.is_unknown() {
        return Vec::new();
    }
    let report = match embedded.role {
        Some(role) => check(embedded.text(), role),
        None => check_either(embedded.text()).0,
    };
    let holes: Vec<Span> = embedded.holes().collect();
    report
        .diagnostics()
        .iter()
        .filter(|diagnostic| !is_about_the_unknown(diagnostic, &holes))
        .map(|diagnostic| {
            let range = embedded.locate(diagnostic.span);
            Finding {
                path: Arc::clone(path),
                start: lines.place(range.start),
                end: lines.place(range.end),
                range,
                rule: diagnostic.code.into(),
                severity: diagnostic.severity(),
                message: diagnostic.message.clone(),
                help: diagnostic.help.clone(),
                description: String::from_utf8_lossy(report.text()).into_owned(),
                role: report.role(),
                fix: fix(diagnostic, embedded, &holes),
            }
        })
        .collect()
}

/// Whether what a program fills in later may make a finding go away.
fn is_about_the_unknown(diagnostic: &Diagnostic, holes: &[Span]) -> bool {
    // A placeholder may hold several arguments, so nobody can count them.
    let counts = matches!(
        diagnostic.code,
        Code::MissingArgument | Code::TooManyArguments | Code::MultipleValues
    );
    !holes.is_empty() && (counts || holes.iter().any(|hole| hole.touches(diagnostic.span)))
}

/// The fix in the file's own quoting; none where it would write over a placeholder.
fn fix(diagnostic: &Diagnostic, embedded: &Embedded, holes: &[Span]) -> Option<FileFix> {
    let fix = diagnostic.fix.as_ref()?;
    if holes.iter().any(|hole| hole.start < fix.span.end && fix.span.start < hole.end) {
        return None;
    }
    Some(FileFix {
        range: embedded.locate(fix.span),
        replacement: embedded.quote(&fix.replacement)?,
        safe: fix.safe,
    })
}
