//! Workflow commands of GitHub Actions, which annotate the lines of a pull request.
//!
//! Reference: "Workflow commands for GitHub Actions", and the escapes of `actions/toolkit`
//! (`packages/core/src/command.ts`).

use std::io::{self, Write};

use crate::check::Finding;
use strports_syntax::Severity;

pub(super) fn write(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    for finding in findings {
        let Finding { path, start, end, rule, message, help, .. } = finding;
        let command = match rule.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let path = property(&path.to_string_lossy());
        write!(out, "::{command} file={path},line={},endLine={}", start.line, end.line)?;
        // GitHub ignores columns unless the finding is on a single line.
        if start.line == end.line {
            write!(out, ",col={},endColumn={}", start.column, end.column.max(start.column))?;
        }
        let help = help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        writeln!(out, ",title=strports {rule}::{}", data(&format!("{message}{help}")))?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_end_a_command_are_escaped() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        assert_eq!(data("a:b,c%\r\n"), "a:b,c%25%0D%0A");
    }
}
