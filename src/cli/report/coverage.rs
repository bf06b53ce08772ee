//! Prints what a run of `check` has covered: files, descriptions, and findings by code.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::findings::counted;
use crate::check::{Checked, Coverage, FileRead, Finding};
use crate::cli::args::Format;
use crate::cli::stream::Stream;

/// One file in the output of `--show-files --format json`.
#[derive(Serialize)]
struct FileRecord<'f> {
    path: &'f str,
    format: &'f str,
    descriptions: usize,
}

/// Lists the files that were read, with their format and their number of descriptions.
pub(in crate::cli) fn files(checked: &Checked, format: Format, out: &mut Stream) -> io::Result<()> {
    for FileRead { path, format: name, descriptions, .. } in checked.files_read() {
        let path = path.to_string_lossy();
        let number = descriptions.len();
        match format {
            Format::Json => {
                json(&FileRecord { path: &path, format: name, descriptions: number }, out)?;
            }
            Format::Human => {
                let line = format!("{path}: {name}, {}", counted(number, "description"));
                out.line(line.as_bytes(), b'\n')?;
            }
        }
    }
    Ok(())
}

/// One description in the output of `--list --format json`.
#[derive(Serialize)]
struct DescriptionRecord<'f> {
    path: &'f str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    description: &'f str,
    role: &'f str,
    format: &'f str,
    source: Option<&'f str>,
    template: bool,
}

/// Lists the descriptions that were checked, with their positions and roles.
pub(in crate::cli) fn descriptions(
    checked: &Checked,
    format: Format,
    out: &mut Stream,
) -> io::Result<()> {
    for file in checked.files_read() {
        let path = file.path.to_string_lossy();
        for it in &file.descriptions {
            let record = DescriptionRecord {
                path: &path,
                line: it.start.line,
                column: it.start.column,
                end_line: it.end.line,
                end_column: it.end.column,
                description: &it.text,
                role: it.role.as_str(),
                format: file.format,
                source: it.source.as_deref(),
                template: it.is_template,
            };
            match format {
                Format::Json => json(&record, out)?,
                Format::Human => {
                    let DescriptionRecord { line, column, description, role, format, .. } = record;
                    let by = record.source.map(|it| format!(", by {it}")).unwrap_or_default();
                    let text =
                        format!("{path}:{line}:{column}: {role} in {format}{by}: {description}");
                    out.line(text.as_bytes(), b'\n')?;
                }
            }
        }
    }
    Ok(())
}

/// The output of `--statistics --format json`.
#[derive(Serialize)]
struct Statistics<'f> {
    files: usize,
    descriptions: usize,
    findings: usize,
    codes: Vec<CodeRecord<'f>>,
}

#[derive(Serialize)]
struct CodeRecord<'f> {
    code: &'f str,
    severity: &'f str,
    count: usize,
    fixable: usize,
}

/// Prints how many findings each code has, the most frequent code first.
pub(in crate::cli) fn statistics(
    findings: &[Finding],
    coverage: Coverage,
    format: Format,
    out: &mut Stream,
) -> io::Result<()> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        let (count, fixable) = counts.entry(finding.rule).or_insert((0, 0));
        *count += 1;
        *fixable += usize::from(finding.fix.is_some());
    }
    let record = |(rule, (count, fixable)): (crate::check::Rule, (usize, usize))| CodeRecord {
        code: rule.slug(),
        severity: rule.severity().as_str(),
        count,
        fixable,
    };
    let mut codes: Vec<_> = counts.into_iter().map(record).collect();
    codes.sort_by_key(|it| std::cmp::Reverse(it.count));
    let Coverage { files, descriptions, .. } = coverage;
    match format {
        Format::Json => {
            json(&Statistics { files, descriptions, findings: findings.len(), codes }, out)
        }
        Format::Human => {
            let widest = codes.iter().map(|it| it.code.len()).max().unwrap_or_default();
            for CodeRecord { code, severity, count, fixable } in codes {
                let fixes =
                    if fixable > 0 { format!("{fixable} with a fix") } else { String::new() };
                let line = format!("{count:6}  {severity:7}  {code:widest$}  {fixes}");
                writeln!(out, "{}", line.trim_end())?;
            }
            Ok(())
        }
    }
}

fn json(record: &impl Serialize, out: &mut Stream) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}
