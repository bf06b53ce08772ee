//! What there is to say of a file: a name, a place in it, and what to write there instead.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::embedded::Embedded;
use super::place::{Lines, Place};
use super::plugins;
use super::rules::Rule;
use super::twisted::{self, Twisted};
use crate::{Code, Diagnostic, Report, Role, Severity, Span, check, check_either};

/// What stands for the options `-e`, as a path.
pub(crate) const OPTIONS: &str = "-e";
/// What stands for standard input, as a path.
pub(crate) const STANDARD_INPUT: &str = "-";

/// One finding in a file.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// As it is shown: relative to the working directory where it is inside it.
    pub(crate) path: Arc<Path>,
    /// The bytes of the file that it is about.
    pub(crate) range: Range<usize>,
    pub(crate) start: Place,
    pub(crate) end: Place,
    pub(crate) rule: Rule,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// The description as the program reads it, where it is about one.
    pub(crate) description: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) fix: Option<FileFix>,
    /// The line of the file in which it begins, for whoever shows it.
    pub(crate) line: Arc<[u8]>,
    /// Where the range begins in `line`.
    pub(crate) offset: usize,
}

/// What to write into a file instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileFix {
    /// The bytes to replace.
    pub(crate) range: Range<usize>,
    pub(crate) start: Place,
    pub(crate) end: Place,
    /// The bytes to write there, quoted as the file wants it.
    pub(crate) replacement: Vec<u8>,
    pub(crate) safe: bool,
}

impl Finding {
    /// About the bytes at `range` of a file, and no description.
    pub(crate) fn new(
        file: &FileText<'_>,
        range: Range<usize>,
        rule: Rule,
        message: String,
    ) -> Self {
        let line = file.lines.line_around(range.start);
        Self {
            path: Arc::clone(file.path),
            start: file.lines.place(range.start),
            end: file.lines.place(range.end),
            offset: range.start.min(line.end) - line.start,
            line: file.text.get(line).unwrap_or_default().into(),
            range,
            rule,
            message,
            help: None,
            description: None,
            role: None,
            fix: None,
        }
    }

    /// Whether the file is no longer the one that this is about.
    pub(crate) fn is_stale(&self, file: &[u8]) -> bool {
        let start = self.range.start.wrapping_sub(self.offset);
        file.get(start..start.wrapping_add(self.line.len())) != Some(&*self.line)
    }

    /// Whether it is about the command line or standard input.
    pub(crate) fn is_of_no_file(&self) -> bool {
        [OPTIONS, STANDARD_INPUT].iter().any(|name| *self.path == *Path::new(name))
    }

    pub(crate) const fn severity(&self) -> Severity {
        self.rule.severity()
    }
}

impl FileFix {
    pub(crate) fn new(
        file: &FileText<'_>,
        range: Range<usize>,
        replacement: Vec<u8>,
        safe: bool,
    ) -> Self {
        let (start, end) = (file.lines.place(range.start), file.lines.place(range.end));
        Self { range, start, end, replacement, safe }
    }
}

/// A file while it is looked at.
pub(crate) struct FileText<'f> {
    pub(crate) path: &'f Arc<Path>,
    pub(crate) text: &'f [u8],
    pub(crate) lines: Lines<'f>,
}

/// What a description is, as far as its source tells.
pub(crate) fn report(embedded: &Embedded) -> Report<'_> {
    match embedded.role {
        Some(role) => check(embedded.text(), role),
        None => check_either(embedded.text()).0,
    }
}

/// Every finding about one description.
pub(crate) fn judge(
    embedded: &Embedded,
    report: &Report<'_>,
    file: &FileText<'_>,
    twisted: Twisted,
) -> Vec<Finding> {
    let holes: Vec<Span> = embedded.holes().collect();
    let older = twisted::older(report, twisted);
    let all = report
        .diagnostics()
        .iter()
        .map(|it| (it.code.into(), it.span, it.message.clone(), Some(it)));
    let all = all.chain(
        older.into_iter().map(|(span, message)| (Code::NotInTwisted.into(), span, message, None)),
    );
    let mut findings = Vec::new();
    for (rule, span, message, diagnostic) in all {
        let silent =
            |it: &Diagnostic| is_about_the_unknown(it, &holes) || plugins::brings(it, report);
        if diagnostic.is_some_and(silent) {
            continue;
        }
        let mut finding = Finding::new(file, embedded.locate(span), rule, message);
        finding.help = diagnostic.and_then(|it| it.help.clone());
        finding.description = Some(String::from_utf8_lossy(report.text()).into_owned());
        finding.role = Some(report.role());
        finding.fix = diagnostic.and_then(|it| fix(it, embedded, &holes, file));
        findings.push(finding);
    }
    findings
}

