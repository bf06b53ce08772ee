//! `path:line:column: severity[code] message`, a line each, as compilers have it.

use std::io;

use crate::check::Finding;
use crate::cli::stream::Stream;

pub(super) fn write(findings: &[Finding], out: &mut Stream) -> io::Result<()> {
    for finding in findings {
        let Finding { path, start, rule, message, .. } = finding;
        let (path, severity) = (path.display(), rule.severity());
        let line = format!("{path}:{}:{}: {severity}[{rule}] {message}", start.line, start.column);
        out.line(line.as_bytes(), b'\n')?;
    }
    Ok(())
}
