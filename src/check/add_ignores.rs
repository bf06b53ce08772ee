//! Adds comments that ignore the current findings.
//!
//! A comment goes on a line of its own before the finding, or at the end of the line if the format
//! has such comments. Each position is tried. A comment is kept only if the file then has the same
//! descriptions as before, and fewer findings.

use std::collections::BTreeMap;
use std::io;

use super::checked_file::CheckedFile;
use super::cross_file::Listeners;
use super::finding::Finding;
use super::fix::{Change, FixedFile};
use super::options::Options;
use super::place::{Lines, Place};
use super::results::Checked;
use super::rules::{LinterRule, Rule};
use super::source::format::{Comment, Format};
use super::suppress::goes_on;

/// The most lines that are tried separately. In larger files, one wrong comment makes all lines of
/// its position fail.
const MAX_LINES_ALONE: usize = 500;

/// The lines of findings, from 1, with the codes on each.
type Codes = BTreeMap<usize, Vec<Rule>>;

/// The position of a comment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// On a line of its own, before the lines that are joined to that of the finding.
    Before,
    /// At the end of the line.
    Behind,
}

impl Checked {
    /// Adds comments in memory that ignore the findings, and updates the findings.
    ///
    /// Findings that no comment can ignore are kept, for example in a format without comments.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can no longer be read.
    pub fn add_ignores(&mut self) -> io::Result<Vec<FixedFile>> {
        let mut files = Vec::new();
        let listeners = self.listeners();
        for index in 0..self.files.len() {
            let findings = self.files[index].findings(&listeners, &self.options);
            let codes = codes(&findings);
            let format = self.files[index].format();
            if codes.is_empty() || !has_comments(&self.files[index], format) {
                continue;
            }
            let mut file = self.unchanged(index)?;
            if findings.iter().any(|finding| finding.is_stale(file.text())) {
                continue;
            }
            let trial = Trial {
                file: &self.files[index],
                options: &self.options,
                listeners: &listeners,
                format,
            };
            let (after, changes) = trial.add(file.text(), &codes);
            if !changes.is_empty() {
                self.files[index].check_again(&after, &self.options);
                file.replace(after, changes);
                files.push(file);
            }
        }
        Ok(files)
    }
}

#[cfg(feature = "cli")]
impl Checked {
    /// Whether a comment may ignore this finding; [`with_ignored`](Self::with_ignored) tries it.
    pub(crate) fn may_be_ignored(&self, finding: &Finding) -> bool {
        let has_comments = |file: &CheckedFile| has_comments(file, file.format());
        self.files.first().is_some_and(has_comments)
            && !codes(std::slice::from_ref(finding)).is_empty()
    }

    /// The first text in which a comment ignores this finding, if there is one.
    ///
    /// The file was checked in memory.
    pub(crate) fn with_ignored(&self, finding: &Finding) -> Option<Vec<u8>> {
        let file = self.files.first()?;
        let (text, format) = (file.text.as_deref()?, file.format());
        let codes = codes(std::slice::from_ref(finding));
        if codes.is_empty() || !has_comments(file, format) {
            return None;
        }
        let listeners = self.listeners();
        let trial = Trial { file, options: &self.options, listeners: &listeners, format };
        let (after, changes) = trial.add(text, &codes);
        (!changes.is_empty()).then_some(after)
    }
}

/// The codes to ignore on each line. Findings about comments are left out, because ignoring them
/// would have no end.
fn codes(findings: &[Finding]) -> Codes {
    let mut codes = Codes::new();
    let about_comments = [LinterRule::UnusedIgnore, LinterRule::MalformedIgnore].map(Rule::Linter);
    for finding in findings.iter().filter(|it| !about_comments.contains(&it.rule)) {
        let on_line = codes.entry(finding.start.line).or_default();
        if !on_line.contains(&finding.rule) {
            on_line.push(finding.rule);
        }
    }
    codes
}

/// Whether the file may have comments: programs that read `.json` reject them.
fn has_comments(file: &CheckedFile, format: &Format) -> bool {
    !format.comments.is_empty() && file.path().extension().is_none_or(|it| it != "json")
}

