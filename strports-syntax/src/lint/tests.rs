//! Helpers for the tests of rules, and tests that hold for all rules.

use std::borrow::ToOwned;
use std::collections::BTreeSet;
use std::format;
use std::string::String;
use std::vec::Vec;

use super::RULES;
use crate::signature::{Condition, Kind, Parameter, RELEASES, Releases};
use crate::{Code, Diagnostic, Report, Role, Severity, Signature, Types, apply_fixes};

/// The known types of these tests: the built-in ones, and `onion` as that of a plugin.
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

/// The findings of the rule `code` in `text`. If the rule explains errors, all errors count as its
/// findings.
fn found(code: Code, text: &str, role: Role) -> Vec<Diagnostic> {
    let report = check(text, role);
    let became_error =
        |it: &Diagnostic| super::fixes_errors(code) && it.severity() == Severity::Error;
    let of_rule = |it: &&Diagnostic| it.code == code || became_error(it);
    report.diagnostics().iter().filter(of_rule).cloned().collect()
}

/// Applies the fixes of the rule `code` to `text`, and returns the result.
///
/// Asserts that every finding has a fix, and that the result has no errors and none of these
/// findings.
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

/// Asserts that the spans of the rule's findings are exactly these pieces of `text`.
#[track_caller]
pub(crate) fn finds(code: Code, text: &str, role: Role, pieces: &[&str]) {
    let found = found(code, text, role);
    let spans: Vec<_> = found.iter().map(|it| &text[it.span.start..it.span.end]).collect();
    assert_eq!(spans, pieces, "in {text}");
}

/// Asserts that the rule `code` has no finding in `text`; other rules may have some.
#[track_caller]
pub(crate) fn silent(code: Code, text: &str, role: Role) {
    let report = check(text, role);
    let found: Vec<_> = report.diagnostics().iter().filter(|it| it.code == code).collect();
    assert!(found.is_empty(), "{text}: {found:?}");
}

#[test]
fn every_lint_has_one_rule_and_every_rule_a_page() {
    let lints = Code::ALL.iter().filter(|code| code.severity() != Severity::Error);
    for code in lints.filter(|code| !code.needs_machine()) {
        assert_eq!(RULES.iter().filter(|rule| rule.code == *code).count(), 1, "{code}");
    }
    assert!(RULES.iter().all(|rule| rule.code.severity() != Severity::Error));
}

/// Each page has two examples: the rule must find the wrong one and accept the correction.
#[test]
fn examples_of_the_pages_are_correct() {
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

/// The example descriptions on the pages of all codes.
fn examples() -> Vec<String> {
    let page = |code: &Code| {
        let blocks = code.page().split("\n\n").filter(|block| block.starts_with("    "));
        let lines = blocks.flat_map(str::lines).map(|line| line.trim().to_owned());
        lines.collect::<Vec<_>>()
    };
    Code::ALL.iter().flat_map(page).collect()
}

/// For each parameter of each type, a description with an argument for it.
fn samples() -> Vec<String> {
    let mut samples = Vec::new();
    for role in [Role::Server, Role::Client] {
        for signature in Signature::all(role) {
            for parameter in signature.parameters {
                for value in ["", "::1", "C:\\x", "a=b", "x", "+1", "[\\:\\:1]"] {
                    samples.push(format!("{}:{}={value}", signature.name, parameter.name));
                    samples.push(format!("{}:80:{value}:{}=1", signature.name, parameter.name));
                }
            }
        }
    }
    samples
}

/// Whether a help message names a parameter, a type or a keyword that Twisted lacks.
fn names_extension(help: &str) -> bool {
    let signatures = || Signature::all(Role::Server).iter().chain(Signature::all(Role::Client));
    let quoted = help.split('`').skip(1).step_by(2);
    quoted.flat_map(|text| text.split(['\\', ':', ' '])).any(|word| {
        let key = word.split_once('=').map(|(key, _)| key);
        let of_twisted = |name: &str| {
            signatures().flat_map(|it| it.parameters).any(|it| it.name == name && !it.extension)
        };
        let is_known =
            |name: &str| signatures().flat_map(|it| it.parameters).any(|it| it.name == name);
        key.is_some_and(|key| is_known(key) && !of_twisted(key))
    })
}

/// Asserts that `releases` of Twisted accept what every help and fix for `text` advises.
///
/// Returns the codes of the findings, and the number of those with help.
#[track_caller]
fn followed(text: &str, role: Role, releases: Releases) -> (Vec<Code>, usize) {
    let mut report = types().check(text, role);
    let foreign = |text: &[u8]| {
        let lints = crate::find::find(types(), text, role).1.lints;
        let lints = lints.into_iter().filter(|it| it.code == Code::NotInTwisted);
        let refused = types().unsupported(text, role, releases);
        lints.chain(refused).map(|it| it.message).collect::<Vec<_>>()
    };
    report.read_by(releases);
    let rules = report.diagnostics().iter().flat_map(|it| [Some(it.code), it.explained_by]);
    let rules = rules.flatten().collect();
    if !foreign(text.as_bytes()).is_empty() {
        return (rules, 0);
    }
    for found in report.diagnostics() {
        let help = found.help.clone().unwrap_or_default();
        assert!(!names_extension(&help), "{releases}: {text}: {help}");
        let Some(fix) = &found.fix else { continue };
        let fixed = apply_fixes(text.as_bytes(), [fix]);
        assert_eq!(foreign(&fixed), [""; 0], "{releases}: {text}: {fix:?}");
    }
    (rules, report.diagnostics().iter().filter(|it| it.help.is_some()).count())
}

/// Checks the help and the fixes for every example with every release.
///
/// Every code that needs only the text must occur in an example.
#[test]
fn the_help_of_every_rule_can_be_followed_in_every_release() {
    let mut seen = BTreeSet::new();
    for release in RELEASES {
        let releases: Releases = format!("{release}").parse().unwrap();
        for (text, role) in each_role(&examples()) {
            seen.extend(followed(text, role, releases).0);
        }
    }
    let missing: Vec<_> =
        Code::ALL.iter().filter(|it| !it.needs_machine() && !seen.contains(it)).collect();
    assert_eq!(missing, Vec::<&Code>::new(), "rules without an example");
}

#[test]
fn every_suggestion_is_valid() {
    let ranges = ["26.10", "16.0", "22.4", ">=16,<20", ">=24.7"];
    let mut helps = 0;
    for releases in ranges.map(|range| range.parse::<Releases>().unwrap()) {
        for (text, role) in each_role(&samples()) {
            helps += followed(text, role, releases).1;
        }
    }
    assert!(helps > 100, "{helps}");
}

fn each_role(texts: &[String]) -> impl Iterator<Item = (&str, Role)> {
    texts.iter().flat_map(|text| [(&**text, Role::Server), (&**text, Role::Client)])
}
