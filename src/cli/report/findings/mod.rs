//! The output formats of findings, in one file each.

mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod sarif;
mod short;
mod summary;

use std::io;

use crate::check::{Coverage, Finding};
use crate::cli::args::FindingsFormat;
use crate::cli::stream::Stream;

pub(in crate::cli) use summary::{counted, nothing_in, summary};

/// Facts of the run that a format needs in addition to the findings.
#[derive(Clone, Copy)]
pub(in crate::cli) struct RunFacts {
    pub(in crate::cli) coverage: Coverage,
    /// Whether all files and descriptions on the command line could be checked.
    pub(in crate::cli) is_complete: bool,
}

/// Writes `findings`, which must be sorted.
pub(in crate::cli) fn write(
    format: FindingsFormat,
    findings: &[Finding],
    run: RunFacts,
    out: &mut Stream,
) -> io::Result<()> {
    match format {
        FindingsFormat::Human => human::write(findings, out),
        FindingsFormat::Short => short::write(findings, out),
        FindingsFormat::Json => json::write(findings, out),
        FindingsFormat::Sarif => sarif::write(findings, run.coverage, run.is_complete, out),
        FindingsFormat::Github => github::write(findings, out),
        FindingsFormat::Gitlab => gitlab::write(findings, out),
        FindingsFormat::Junit => junit::write(findings, out),
    }
}
