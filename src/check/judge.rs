//! Checks one description, and maps the findings to its file.

use std::sync::Arc;

use super::cross_file::Claim;
use super::embedded::Embedded;
use super::finding::{FileFix, FileText, Finding};
use super::rules::Rule;
use crate::types::stands_in;
use strports_syntax::{Code, Diagnostic, Report, Role, Severity, Signature, Span, Types};

/// The result of checking one description, independent of its place in a file. Equal descriptions
/// share it.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The role for which the description was checked.
    pub(crate) role: Role,
    /// Whether the description has no error. It may still have warnings.
    pub(crate) is_ok: bool,
    diagnostics: Vec<Diagnostic>,
    /// The port, path or peer that the description uses, to find conflicts with others.
    pub(crate) claim: Option<Claim>,
}

impl Verdict {
    pub(crate) fn new(report: &Report<'_>, claim: Option<Claim>) -> Self {
        let diagnostics = report.diagnostics().iter().filter(|it| !is_for_plugin(it, report));
        Self {
            role: report.role(),
            is_ok: report.is_ok(),
            diagnostics: diagnostics.cloned().collect(),
            claim,
        }
    }
}

/// Checks one description, for the role that the file determines or else for the role that fits.
pub(crate) fn report<'e>(embedded: &'e Embedded, types: Types<'static>) -> Report<'e> {
    match embedded.role {
        Some(role) => types.check(embedded.text(), role),
        None => types.check_either(embedded.text()).0,
    }
}

/// Maps the diagnostics of a description to findings in its file, with fixes in the file's quoting.
/// Diagnostics that depend on a placeholder are left out.
pub(crate) fn judge(embedded: &Embedded, verdict: &Verdict, file: &FileText<'_>) -> Vec<Finding> {
    let holes: Vec<Span> = embedded.holes().collect();
    let mut findings = Vec::new();
    let mut shared = None;
    for diagnostic in &verdict.diagnostics {
        if is_about_the_unknown(diagnostic, &holes) {
            continue;
        }
        let (rule, message) = (diagnostic.code.into(), diagnostic.message.clone());
        let mut finding = Finding::new(file, embedded.locate(diagnostic.span), rule, message);
        finding.help.clone_from(&diagnostic.help);
        finding.explained_by = diagnostic.explained_by.map(Rule::from);
        let description: &Arc<str> =
            shared.get_or_insert_with(|| String::from_utf8_lossy(embedded.text()).into());
        finding.description = Some(Arc::clone(description));
        finding.role = Some(verdict.role);
        finding.fix = fix(diagnostic, embedded, &holes, file);
        findings.push(finding);
    }
    findings
}

/// The mistakes in the value from which a program builds a description. The user does not write the
/// description, so there is no fix.
pub(crate) fn of_implied(
    embedded: &Embedded,
    report: &Report<'_>,
    file: &FileText<'_>,
) -> Vec<Finding> {
    let verdict = Verdict::new(report, None);
    let mut found = judge(embedded, &verdict, file);
    let is_about_value =
        |it: &Finding| it.severity() == Severity::Error || it.rule == Code::InterfaceFamily.into();
    found.retain(|it| is_about_value(it) && !it.range.is_empty());
    for finding in &mut found {
        (finding.fix, finding.help, finding.explained_by) = (None, None, None);
    }
    found
}

/// Whether `not-in-twisted` is a false alarm: a package has a type of the same name as the
/// extension, and all keywords are parameters of that type.
///
/// `fd:fileno=0` is Daphne's type: its keyword is accepted only for compatibility with Daphne.
fn is_for_plugin(diagnostic: &Diagnostic, report: &Report<'_>) -> bool {
    let Some(description) = report.description() else { return false };
    let ours = Signature::find(report.role(), &description.type_name());
    let Some(package) = ours.and_then(stands_in) else { return false };
    let mut keys = description.arguments().filter_map(|argument| argument.key).peekable();
    diagnostic.code == Code::NotInTwisted
        && diagnostic.span == description.type_span()
        && keys.peek().is_some()
        && keys.all(|key| package.parameters.iter().any(|it| key == it.name))
}

