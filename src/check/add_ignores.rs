//! Adds comments `strports: ignore[…]`, so that the current findings are no longer reported.
//!
//! A comment goes on a line of its own before the line of the finding, or before the multi-line
//! value that contains it. In formats with such comments, it may also go at the end of the line.
//! Each position is tried. A comment is kept only if the file then has the same descriptions as
//! before, and fewer findings.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

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

/// How many times one file may be checked again to test its comments. Each check tests a group of
/// lines; lines that are not tested get no comment.
const MAX_CHECKS: usize = 1000;
/// The same limit for a request of an editor, whose user waits for the result.
#[cfg(feature = "cli")]
const MAX_CHECKS_WAITING: usize = 50;

/// The rules to ignore on each line. Lines count from 1.
type Codes = BTreeMap<usize, Vec<Rule>>;

/// The position of an ignore comment, relative to the line of its finding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// On a line of its own, before the lines that are joined to that of the finding.
    Before,
    /// At the end of the finding's line.
    Behind,
}

impl Checked {
    /// Adds comments in memory that ignore the findings, and updates the findings. Returns the
    /// changed files; [`FixedFile::write`] writes one.
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
            let format = self.files[index].format();
            if findings.is_empty() || !has_comments(&self.files[index], format) {
                continue;
            }
            let mut file = self.unchanged(index)?;
            let codes = codes(&findings, &(format.blocks)(file.text()));
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
    /// Whether an ignore comment is possible for `finding`; [`ignoring`](Self::ignoring) tries it.
    /// It is impossible in formats without comments, and for findings about ignore comments.
    pub(crate) fn may_be_ignored(&self, finding: &Finding) -> bool {
        let has_comments = |file: &CheckedFile| has_comments(file, file.format());
        self.files.first().is_some_and(has_comments) && !codes([finding], &[]).is_empty()
    }

    /// The ignore comment for each of these findings; `None` where no comment is possible.
    ///
    /// `self` must be the result for one text in memory. All findings are tested together, with at
    /// most [`MAX_CHECKS_WAITING`] checks.
    pub(crate) fn ignoring(&self, findings: &[&Finding]) -> Vec<Option<Inserted>> {
        let none = || findings.iter().map(|_| None).collect();
        let Some(file) = self.files.first() else { return none() };
        let (Some(text), format) = (file.text.as_deref(), file.format()) else { return none() };
        if !has_comments(file, format) {
            return none();
        }
        let blocks = (format.blocks)(text);
        let all = codes(findings.iter().copied(), &blocks);
        let listeners = self.listeners();
        let trial = Trial { file, options: &self.options, listeners: &listeners, format };
        let ways: BTreeMap<_, _> = trial.ways(text, &all, MAX_CHECKS_WAITING).into_iter().collect();
        let places = Lines::new(text);
        let comment = |finding: &&Finding| {
            let (line, rules) = codes([*finding], &blocks).pop_first()?;
            Some(trial.comment(text, &places, line, &rules, *ways.get(&line)?))
        };
        findings.iter().map(comment).collect()
    }
}

/// Groups the codes of findings by the line to which an ignore comment must apply. Findings about
/// ignore comments are left out, because a comment that ignores them may need one too.
///
/// A finding inside one of `blocks` belongs to the first line of the block, because a comment
/// inside would be text.
fn codes<'f>(findings: impl IntoIterator<Item = &'f Finding>, blocks: &[Range<usize>]) -> Codes {
    let first_line = |line: usize| {
        let behind = blocks.partition_point(|block| block.start <= line);
        let block = blocks[..behind].last().filter(|block| block.contains(&line));
        block.map_or(line, |block| block.start)
    };
    let mut codes = Codes::new();
    let about_comments = [LinterRule::UnusedIgnore, LinterRule::MalformedIgnore].map(Rule::Linter);
    for finding in findings.into_iter().filter(|it| !about_comments.contains(&it.rule)) {
        let on_line = codes.entry(first_line(finding.start.line)).or_default();
        if !on_line.contains(&finding.rule) {
            on_line.push(finding.rule);
        }
    }
    codes
}

