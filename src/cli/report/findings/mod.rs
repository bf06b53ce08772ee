//! What the linter found, in the ways that people and programs read it: a file each.

mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod sarif;
mod short;

use std::io;

use crate::check::Finding;
use crate::cli::args::FindingsFormat;
use crate::cli::stream::Stream;

/// Writes `findings`, which are in order; `fixed` is how many others were fixed.
pub(in crate::cli) fn write(
    format: FindingsFormat,
    findings: &[Finding],
    fixed: usize,
    out: &mut Stream,
) -> io::Result<()> {
    match format {
        FindingsFormat::Human => human::write(findings, fixed, out),
        FindingsFormat::Short => short::write(findings, out),
        FindingsFormat::Json => json::write(findings, out),
        FindingsFormat::Sarif => sarif::write(findings, out),
        FindingsFormat::Github => github::write(findings, out),
        FindingsFormat::Gitlab => gitlab::write(findings, out),
        FindingsFormat::Junit => junit::write(findings, out),
    }
}
