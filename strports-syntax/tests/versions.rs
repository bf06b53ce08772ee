//! The changes in the signature table agree with the recorded answers of each release of Twisted.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use strports_syntax::signature::{Change, FIRST_ASKED, RELEASES, Release, Releases, Signature};
use strports_syntax::{Role, Types, check};

#[allow(dead_code, reason = "the program's own `main`")]
#[path = "../examples/versions_md.rs"]
mod program;

#[test]
fn the_page_is_not_stale() {
    let page = include_str!("../spec/versions.md");
    let command = "cargo run -q -p strports-syntax --example versions_md > spec/versions.md";
    assert!(page == program::Page.to_string(), "stale; write it again with: {command}");
}

fn rows(name: &str) -> Vec<Value> {
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/vectors");
    let text = std::fs::read_to_string(format!("{spec}/{name}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn text<'v>(row: &'v Value, key: &str) -> Option<&'v str> {
    row.get(key).and_then(Value::as_str)
}

fn release(text: &str) -> Release {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    let mut next = || numbers.next().unwrap();
    Release::new(next(), next(), next())
}

fn role(row: &Value) -> Role {
    if text(row, "role") == Some("server") { Role::Server } else { Role::Client }
}

#[test]
fn the_releases_are_those_with_recorded_answers() {
    let recorded: Vec<_> = rows("versions/releases.json")
        .iter()
        .map(|row| release(text(row, "release").unwrap()))
        .collect();
    assert_eq!(RELEASES, recorded);
    for row in rows("versions/releases.json") {
        let was_asked = release(text(&row, "release").unwrap()) >= FIRST_ASKED;
        assert_eq!(text(&row, "evidence"), Some(if was_asked { "asked" } else { "read" }), "{row}");
    }
}

/// Counts changes by release, release before, role, type and parameter, in the table and the
/// records.
#[test]
fn the_changes_match_the_summary() {
    type Row = (Release, Option<Release>, &'static str, String, Option<String>);
    let mut recorded: BTreeMap<Row, usize> = BTreeMap::new();
    for row in rows("versions/summary.json") {
        let owned = |key| text(&row, key).map(str::to_owned);
        let since = release(text(&row, "since").unwrap());
        let before = text(&row, "last_before").map(release);
        let row = (since, before, role(&row).as_str(), owned("type").unwrap(), owned("parameter"));
        *recorded.entry(row).or_default() += 1;
    }
    let mut table: BTreeMap<Row, usize> = BTreeMap::new();
    for signature in Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)) {
        let mut add = |changes: &[Change], parameter: Option<&str>| {
            for change in changes {
                let (name, role) = (signature.name.to_owned(), signature.role.as_str());
                let parameter = parameter.map(str::to_owned);
                let row = (change.since, change.last_before(), role, name, parameter);
                *table.entry(row).or_default() += 1;
            }
        };
        add(signature.changes, None);
        for parameter in signature.parameters {
            add(parameter.changes, Some(parameter.name));
        }
    }
    assert_eq!(table, recorded);
}

#[test]
fn changes_are_ordered_by_release() {
    for signature in Signature::all(Role::Server).iter().chain(Signature::all(Role::Client)) {
        let lists = signature.parameters.iter().map(|parameter| parameter.changes);
        for changes in lists.chain([signature.changes]) {
            assert!(changes.is_sorted_by_key(|change| change.since), "{}", signature.name);
        }
    }
}

/// Whether the table says that `release` accepts the input, given as `bytes` or as a `str`.
fn accepts(input: &str, role: Role, bytes: bool, release: Release) -> bool {
    let report = check(input, role);
    let only = Releases::ALL.filter(|it| it == release);
    let refused = |it: &strports_syntax::Diagnostic| !it.message.contains("and then fails");
    let unsupported = Types::BUILTIN.unsupported(input, role, only);
    let read = !bytes || Types::BUILTIN.takes_bytes(input, role);
    report.portable() == Some(true) && read && !unsupported.iter().any(refused)
}

/// Intentional differences that no other vector has: role, input, and row of `DIFFERENCES.md`.
const DIFFERENT: [(&str, &str, &str); 3] = [
    ("server", "ssl:443:sslmethod=TLSv1_METHOD", "sslmethod-obsolete"),
    ("client", "unix:/a:checkPID=no", "checkpid-text"),
    ("client", "unix:/a:checkPID=", "checkpid-text"),
];

/// The role and the input of every vector whose result intentionally differs from Twisted's.
fn differences() -> BTreeSet<(String, String)> {
    let mut differences = BTreeSet::new();
    for file in ["server", "client", "errors", "coercion"] {
        for row in rows(&format!("{file}.json")) {
            if let (Some(input), true) = (text(&row, "input"), row.get("differs").is_some()) {
                let role = text(&row, "role").unwrap_or(file);
                differences.insert((role.to_owned(), input.to_owned()));
            }
        }
    }
    let document = include_str!("../spec/DIFFERENCES.md");
    for (role, input, row) in DIFFERENT {
        assert!(document.contains(&format!("| `{row}` |")), "{row}");
        differences.insert((role.to_owned(), input.to_owned()));
    }
    differences
}

#[test]
fn every_recorded_answer_matches_the_table() {
    let differences = differences();
    let (mut compared, mut wrong) = (0, Vec::new());
    for row in rows("versions/answers.json") {
        let (input, role) = (text(&row, "input").unwrap(), role(&row));
        let bytes = row.get("bytes").is_some();
        if differences.contains(&(role.as_str().to_owned(), input.to_owned())) {
            continue;
        }
        for answer in row["answers"].as_array().unwrap() {
            let since = text(answer, "since").map(release);
            let until = text(answer, "until").map(release);
            let is_in = |it: &&Release| {
                since.is_none_or(|since| **it >= since) && until.is_none_or(|until| **it <= until)
            };
            for release in RELEASES.iter().filter(is_in) {
                compared += 1;
                if accepts(input, role, bytes, *release) != answer.get("ok").is_some() {
                    wrong.push(format!("{role} {input:?} bytes={bytes} {release}: {answer}"));
                    break;
                }
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
    assert!(wrong.is_empty(), "{} of {compared}: {wrong:#?}", wrong.len());
}
