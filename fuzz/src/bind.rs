//! Every error in a description is reported at its position, and fixes correct it.

#[path = "../../strports-syntax/tests/rebinding/mod.rs"]
mod rebinding;

use strports_syntax::signature::{Binding, Kind};
use strports_syntax::{
    Diagnostic, ErrorKind, MOST_FINDINGS, ParseError, Report, Role, Signature, Text, apply_fixes,
    check, check_either,
};

use self::rebinding::REBINDING;
use crate::{errors, inside, meaning, shown};

/// Checks the law: `input` is the text of a description, which is checked in both roles.
pub fn holds(input: &[u8]) {
    let [server, client] = [Role::Server, Role::Client].map(|role| {
        let report = check(input, role);
        findings_stand_in_the_input(&report);
        errors_are_reported(&report);
        safe_fixes_correct(&report);
        report
    });
    either_role_agrees_with_each(&server, &client);
}

/// The spans of findings and fixes lie within the input and are sorted, and findings are bounded in
/// number.
pub(crate) fn findings_stand_in_the_input(report: &Report<'_>) {
    let input = report.text();
    assert!(report.diagnostics().len() <= MOST_FINDINGS);
    assert!(report.more() == 0 || report.diagnostics().len() == MOST_FINDINGS);
    assert!(report.diagnostics().is_sorted_by_key(|found| found.span), "out of order");
    for found in report.diagnostics() {
        inside(found.span, input);
        assert!(!found.message.is_empty(), "{found:?}");
        let help = found.help.as_deref().unwrap_or_default();
        for text in [&found.message, help] {
            assert!(!text.contains(char::is_control), "not escaped: {text:?}");
        }
        if let Some(fix) = &found.fix {
            inside(fix.span, input);
            let replaced = fix.span.slice(input);
            assert_ne!(fix.replacement, replaced, "a fix that changes nothing: {found:?}");
        }
    }
}

/// Parsing fails exactly if `check` reports an error, and both return the same first error.
fn errors_are_reported(report: &Report<'_>) {
    let input = report.text();
    let failed = meaning(input, report.role()).err();
    let all = errors(input, report.role());
    assert_eq!(failed.as_ref().map(ParseError::unexplained), all.first());
    // Without its explanation, the error of parsing is the first error of the report.
    assert_eq!(failed.as_ref().map(ParseError::diagnostic), report.errors().next());
    assert_eq!(report.is_ok(), failed.is_none(), "`check` and `parse` disagree: {failed:?}");
    assert_eq!(report.is_ok(), report.errors().next().is_none(), "{:?}", report.diagnostics());
    assert_eq!(report.is_ok(), report.portable().is_some());
    assert_eq!(report.canonical(), meaning(input, report.role()).ok());
    for error in &all {
        inside(error.span(), input);
        assert!(!error.to_string().contains(char::is_control), "not escaped: {error}");
        is_true(error.kind());
    }
    // Each error in the report was found by binding, or explains such an error with a suggestion.
    let found = |it: &Diagnostic| {
        let same = |error: &&strports_syntax::Error| {
            (error.code(), error.span()) == (it.code, it.span) && error.to_string() == it.message
        };
        all.iter().any(|error| same(&error))
    };
    let mut explanations = report.errors().filter(|it| !found(it)).peekable();
    let some_are_replaced = explanations.peek().is_some() || report.more() > 0;
    // Without a fix, each explanation has the code of an error in the text. With a fix, the report
    // may also have errors that exist only in the fixed text.
    if report.fixes().next().is_none() {
        for explanation in explanations {
            let explains = |it: &strports_syntax::Error| it.code() == explanation.code;
            assert!(all.iter().any(explains), "{explanation:?}");
        }
    }
    if let Some(first) = all.first().filter(|_| !some_are_replaced) {
        let reported = report.errors().any(|it| (it.code, it.span) == (first.code(), first.span()));
        assert!(reported, "{first} is not among {:?}", report.diagnostics());
    }
}