/// Whether the finding may disappear when a program replaces the placeholders.
fn is_about_the_unknown(diagnostic: &Diagnostic, holes: &[Span]) -> bool {
    // A placeholder may contain several arguments, so counts are not reliable. A finding with a fix
    // does not depend on counts: `::1` is an address after any text.
    let counts = diagnostic.fix.is_none()
        && matches!(
            diagnostic.code,
            Code::MissingArgument | Code::TooManyArguments | Code::MultipleValues
        );
    !holes.is_empty() && (counts || holes.iter().any(|hole| hole.touches(diagnostic.span)))
}

/// The fix in the quoting of the file; `None` if it would overwrite a placeholder.
///
/// A fix that spans two literals may still be possible if it is reduced to the part that changes.
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

/// Reduces a replacement to the part that differs from the old text.
fn changed<'r>(embedded: &Embedded, (span, text): (Span, &'r [u8])) -> (Span, &'r [u8]) {
    let old = embedded.text().get(span.start..span.end).unwrap_or_default();
    let same = |(old, new): &(&u8, &u8)| old == new;
    let head = old.iter().zip(text).take_while(same).count();
    let tail = old[head..].iter().rev().zip(text[head..].iter().rev()).take_while(same).count();
    (Span::new(span.start + head, span.end - tail), &text[head..text.len() - tail])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::embedded::Quoting;
    use crate::check::source::placeholder::Styles;
    use strports_syntax::Role;

    fn verdict(embedded: &Embedded) -> Verdict {
        Verdict::new(&report(embedded, Types::BUILTIN), None)
    }

    /// The findings of `text` with shell placeholders, and their replacements.
    fn codes(text: &str) -> Vec<(&'static str, Option<String>)> {
        let mut it = Embedded::new(Some(Role::Server), Quoting::PLAIN);
        it.template(text.as_bytes(), 0..text.len(), Styles::SHELL);
        let path: Arc<Path> = Path::new("x").into();
        let file = FileText::new(&path, text.as_bytes());
        let findings = judge(&it, &verdict(&it), &file);
        let fix = |it: FileFix| String::from_utf8(it.replacement).unwrap();
        findings.into_iter().map(|it| (it.rule.slug(), it.fix.map(fix))).collect()
    }

    #[test]
    fn text_beside_a_placeholder_is_checked() {
        let address = |text| assert_eq!(codes(text), [("multiple-values", Some(r"\:\:1".into()))]);
        address("tcp:80:interface=::1");
        address("tcp:$PORT:interface=::1");
        assert_eq!(codes("tcp:$PORT:interfce=x")[0].0, "unexpected-keyword");
    }

    #[test]
    fn the_descriptor_of_daphne_is_no_extension() {
        assert_eq!(codes("fd:fileno=0"), []);
        assert_eq!(codes("fd:0"), [("not-in-twisted", None)]);
        assert_eq!(codes("fd:fd=0"), [("not-in-twisted", None)]);
    }

    #[test]
    fn a_fix_fits_into_its_literal() {
        let file = br#""unix:/t" 'mp/a=b'"#;
        let mut it = Embedded::new(Some(Role::Server), Quoting::NEVER);
        for range in [1..8, 11..17] {
            it.quoted(Quoting::PLAIN);
            it.verbatim(file, range);
        }
        let path: Arc<Path> = Path::new("x").into();
        let file = FileText::new(&path, file);
        let findings = judge(&it, &verdict(&it), &file);
        let fix = findings[0].fix.clone().unwrap();
        assert_eq!((fix.range, &*fix.replacement), (15..15, &b"\\"[..]));
    }

    #[test]
    fn placeholders_do_not_count_arguments() {
        for text in ["tcp6:$A:$B:$C:$D", "ssl:$ALL", "tcp:$PORT:80:port=81", "$A:$B", "tcp:$P"] {
            assert_eq!(codes(text), [], "{text}");
        }
    }
}
