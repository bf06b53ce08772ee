//! The report about one description, for people: its parts, its meaning, and its findings.

mod findings;
mod table;
mod tree;

use std::io::{self, Write};

use super::foreign;
use crate::cli::stream::Stream;
use crate::describe::{lines, sentence};
use strports_syntax::Report;

#[cfg(feature = "check")]
pub(in crate::cli::report) use findings::explained;
pub(in crate::cli) use findings::write as write_findings;
#[cfg(feature = "relay")]
pub(in crate::cli) use findings::write_without_secrets as write_findings_without_secrets;
#[cfg(feature = "check")]
pub(in crate::cli) use table::{has_room, last_cell};

/// Prints the report of one description; `both` says that it is valid in the other role too.
pub(in crate::cli) fn write(report: &Report<'_>, both: bool, out: &mut Stream) -> io::Result<()> {
    let lines = lines(report);
    if lines.is_empty() {
        tree::bare(report.text(), out)?;
    }
    for (depth, line) in lines.iter().enumerate() {
        tree::write(line, depth, out)?;
        // Defaults of absent parameters would hide the error, so they are printed only without one.
        if report.is_ok() {
            table::write_defaults(&line.absent, &tree::indent(depth), out)?;
        }
    }
    if let Some(sentence) = sentence(report) {
        writeln!(out)?;
        out.prose(&sentence)?;
    }
    if both {
        let other = report.role().other();
        let role = report.role();
        let message = format!("It was read as a {role}; `--role {other}` reads it as a {other}.");
        out.prose(&message)?;
    }
    if !report.diagnostics().is_empty() {
        writeln!(out)?;
        findings::write(report, out)?;
    }
    foreign::write(report, out)
}