/// Whether what a program fills in later may make a finding go away.
fn is_about_the_unknown(diagnostic: &Diagnostic, holes: &[Span]) -> bool {
    // A placeholder may hold several arguments, so nobody can count them. But where it is known how
    // to mend it, it was no counting: `::1` is an address, whatever stands before it.
    let counts = diagnostic.fix.is_none()
        && matches!(
            diagnostic.code,
            Code::MissingArgument | Code::TooManyArguments | Code::MultipleValues
        );
    !holes.is_empty() && (counts || holes.iter().any(|hole| hole.touches(diagnostic.span)))
}

/// The fix in the file's own quoting; none where it would write over a placeholder.
///
/// What does not fit as a whole, as part of it stands in another literal, may fit as the part that
/// changes.
fn fix(
    diagnostic: &Diagnostic,
    embedded: &Embedded,
    holes: &[Span],
    file: &FileText<'_>,
) -> Option<FileFix> {
    let fix = diagnostic.fix.as_ref()?;
    let whole = (fix.span, &*fix.replacement);
    let (span, replacement) = [whole, changed(embedded, whole)].into_iter().find_map(|it| {
        let (span, text) = it;
        let is_known = holes.iter().all(|hole| hole.start >= span.end || span.start >= hole.end);
        let quoted = is_known.then(|| embedded.quote(span, text))?;
        Some((span, quoted?))
    })?;
    Some(FileFix::new(file, embedded.locate(span), replacement, fix.safe))
}

/// A replacement without what is the same before and after it.
fn changed<'r>(embedded: &Embedded, (span, text): (Span, &'r [u8])) -> (Span, &'r [u8]) {
    let old = embedded.text().get(span.start..span.end).unwrap_or_default();
    let same = |(old, new): &(&u8, &u8)| old == new;
    let head = old.iter().zip(text).take_while(same).count();
    let tail = old[head..].iter().rev().zip(text[head..].iter().rev()).take_while(same).count();
    (Span::new(span.start + head, span.end - tail), &text[head..text.len() - tail])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::embedded::Quoting;

    const NEWEST: Twisted = Twisted { year: 26, month: 10 };
    use crate::check::source::placeholder::Styles;

    /// What is said of `text`, with the placeholders of shells, and what is written instead.
    fn said(text: &str) -> Vec<(&'static str, Option<String>)> {
        let mut it = Embedded::new(Some(Role::Server), Quoting::PLAIN);
        it.template(text.as_bytes(), 0..text.len(), Styles::SHELL);
        let path: Arc<Path> = Path::new("x").into();
        let file =
            FileText { path: &path, text: text.as_bytes(), lines: Lines::new(text.as_bytes()) };
        let findings = judge(&it, &report(&it), &file, NEWEST);
        let fix = |it: FileFix| String::from_utf8(it.replacement).unwrap();
        findings.into_iter().map(|it| (it.rule.slug(), it.fix.map(fix))).collect()
    }

    #[test]
    fn ok_what_is_beside_a_placeholder_is_judged() {
        let address = |text| assert_eq!(said(text), [("multiple-values", Some(r"\:\:1".into()))]);
        address("tcp:80:interface=::1");
        address("tcp:$PORT:interface=::1");
        assert_eq!(said("tcp:$PORT:interfce=x")[0].0, "unexpected-keyword");
    }

    #[test]
    fn ok_a_fix_fits_into_the_literal_that_changes() {
        let file = br#""unix:/t" 'mp/a=b'"#;
        let mut it = Embedded::new(Some(Role::Server), Quoting::NEVER);
        for range in [1..8, 11..17] {
            it.quoted(Quoting::PLAIN);
            it.verbatim(file, range);
        }
        let path: Arc<Path> = Path::new("x").into();
        let file = FileText { path: &path, text: file, lines: Lines::new(file) };
        let findings = judge(&it, &report(&it), &file, NEWEST);
        let fix = findings[0].fix.clone().unwrap();
        assert_eq!((fix.range, &*fix.replacement), (15..15, &b"\\"[..]));
    }

    #[test]
    fn ok_nobody_counts_what_a_placeholder_holds() {
        for text in ["tcp6:$A:$B:$C:$D", "ssl:$ALL", "tcp:$PORT:80:port=81", "$A:$B", "tcp:$P"] {
            assert_eq!(said(text), [], "{text}");
        }
    }
}