/// Whether comments may be added to the file. The reader of JSON skips comments, but most programs
/// that read a `.json` file reject them.
fn has_comments(file: &CheckedFile, format: &Format) -> bool {
    !format.comments.is_empty() && file.path().extension().is_none_or(|it| it != "json")
}

/// A file that is checked again with different comments, to find those that work.
struct Trial<'t> {
    file: &'t CheckedFile,
    options: &'t Options,
    listeners: &'t Listeners,
    format: &'static Format,
}

/// The lines for which `works` is true, found with at most `checks` calls. Lines that are not
/// reached are left out.
///
/// All lines are tried together. If that fails, each half is tried, so that the number of calls
/// depends on the number of lines that fail.
fn working(lines: &[usize], mut checks: usize, works: impl Fn(&[usize]) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    // A stack: the last element is tried next.
    let mut groups = vec![lines];
    while let Some(group) = groups.pop().filter(|group| !group.is_empty() && checks > 0) {
        checks -= 1;
        if works(group) {
            found.extend_from_slice(group);
        } else if group.len() > 1 {
            let (before, behind) = group.split_at(group.len() / 2);
            groups.extend([behind, before]);
        }
    }
    found
}

/// A comment to insert into a file.
#[derive(Debug)]
pub(crate) struct Inserted {
    /// The byte offset in the file at which `text` is inserted.
    pub(crate) at: usize,
    /// A whole line with its line end, or the comment with blanks before it.
    pub(crate) text: String,
    /// The comment without blanks and line end, for the list of changes.
    comment: String,
    /// The rules that the comment names.
    rules: Vec<Rule>,
    line: usize,
}

impl Trial<'_> {
    /// Returns `text` with the comments for `codes` that work, and a record of each of them.
    fn add(&self, text: &[u8], codes: &Codes) -> (Vec<u8>, Vec<Change>) {
        let ways = self.ways(text, codes, MAX_CHECKS);
        let comments = self.comments(text, codes, &ways);
        (with_comments(text, &comments), comments.iter().flat_map(Inserted::changes).collect())
    }

    /// The lines on which a comment removes findings, each with the comment's position.
    ///
    /// A line of its own is tried first. The end of the line is tried only where that fails.
    fn ways(&self, text: &[u8], codes: &Codes, checks: usize) -> Vec<(usize, Way)> {
        // `self.file` was checked with this text, so this is the number of findings without
        // comments.
        let before = self.file.findings(self.listeners, self.options).len();
        let listed = self.file.listed_again(text, self.options);
        let descriptions = listed.descriptions();
        let works = |ways: &[(usize, Way)]| {
            let tried = with_comments(text, &self.comments(text, codes, ways));
            let file = self.file.listed_again(&tried, self.options);
            if file.descriptions() != descriptions {
                return false;
            }
            let left = file.findings(self.listeners, self.options).len();
            match ways {
                // A comment with several codes is kept even if it ignores only one of them.
                [_] => left < before,
                _ => left + ways.iter().map(|(line, _)| codes[line].len()).sum::<usize>() <= before,
            }
        };
        let positions: &[Way] = if self.format.trailing_comments {
            &[Way::Before, Way::Behind]
        } else {
            &[Way::Before]
        };
        let mut left: Vec<usize> = codes.keys().copied().collect();
        let mut found = Vec::new();
        for way in positions {
            let tries =
                |lines: &[usize]| lines.iter().map(|line| (*line, *way)).collect::<Vec<_>>();
            let working = working(&left, checks / positions.len(), |lines| works(&tries(lines)));
            found.extend(tries(&working));
            left.retain(|line| !working.contains(line));
        }
        found
    }

    /// The comments for these lines, each at its position, ordered by their offset.
    fn comments(&self, text: &[u8], codes: &Codes, ways: &[(usize, Way)]) -> Vec<Inserted> {
        let places = Lines::new(text);
        let comment =
            |(line, way): &(usize, Way)| self.comment(text, &places, *line, &codes[line], *way);
        let mut comments: Vec<_> = ways.iter().map(comment).collect();
        comments.sort_by_key(|it| it.at);
        comments
    }

    fn comment(
        &self,
        text: &[u8],
        places: &Lines<'_>,
        line: usize,
        rules: &[Rule],
        way: Way,
    ) -> Inserted {
        let names: Vec<_> = rules.iter().map(|rule| rule.slug()).collect();
        let comment = comment(self.format.comments[0], &names.join(", "));
        let (at, line, text) = match way {
            Way::Before => before(text, places, line, &comment),
            Way::Behind => {
                let end = places.line_around(places.start_of(line)).end;
                (end, line, format!("  {comment}"))
            }
        };
        Inserted { at, text, comment, rules: rules.to_vec(), line }
    }
}

