//! What the rules' own tests are written with, and what holds for all rules.

use std::string::String;
use std::vec::Vec;

use super::RULES;
use crate::signature::{Condition, Kind, Parameter};
use crate::{Code, Diagnostic, Report, Role, Severity, Signature, Types, apply_fixes};

/// The types of the table, and that of a plugin.
pub(crate) fn types() -> Types<'static> {
    static ONION: Signature = Signature::plugin(
        Role::Server,
        "onion",
        "an onion service",
        &[
            Parameter::required("public_port", Kind::Port, "its port"),
            Parameter::optional("hiddenServiceDir", Kind::Path, "the directory of its keys"),
            Parameter::optional("privateKeyFile", Kind::Path, "its key"),
        ],
    )
    .excluding(&[&[
        Condition { parameter: "hiddenServiceDir", value: None },
        Condition { parameter: "privateKeyFile", value: None },
    ]]);
    static PLUGINS: [&Signature; 1] = [&ONION];
    Types::with(&PLUGINS).unwrap()
}

fn check<T: AsRef<[u8]> + ?Sized>(text: &T, role: Role) -> Report<'_> {
    types().check(text, role)
}

/// The findings of the rule `code`, also where they became errors.
fn found(code: Code, text: &str, role: Role) -> Vec<Diagnostic> {
    let report = check(text, role);
    let became_error =
        |it: &Diagnostic| super::fixes_errors(code) && it.severity() == Severity::Error;
    let of_rule = |it: &&Diagnostic| it.code == code || became_error(it);
    report.diagnostics().iter().filter(of_rule).cloned().collect()
}

/// What is left of `text` when the rule's fixes are applied; it must then have no errors.
#[track_caller]
pub(crate) fn fixed(code: Code, text: &str, role: Role) -> String {
    let found = found(code, text, role);
    assert!(!found.is_empty(), "nothing found in {text}");
    let fixes: Vec<_> = found.iter().filter_map(|diagnostic| diagnostic.fix.clone()).collect();
    assert_eq!(fixes.len(), found.len(), "not every finding in {text} has a fix: {found:?}");
    let corrected = apply_fixes(text.as_bytes(), &fixes);
    let report = check(&corrected, role);
    assert!(report.is_ok(), "{:?}", report.diagnostics());
    assert!(report.diagnostics().iter().all(|diagnostic| diagnostic.code != code));
    String::from_utf8(corrected).unwrap()
}

/// Whether the rule finds these pieces of `text` and no others.
#[track_caller]
pub(crate) fn finds(code: Code, text: &str, role: Role, pieces: &[&str]) {
    let found = found(code, text, role);
    let spans: Vec<_> = found.iter().map(|it| &text[it.span.start..it.span.end]).collect();
    assert_eq!(spans, pieces, "in {text}");
}

/// Whether the rule finds nothing in `text`.
#[track_caller]
pub(crate) fn silent(code: Code, text: &str, role: Role) {
    let report = check(text, role);
    let found: Vec<_> = report.diagnostics().iter().filter(|it| it.code == code).collect();
    assert!(found.is_empty(), "{text}: {found:?}");
}

#[test]
fn ok_every_lint_has_one_rule_and_every_rule_a_page() {
    let lints = Code::ALL.iter().filter(|code| code.severity() != Severity::Error);
    for code in lints.filter(|code| !code.needs_machine()) {
        assert_eq!(RULES.iter().filter(|rule| rule.code == *code).count(), 1, "{code}");
    }
    assert!(RULES.iter().all(|rule| rule.code.severity() != Severity::Error));
}

/// The examples of the pages: the first is found, what to write instead is not.
#[test]
fn ok_the_pages_are_true() {
    for rule in RULES {
        let examples: Vec<_> =
            rule.doc.lines().filter_map(|line| line.strip_prefix("    ")).collect();
        let [wrong, right] = examples[..] else { panic!("{}: {examples:?}", rule.code) };
        let hits = |text: &str| {
            [Role::Server, Role::Client].map(|role| !found(rule.code, text, role).is_empty())
        };
        assert_ne!(hits(wrong), [false, false], "{}: {wrong}", rule.code);
        let fits = |role| {
            let report = check(right, role);
            report.is_ok() && report.diagnostics().iter().all(|it| it.code != rule.code)
        };
        assert!(fits(Role::Server) || fits(Role::Client), "{}: {right}", rule.code);
    }
}
