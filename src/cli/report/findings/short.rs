//! `path:line:column: severity: message [code]`, one line each, in the format of GCC.
//!
//! Editors and CI services that recognize the output of GCC find the places without configuration.
//! GCC has no severity below `note`.

use std::io;

use crate::check::Finding;
use crate::cli::stream::Stream;
use strports_syntax::Severity;

pub(super) fn write(findings: &[Finding], out: &mut Stream) -> io::Result<()> {
    for finding in findings {
        let Finding { path, start, rule, message, .. } = finding;
        let (path, line, column) = (path.display(), start.line, start.column);
        let severity = match rule.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        let text = format!("{path}:{line}:{column}: {severity}: {message} [{rule}]");
        out.line(text.as_bytes(), b'\n')?;
    }
    Ok(())
}
