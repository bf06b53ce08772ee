//! Findings as a code quality report, which GitLab shows in merge requests.
//!
//! Reference: "Code Quality", section "Code Quality report format", in the manual of GitLab.

use std::io::{self, Write};

use serde::Serialize;

use super::fingerprint::with_fingerprints;
use super::lazy::Lazy;
use crate::check::Finding;
use crate::cli::stream::Stream;
use strports_syntax::Severity;

#[derive(Serialize)]
struct Issue<'f> {
    description: &'f str,
    check_name: &'f str,
    fingerprint: String,
    severity: &'f str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn write(findings: &[Finding], out: &mut Stream) -> io::Result<()> {
    let issues = Lazy::new(with_fingerprints(findings).map(issue));
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

fn issue((finding, fingerprint): (&Finding, String)) -> Issue<'_> {
    Issue {
        description: &finding.message,
        check_name: finding.rule.slug(),
        fingerprint,
        severity: match finding.severity() {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        location: Location {
            path: finding.path.to_string_lossy().into_owned(),
            lines: Lines { begin: finding.start.line, end: finding.end.line },
        },
    }
}