/// One file to which comments are added.
struct Trial<'t> {
    file: &'t CheckedFile,
    options: &'t Options,
    listeners: &'t Listeners,
    format: &'static Format,
}

impl Trial<'_> {
    /// Adds comments for `codes` in all positions, and keeps those that work.
    fn add(&self, text: &[u8], codes: &Codes) -> (Vec<u8>, Vec<Change>) {
        let listed = self.file.listed_again(text, self.options);
        let descriptions = listed.descriptions();
        let left = |text: &[u8]| {
            let file = self.file.listed_again(text, self.options);
            if file.descriptions() != descriptions {
                return usize::MAX;
            }
            file.findings(self.listeners, self.options).len()
        };
        // The file was checked with this text.
        let before = self.file.findings(self.listeners, self.options).len();
        // From the last line to the first, so that the offsets of earlier lines stay valid.
        let all = self.with_comments(text, codes.iter().rev().map(|it| (it, Way::Before)));
        let count: usize = codes.values().map(Vec::len).sum();
        if left(&all.0) <= before.saturating_sub(count) {
            return all;
        }
        let ways: &[Way] = if self.format.trailing_comments {
            &[Way::Before, Way::Behind]
        } else {
            &[Way::Before]
        };
        let (mut done, mut changes, mut known) = (text.to_vec(), Vec::new(), before);
        for line in codes.iter().rev().take(MAX_LINES_ALONE) {
            let tried =
                ways.iter().map(|way| self.with_comments(&done, [(line, *way)].into_iter()));
            let better = tried.map(|it| (left(&it.0), it)).find(|(left, _)| *left < known);
            if let Some((left, (text, mut more))) = better {
                (done, known) = (text, left);
                changes.append(&mut more);
            }
        }
        changes.reverse();
        (done, changes)
    }

    /// The text with a comment for each of these lines, which are ordered from the last to the
    /// first.
    fn with_comments<'c>(
        &self,
        text: &[u8],
        lines: impl Iterator<Item = ((&'c usize, &'c Vec<Rule>), Way)>,
    ) -> (Vec<u8>, Vec<Change>) {
        let places = Lines::new(text);
        let mut changes = Vec::new();
        let mut after = text.to_vec();
        for ((line, rules), way) in lines {
            let names: Vec<_> = rules.iter().map(|rule| rule.slug()).collect();
            let comment = comment(self.format.comments[0], &names.join(", "));
            let (at, line, written) = match way {
                Way::Before => before(text, &places, *line, &comment),
                Way::Behind => {
                    let end = places.line_around(places.start_of(*line)).end;
                    (end, *line, format!("  {comment}"))
                }
            };
            after.splice(at..at, written.bytes());
            let start = Place { line, column: 1 };
            let change = |rule: &Rule| Change {
                start,
                rule: *rule,
                before: Vec::new(),
                after: comment.clone().into_bytes(),
            };
            changes.extend(rules.iter().map(change));
        }
        (after, changes)
    }
}

/// The offset of a new line before `line` and the lines joined to it, the number of that line, and
/// the text.
fn before(text: &[u8], places: &Lines<'_>, line: usize, comment: &str) -> (usize, usize, String) {
    let of = |line: usize| places.line_around(places.start_of(line));
    let mut first = line;
    while first > 1 && goes_on(&text[of(first - 1)]) {
        first -= 1;
    }
    let start = places.start_of(first);
    let content = &text[of(first)];
    let indent = content.len() - content.trim_ascii_start().len();
    let indent = String::from_utf8_lossy(&content[..indent]).into_owned();
    let is_crlf = text.get(of(first).end) == Some(&b'\r');
    (start, first, format!("{indent}{comment}{}", if is_crlf { "\r\n" } else { "\n" }))
}

fn comment(marks: Comment, codes: &str) -> String {
    let Comment { open, close } = marks;
    let close = if close.is_empty() { String::new() } else { format!(" {close}") };
    format!("{} strports: ignore[{codes}]{close}", open.trim_end())
}
