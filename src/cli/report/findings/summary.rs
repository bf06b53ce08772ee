//! The summary line: the number of findings, of files and descriptions, and of fixes.

use crate::check::{Coverage, Finding};

/// Advice if no description was found.
const WHERE: &str = "`[[source]]` and `[[command]]` of strports.toml say where they are, `strports init` writes one";

/// The summary line of a report. `fixed` is the number of findings that were already fixed.
pub(in crate::cli) fn summary(findings: &[Finding], coverage: Coverage, fixed: usize) -> String {
    let Coverage { files, descriptions, .. } = coverage;
    if descriptions == 0 && findings.is_empty() && fixed == 0 {
        return format!("{} ({WHERE})", nothing_in(files));
    }
    let mut parts =
        vec![found(findings, files), format!("{} checked", counted(descriptions, "description"))];
    if fixed > 0 {
        parts.push(format!("{fixed} fixed"));
    }
    parts.extend(fixable(findings));
    parts.join("; ")
}

/// The message that no description was found in `files` files.
pub(in crate::cli) fn nothing_in(files: usize) -> String {
    format!("no descriptions found in {}", counted(files, "file"))
}

/// The number of findings, and of files.
fn found(findings: &[Finding], files: usize) -> String {
    let number = match findings.len() {
        0 => "no findings".to_owned(),
        number => counted(number, "finding"),
    };
    let mut having: Vec<_> =
        findings.iter().filter(|it| !it.is_virtual()).map(|it| &it.path).collect();
    having.dedup();
    match (files, having.len()) {
        // The command line and standard input are not files.
        (0, _) => number,
        (_, 0) => format!("{number} in {}", counted(files, "file")),
        (_, having) => format!("{number} in {having} of {}", counted(files, "file")),
    }
}

/// The number of findings that `--fix` can fix.
fn fixable(findings: &[Finding]) -> Option<String> {
    let number = |safe: bool| {
        let in_files = findings.iter().filter(|finding| !finding.is_virtual());
        in_files.filter_map(|it| it.fix.as_ref()).filter(|fix| fix.safe == safe).count()
    };
    match (number(true), number(false)) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{safe} can be fixed by `--fix`")),
        (0, guesses) => Some(format!("{guesses} can be fixed by `--fix --unsafe-fixes`")),
        (safe, guesses) => {
            Some(format!("{safe} can be fixed by `--fix`, {guesses} more by `--unsafe-fixes`"))
        }
    }
}

/// A number with its noun in the singular or plural.
pub(in crate::cli) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
