//! Findings as `path:line:column: severity: message [code]`, one line each, like those of GCC.
//!
//! Editors and CI services that recognize the output of GCC find the positions without
//! configuration. GCC has no severity below `note`.

use std::io::{self, Write};

use crate::check::Finding;
use crate::cli::stream::Look;
use strports_syntax::Severity;

pub(super) fn write(findings: &[Finding], look: Look, out: &mut impl Write) -> io::Result<()> {
    for finding in findings {
        let Finding { path, start, rule, message, .. } = finding;
        let (path, line, column) = (path.display(), start.line, start.column);
        let severity = match rule.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        let text = format!("{path}:{line}:{column}: {severity}: {message} [{rule}]");
        look.line(text.as_bytes(), b'\n', out)?;
    }
    Ok(())
}
