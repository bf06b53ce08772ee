//! Findings as SARIF 2.1.0, the format that code scanning services read.
//!
//! Reference: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::fingerprint::with_fingerprints;
use super::lazy::Lazy;
use crate::check::{Coverage, FileFix, Finding, Place, Rule};
use crate::cli::stream::Stream;
use strports_syntax::Severity;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<R>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: R,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    properties: Read,
}

/// The numbers of files and descriptions that the run has checked.
#[derive(Serialize)]
struct Read {
    files: usize,
    descriptions: usize,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message<'static>,
    help: Message<'static>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message<'f> {
    text: Cow<'f, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'f> {
    rule_id: &'f str,
    rule_index: usize,
    level: &'static str,
    message: Message<'f>,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<[Change<'f>; 1]>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "strports/v1")]
    first: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    byte_offset: usize,
    byte_length: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'f> {
    description: Message<'f>,
    artifact_changes: [ArtifactChange<'f>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'f> {
    artifact_location: Artifact,
    replacements: [Replacement<'f>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'f> {
    deleted_region: Region,
    inserted_content: Message<'f>,
}

pub(super) fn write(
    findings: &[Finding],
    coverage: Coverage,
    is_complete: bool,
    out: &mut Stream,
) -> io::Result<()> {
    let rules: Vec<Rule> = Rule::all().collect();
    let outcome = |(finding, print)| outcome(finding, print, &rules);
    let results = Lazy::new(with_fingerprints(findings).map(outcome));
    let driver = Driver {
        name: "strports",
        version: env!("CARGO_PKG_VERSION"),
        rules: rules.iter().copied().map(descriptor).collect(),
    };
    let Coverage { files, descriptions, .. } = coverage;
    let properties = Read { files, descriptions };
    let invocations = [Invocation { execution_successful: is_complete, properties }];
    let tool = Tool { driver };
    let run = Run { tool, invocations, column_kind: "unicodeCodePoints", results };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn descriptor(rule: Rule) -> Descriptor {
    Descriptor {
        id: rule.slug(),
        short_description: message(rule.summary()),
        help: message(rule.page().trim()),
        default_configuration: Configuration { level: level(rule.severity()) },
    }
}

fn outcome<'f>(finding: &'f Finding, print: String, rules: &[Rule]) -> Outcome<'f> {
    let Finding { path, range, start, end, rule, .. } = finding;
    let region = region(range.clone(), *start, *end);
    let artifact_location = Artifact { uri: uri(path) };
    Outcome {
        rule_id: rule.slug(),
        rule_index: rules.iter().position(|it| it == rule).unwrap_or_default(),
        level: level(rule.severity()),
        message: message(&finding.message),
        locations: [Location { physical_location: Physical { artifact_location, region } }],
        partial_fingerprints: Fingerprints { first: print },
        fixes: finding.fix.as_ref().map(|fix| [change(fix, finding)]),
    }
}

fn change<'f>(fix: &'f FileFix, finding: &Finding) -> Change<'f> {
    let replacement = Replacement {
        deleted_region: region(fix.range.clone(), fix.start, fix.end),
        inserted_content: Message { text: String::from_utf8_lossy(&fix.replacement) },
    };
    let change = ArtifactChange {
        artifact_location: Artifact { uri: uri(&finding.path) },
        replacements: [replacement],
    };
    let description = if fix.safe { "certain to be meant" } else { "a suggestion" };
    Change { description: message(description), artifact_changes: [change] }
}

fn region(range: std::ops::Range<usize>, start: Place, end: Place) -> Region {
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
        byte_offset: range.start,
        byte_length: range.len(),
    }
}

/// Converts a path to a URI, with `/` as the separator and percent-encoding.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(*byte));
            }
            // Writing to a string cannot fail.
            _ => drop(std::fmt::Write::write_fmt(&mut uri, format_args!("%{byte:02X}"))),
        }
    }
    uri
}

fn message(text: &str) -> Message<'_> {
    Message { text: text.into() }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
