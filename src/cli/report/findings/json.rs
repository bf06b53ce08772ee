//! Findings as one JSON object a line; the keys and their order are stable.

use std::io::{self, Write};

use serde::Serialize;

use crate::check::{FileFix, Finding};

#[derive(Serialize)]
struct Record<'f> {
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    code: &'f str,
    severity: &'f str,
    message: &'f str,
    description: Option<&'f str>,
    role: Option<&'f str>,
    fix: Option<Fix<'f>>,
}

/// A fix of a finding. Lines, columns and the byte range `span` refer to the whole file.
#[derive(Serialize)]
struct Fix<'f> {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    span: [usize; 2],
    replacement: std::borrow::Cow<'f, str>,
    safe: bool,
}

pub(super) fn write(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    for finding in findings {
        serde_json::to_writer(&mut *out, &record(finding))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn record(finding: &Finding) -> Record<'_> {
    Record {
        path: finding.path.to_string_lossy().into_owned(),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        code: finding.rule.slug(),
        severity: finding.severity().as_str(),
        message: &finding.message,
        description: finding.description.as_deref(),
        role: finding.role.map(strports_syntax::Role::as_str),
        fix: finding.fix.as_ref().map(fix),
    }
}

fn fix(fix: &FileFix) -> Fix<'_> {
    Fix {
        line: fix.start.line,
        column: fix.start.column,
        end_line: fix.end.line,
        end_column: fix.end.column,
        span: [fix.range.start, fix.range.end],
        replacement: String::from_utf8_lossy(&fix.replacement),
        safe: fix.safe,
    }
}