impl Inserted {
    /// One entry for each rule that the comment names, for the list of changes.
    fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.rules.iter().map(|rule| Change {
            start: Place { line: self.line, column: 1 },
            rule: *rule,
            before: Vec::new(),
            after: self.comment.clone().into_bytes(),
        })
    }
}

/// Returns `text` with `comments` inserted. They must be ordered by their offset.
fn with_comments(text: &[u8], comments: &[Inserted]) -> Vec<u8> {
    let mut after = Vec::with_capacity(text.len());
    let mut done = 0;
    for it in comments {
        after.extend_from_slice(&text[done..it.at]);
        after.extend_from_slice(it.text.as_bytes());
        done = it.at;
    }
    after.extend_from_slice(&text[done..]);
    after
}

/// Places a comment on a line of its own before `line` and the lines that continue into it. Returns
/// the byte offset, the number of the line after the comment, and the text to insert.
fn before(text: &[u8], places: &Lines<'_>, line: usize, comment: &str) -> (usize, usize, String) {
    let of = |line: usize| places.line_around(places.start_of(line));
    let mut first = line;
    while first > 1 && goes_on(&text[of(first - 1)]) {
        first -= 1;
    }
    let start = places.start_of(first);
    let content = &text[of(first)];
    let indent = content.len() - content.trim_ascii_start().len();
    // Markdown reads a line that is indented by four or more blanks as code.
    let indent = if comment.starts_with("<!--") && indent > 3 { 0 } else { indent };
    let indent = String::from_utf8_lossy(&content[..indent]);
    let line_end = if text.get(of(first).end) == Some(&b'\r') { "\r\n" } else { "\n" };
    // In reStructuredText, a comment extends to the next empty line.
    let gap = if comment.starts_with("..") { line_end } else { "" };
    (start, first, format!("{indent}{comment}{line_end}{gap}"))
}

/// An ignore comment for `codes`, which are separated by commas.
fn comment(marks: Comment, codes: &str) -> String {
    let Comment { open, close } = marks;
    let close = if close.is_empty() { String::new() } else { format!(" {close}") };
    format!("{} strports: ignore[{codes}]{close}", open.trim_end())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn few_lines_that_fail_cost_few_checks() {
        let lines: Vec<usize> = (0..1000).collect();
        let count = |wrong: &[usize], most: usize| {
            let checks = Cell::new(0);
            let found = working(&lines, most, |group| {
                checks.set(checks.get() + 1);
                group.iter().all(|line| !wrong.contains(line))
            });
            (found.len(), checks.get())
        };
        assert_eq!(count(&[], 50), (1000, 1));
        let (found, checks) = count(&[700], 50);
        assert!(found == 999 && checks <= 21, "{found} {checks}");
        assert_eq!(count(&lines, 50), (0, 50));
    }
}
