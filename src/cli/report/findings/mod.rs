//! The output formats of findings, one in each file.

mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod lazy;
mod sarif;
mod short;
mod summary;

use std::io::{self, Write};

use crate::check::{Coverage, Finding};
use crate::cli::args::FindingsFormat;
use crate::cli::stream::{Look, Stream};

pub(in crate::cli) use summary::{Tally, counted, nothing_in, summary};

/// What SARIF reports about the run itself, beside the findings.
#[derive(Clone, Copy)]
pub(in crate::cli) struct RunFacts {
    pub(in crate::cli) coverage: Coverage,
    /// Whether all files and descriptions on the command line could be checked. If not, SARIF says
    /// so.
    pub(in crate::cli) is_complete: bool,
}

/// Whether a format is a plain list, so that the findings of each file can be written alone.
pub(in crate::cli) const fn is_list(format: FindingsFormat) -> bool {
    matches!(
        format,
        FindingsFormat::Human
            | FindingsFormat::Short
            | FindingsFormat::Json
            | FindingsFormat::Github
    )
}

/// Writes all findings of a run, which must be sorted by path and position.
pub(in crate::cli) fn write(
    format: FindingsFormat,
    findings: &[Finding],
    run: RunFacts,
    out: &mut Stream,
) -> io::Result<()> {
    match format {
        FindingsFormat::Sarif => sarif::write(findings, run.coverage, run.is_complete, out),
        FindingsFormat::Gitlab => gitlab::write(findings, out),
        FindingsFormat::Junit => junit::write(findings, out),
        format => write_part(format, findings, out.look(), out),
    }
}

/// Writes some of a run's findings, in a format that [is a list](is_list).
pub(in crate::cli) fn write_part(
    format: FindingsFormat,
    findings: &[Finding],
    look: Look,
    out: &mut impl Write,
) -> io::Result<()> {
    match format {
        FindingsFormat::Short => short::write(findings, look, out),
        FindingsFormat::Json => json::write(findings, out),
        FindingsFormat::Github => github::write(findings, out),
        _ => human::write(findings, look, out),
    }
}
