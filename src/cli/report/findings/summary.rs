//! The line that ends a report: the numbers of findings, files, descriptions and fixes.

use crate::check::{Coverage, Finding};
use strports_syntax::Severity;

/// Advice in the summary if no description was found.
const WHERE: &str = "`[[source]]` and `[[command]]` of strports.toml say where they are, `strports init` writes one";

/// The numbers that the summary of a report needs, counted from findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Tally {
    pub(in crate::cli) findings: usize,
    /// The number of files with findings; `-e` and standard input are not files.
    files: usize,
    /// The number of findings in files with a safe fix, which `--fix` applies.
    fixes: usize,
    /// The number of findings in files whose fix needs `--unsafe-fixes`.
    suggestions: usize,
    /// The highest severity of the findings; `None` without findings.
    pub(in crate::cli) worst: Option<Severity>,
}

impl Tally {
    /// Counts `findings`. Those of one file must be adjacent, or the file counts twice.
    pub(in crate::cli) fn of(findings: &[Finding]) -> Self {
        let in_files = || findings.iter().filter(|it| !it.is_virtual());
        let fixes = |safe: bool| {
            in_files().filter_map(|it| it.fix.as_ref()).filter(|it| it.safe == safe).count()
        };
        let mut paths: Vec<_> = in_files().map(|it| &it.path).collect();
        paths.dedup();
        Self {
            findings: findings.len(),
            files: paths.len(),
            fixes: fixes(true),
            suggestions: fixes(false),
            worst: findings.iter().map(Finding::severity).max(),
        }
    }

    /// Adds the counts of other findings, such as those of the next file.
    #[must_use]
    pub(in crate::cli) fn plus(self, other: Self) -> Self {
        Self {
            findings: self.findings + other.findings,
            files: self.files + other.files,
            fixes: self.fixes + other.fixes,
            suggestions: self.suggestions + other.suggestions,
            worst: self.worst.max(other.worst),
        }
    }
}

/// Returns the summary line. `fixed` findings were fixed by this run and are not in `tally`.
pub(in crate::cli) fn summary(tally: Tally, coverage: Coverage, fixed: usize) -> String {
    let Coverage { files, descriptions, .. } = coverage;
    if descriptions == 0 && tally.findings == 0 && fixed == 0 {
        return format!("{} ({WHERE})", nothing_in(files));
    }
    let mut parts =
        vec![found(tally, files), format!("{} checked", counted(descriptions, "description"))];
    if fixed > 0 {
        parts.push(format!("{fixed} fixed"));
    }
    parts.extend(fixable(tally));
    parts.join("; ")
}

/// Returns the message that none of `files` files contains a description.
pub(in crate::cli) fn nothing_in(files: usize) -> String {
    format!("no descriptions found in {}", counted(files, "file"))
}

/// Formats the number of findings, and of files with and without findings.
fn found(tally: Tally, files: usize) -> String {
    let number = match tally.findings {
        0 => "no findings".to_owned(),
        number => counted(number, "finding"),
    };
    match (files, tally.files) {
        // No file was read: `-e` and standard input are not files.
        (0, _) => number,
        (_, 0) => format!("{number} in {}", counted(files, "file")),
        (_, having) => format!("{number} in {having} of {}", counted(files, "file")),
    }
}

/// Formats how many findings `--fix` can fix; `None` if it can fix none.
fn fixable(tally: Tally) -> Option<String> {
    match (tally.fixes, tally.suggestions) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{safe} can be fixed by `--fix`")),
        (0, guesses) => Some(format!("{guesses} can be fixed by `--fix --unsafe-fixes`")),
        (safe, guesses) => {
            Some(format!("{safe} can be fixed by `--fix`, {guesses} more by `--unsafe-fixes`"))
        }
    }
}

/// Formats a number and its noun, in the singular for 1 and in the plural otherwise.
pub(in crate::cli) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