/// The types and parameters that an error names exist in the signature table.
fn is_true(error: &ErrorKind) {
    let type_of = |role, name: &str| Signature::find(role, &Text::plain(name));
    match *error {
        ErrorKind::UnknownType { role, found, suggestion, other_role } => {
            assert!(type_of(role, found.as_str()).is_none(), "{error}");
            assert!(suggestion.is_none_or(|it| type_of(role, it).is_some()), "{error}");
            let is_other = type_of(role.other(), found.as_str()).is_some();
            assert_eq!(other_role, suggestion.is_none() && is_other, "{error}");
        }
        ErrorKind::MissingArgument { type_name, role, parameter } => {
            let signature = type_of(role, type_name).expect("a type of the table");
            // For a wrapper, `endpoint` is the description that it wraps, which is no parameter.
            let is_inner = signature.binding == Binding::Wrapper && parameter == "endpoint";
            assert!(is_inner || signature.parameter(parameter).is_some(), "{error}");
        }
        ErrorKind::UnexpectedKeyword { type_name, role, found, suggestion } => {
            let signature = type_of(role, type_name).expect("a type of the table");
            let parameter = signature.parameter(found.as_str());
            let by_name = parameter.is_some_and(|it| !it.positional_only && it.kind != Kind::Rest);
            assert!(!by_name, "{error}");
            let wrapper = type_of(role, "haproxy").expect("a type of the table");
            let known = |name| [signature, wrapper].iter().any(|it| it.parameter(name).is_some());
            assert!(suggestion.is_none_or(known), "{error}");
        }
        ErrorKind::TooManyArguments { type_name, role, max, found } => {
            let signature = type_of(role, type_name).expect("a type of the table");
            let most = match signature.binding {
                Binding::HostAndPort => 2,
                Binding::Path => 1,
                _ => signature.parameters.iter().filter(|it| !it.keyword_only).count(),
            };
            assert!(max == most && found > max, "{error}");
        }
        ErrorKind::MultipleValues { type_name, parameter, positional } => {
            let either = [Role::Server, Role::Client].map(|role| type_of(role, type_name));
            let is_there = |it: &Signature| it.parameters[positional - 1].name == parameter;
            assert!(either.into_iter().flatten().any(is_there), "{error}");
        }
        _ => {}
    }
}

/// Safe fixes add no errors, and `Report::corrected` applies exactly these fixes.
///
/// A fix of [`REBINDING`] can reveal errors, because arguments bind to other parameters.
fn safe_fixes_correct(report: &Report<'_>) {
    let (input, role) = (report.text(), report.role());
    let fixed = corrected_safely(report);
    if fixed == input {
        assert_eq!(report.corrected(), None);
        return;
    }
    let has_fix = |found: &&Diagnostic| found.fix.as_ref().is_some_and(|fix| fix.safe);
    let mut fixable = report.diagnostics().iter().filter(has_fix);
    let reveals = fixable.any(|found| REBINDING.contains(&found.code));
    if !reveals {
        // Both counts are compared: `check` also reports errors that exist only in the fixed text.
        let found = (errors(input, role).len(), errors(&fixed, role).len());
        let reported = (report.errors().count(), check(&fixed, role).errors().count());
        let fewer = report.errors().any(|found| has_fix(&found));
        let enough = |(before, after)| if fewer { after < before } else { after <= before };
        assert!(
            enough(found) || enough(reported),
            "{found:?}, {reported:?} errors before and after in {}",
            shown(&fixed)
        );
    }
    if let Some(corrected) = report.corrected() {
        assert_eq!(shown(&corrected), shown(&fixed));
        let left = check(&corrected, role);
        assert!(left.is_ok(), "{} is no correction: {left:?}", shown(&corrected));
    }
    settles(fixed, role);
}

/// Applying the safe fixes again and again reaches a text without any.
fn settles(mut text: Vec<u8>, role: Role) {
    for _ in 0..=MOST_FINDINGS {
        let next = corrected_safely(&check(&text, role));
        if next == text {
            return;
        }
        text = next;
    }
    panic!("fixes without end: {}", shown(&text));
}

fn corrected_safely(report: &Report<'_>) -> Vec<u8> {
    apply_fixes(report.text(), report.fixes().filter(|fix| fix.safe))
}

/// `check_either` returns the report of one of the roles, which has no errors if either role has
/// none.
fn either_role_agrees_with_each(server: &Report<'_>, client: &Report<'_>) {
    let (either, both) = check_either(server.text());
    assert_eq!(either.is_ok(), server.is_ok() || client.is_ok());
    assert_eq!(both, server.is_ok() && client.is_ok());
    let same = if either.role() == Role::Server { server } else { client };
    assert_eq!(either.diagnostics(), same.diagnostics());
}
