//! Reads and applies comments that ignore findings: `strports: ignore[code, …]`.
//!
//! The brackets contain codes, `error`, `warning`, `info` or `all`. A comment applies to:
//!
//! - its own line, if it is at the end of that line;
//! - the next line that is not a comment, if it has a line for itself. Continuation lines after a
//!   backslash, `^` or back-quote are included, and so is the block that begins there.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;

use super::finding::{FileFix, FileText, Finding};
use super::rules::{LinterRule, Rule};
use super::selection::Selector;
use super::source::bounds::MAX_DESCRIPTIONS;
use super::source::format::{Comment, Format};

/// The maximum length of a line in bytes. Longer ones are data.
const LONGEST: usize = 64 << 10;

/// The text of every ignore comment before its codes.
const MARK: &[u8] = b"strports: ignore[";

/// One code of an ignore comment, and the lines to which the comment applies.
#[derive(Clone, Debug)]
pub(crate) struct Ignore {
    /// The numbers of the lines to which the comment applies, from 1.
    lines: Range<usize>,
    /// The findings to ignore; `None` for an unknown code, which ignores nothing.
    selector: Option<Selector>,
    /// The finding to report if the code ignores nothing.
    unused: Finding,
}

/// The codes in the ignore comments of a file, in order.
pub(crate) fn ignores(file: &FileText<'_>, format: &Format) -> Vec<Ignore> {
    let comments = format.comments;
    let blocks = LazyCell::new(|| (format.blocks)(file.text));
    let mut found = Vec::new();
    // For the last comment on a line of its own: the bytes from it to the lines to which it
    // applies, and the numbers of these lines.
    let mut about: Option<(Range<usize>, Range<usize>)> = None;
    for mark in memmem::find_iter(file.text, MARK) {
        let line = file.lines.line_around(mark);
        if found.len() >= MAX_DESCRIPTIONS || line.len() > LONGEST {
            continue;
        }
        let inside = mark + MARK.len()..line.end;
        let Some(close) = memchr::memchr(b']', &file.text[inside.clone()]) else { continue };
        let Some(comment) = Written::new(file, mark, inside.start + close, comments) else {
            continue;
        };
        // Consecutive comments apply to the same lines, which are searched once.
        let known = about
            .as_ref()
            .filter(|(between, _)| comment.alone && between.contains(&comment.line.start));
        let lines = if let Some((_, lines)) = known {
            lines.clone()
        } else {
            let lines = comment.lines(file, comments);
            let end = if comment.alone { end_of_block(&blocks, lines.start) } else { 0 };
            lines.start..end.max(lines.end)
        };
        if comment.alone && known.is_none() {
            let first = file.lines.start_of(lines.start).max(comment.line.start + 1);
            about = Some((comment.line.start..first, lines.clone()));
        }
        // Empty brackets ignore nothing; `near_miss` reports them.
        if text(file, &comment.inside).trim().is_empty() {
            continue;
        }
        let codes = comment.codes(file);
        for (index, code) in codes.iter().enumerate() {
            found.push(Ignore {
                lines: lines.clone(),
                selector: text(file, code).parse().ok(),
                unused: comment.unused(file, &codes, index),
            });
        }
    }
    found
}

/// The number of the line after the block that begins on `line`; 0 if no block begins there.
fn end_of_block(blocks: &[Range<usize>], line: usize) -> usize {
    let found = blocks.binary_search_by_key(&line, |block| block.start);
    found.map_or(0, |index| blocks[index].end)
}

/// The text at `range`, or a replacement character if it is not UTF-8, which is not a valid code.
fn text<'f>(file: &FileText<'f>, range: &Range<usize>) -> &'f str {
    std::str::from_utf8(&file.text[range.clone()]).unwrap_or("\u{fffd}")
}

/// The parts of an ignore comment, as byte ranges of the file.
struct Written {
    line: Range<usize>,
    /// The whole comment, with the blanks before it and its closing mark.
    whole: Range<usize>,
    /// The codes between the brackets, with commas and blanks.
    inside: Range<usize>,
    /// Whether the comment is alone on its line.
    alone: bool,
}

impl Written {
    /// Reads the comment with [`MARK`] at offset `mark` and the closing bracket at offset `close`.
    /// `None` if no comment begins directly before the mark, or if it has no end.
    fn new(file: &FileText<'_>, mark: usize, close: usize, comments: &[Comment]) -> Option<Self> {
        let line = file.lines.line_around(mark);
        let before = file.text[line.start..mark].trim_ascii_end();
        let comment = comments.iter().find(|comment| comment.ends(before))?;
        let before = before[..before.len() - comment.open.trim_end().len()].trim_ascii_end();
        let behind = file.text[close + 1..line.end].trim_ascii_end();
        let behind_it = behind.trim_ascii_start();
        let (end, rest) = if comment.close.is_empty() {
            (line.end, &b""[..])
        } else {
            let at = memmem::find(behind_it, comment.close.as_bytes())?;
            let rest = &behind_it[at + comment.close.len()..];
            (close + 1 + behind.len() - rest.len(), rest)
        };
        Some(Self {
            whole: line.start + before.len()..end,
            inside: mark + MARK.len()..close,
            alone: before.is_empty() && rest.is_empty(),
            line,
        })
    }

    /// The byte range of each code between the brackets.
    fn codes(&self, file: &FileText<'_>) -> Vec<Range<usize>> {
        let mut start = self.inside.start;
        let mut codes = Vec::new();
        for part in file.text[self.inside.clone()].split(|byte| *byte == b',') {
            let first = start + part.len() - part.trim_ascii_start().len();
            codes.push(first..first + part.trim_ascii().len());
            start += part.len() + 1;
        }
        codes
    }

    /// The lines to which the comment applies, counted from 1.
    fn lines(&self, file: &FileText<'_>, comments: &[Comment]) -> Range<usize> {
        let number = |offset: usize| file.lines.place(offset).line;
        let mut line = self.line.clone();
        let following = |line: &Range<usize>| {
            let next = file.text.get(line.end..)?.iter().position(|byte| *byte == b'\n')?;
            Some(file.lines.line_around(line.end + next + 1))
        };
        if self.alone {
            let others = |line: &Range<usize>| {
                let text = file.text[line.clone()].trim_ascii();
                text.is_empty() || comments.iter().any(|comment| comment.begins(text))
            };
            while others(&line) {
                match following(&line) {
                    Some(next) => line = next,
                    None => break,
                }
            }
        }
        let first = number(line.start);
        while self.alone && goes_on(&file.text[line.clone()]) {
            match following(&line) {
                Some(next) => line = next,
                None => break,
            }
        }
        first..number(line.start) + 1
    }

    /// The finding to report if the code with this index ignores nothing. The fix removes the code,
    /// or the whole comment if it has no other code.
    fn unused(&self, file: &FileText<'_>, codes: &[Range<usize>], index: usize) -> Finding {
        let code = codes[index].clone();
        let name = text(file, &code);
        let message = match name.parse::<Selector>() {
            Ok(_) => format!("`{name}` is ignored here, but not found"),
            Err(error) => error.to_string(),
        };
        let remove = match (codes.get(index + 1), index.checked_sub(1)) {
            (Some(next), _) => code.start..next.start,
            (None, Some(before)) => codes[before].end..code.end,
            (None, None) if self.alone => self.line.start..after_line(file, self.line.end),
            (None, None) => self.whole.clone(),
        };
        let rule = Rule::Linter(LinterRule::UnusedIgnore);
        let mut finding = Finding::new(file, code, rule, message);
        finding.fix = Some(FileFix::new(file, remove, Vec::new(), true));
        finding
    }
}

/// Whether a line continues on the next one, in shells of UNIX and Windows.
pub(super) fn goes_on(line: &[u8]) -> bool {
    matches!(line.trim_ascii_end().last(), Some(b'\\' | b'^' | b'`'))
}

/// The offset of the line after the one that ends at `end`.
fn after_line(file: &FileText<'_>, end: usize) -> usize {
    let rest = file.text.get(end..).unwrap_or_default();
    end + rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1)
}

/// The comments that apply to the same lines with the same selector.
struct Group<'i> {
    lines: &'i Range<usize>,
    selector: Selector,
    /// The indices of these comments in the list of all codes.
    members: Vec<usize>,
    /// Whether the group ignores a finding.
    used: bool,
}

impl<'i> Group<'i> {
    /// The groups of all comments with a known code, ordered by their first lines.
    fn of(ignores: &'i [Ignore]) -> Vec<Self> {
        let mut known: HashMap<_, Vec<Self>> = HashMap::new();
        for (index, ignore) in ignores.iter().enumerate() {
            let (lines, Some(selector)) = (&ignore.lines, ignore.selector) else { continue };
            // A linear search is enough: there are many comments, but few different selectors.
            let groups = known.entry(lines).or_default();
            match groups.iter_mut().find(|group| group.selector == selector) {
                Some(group) => group.members.push(index),
                None => groups.push(Group { lines, selector, members: vec![index], used: false }),
            }
        }
        let mut groups: Vec<_> = known.into_values().flatten().collect();
        groups.sort_unstable_by_key(|group| (group.lines.start, group.members[0]));
        groups
    }
}

/// Whether each finding is ignored. Marks the groups that ignore one.
///
/// Goes through findings and groups by their lines, so that a finding is compared only with the
/// groups around it.
fn ignored(findings: &[Finding], groups: &mut [Group<'_>]) -> Vec<bool> {
    let mut is_ignored = vec![false; findings.len()];
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|index| findings[*index].start.line);
    let (mut next, mut near) = (0, Vec::new());
    for index in order {
        let finding = &findings[index];
        // A description may extend over several lines.
        let Range { start, end } = finding.start.line..finding.end.line + 1;
        while groups.get(next).is_some_and(|group| group.lines.start < end) {
            near.push(next);
            next += 1;
        }
        near.retain(|group| groups[*group].lines.end > start);
        let rules = finding.rules();
        for at in &near {
            let group = &mut groups[*at];
            if group.lines.start < end && group.selector.covers_any(&rules) {
                group.used = true;
                is_ignored[index] = true;
            }
        }
    }
    is_ignored
}

/// Removes the findings that comments ignore. Adds findings for comments that ignore nothing.
///
/// `wants` returns whether a rule is enabled. A comment for a disabled rule is not reported,
/// because the findings of that rule are unknown.
pub(crate) fn apply(
    findings: &mut Vec<Finding>,
    ignores: &[Ignore],
    path: &Arc<Path>,
    wants: impl Fn(Rule) -> bool,
) {
    let mut groups = Group::of(ignores);
    let mut is_ignored = ignored(findings, &mut groups).into_iter();
    findings.retain(|_| is_ignored.next() != Some(true));
    let mut is_used = vec![false; ignores.len()];
    for group in groups.iter().filter(|group| group.used) {
        group.members.iter().for_each(|index| is_used[*index] = true);
    }
    for (ignore, is_used) in ignores.iter().zip(is_used) {
        let looked_for = match ignore.selector {
            Some(Selector::Rule(rule)) => wants(rule),
            Some(_) | None => true,
        };
        if !is_used && looked_for {
            findings.push(Finding { path: Arc::clone(path), ..ignore.unused.clone() });
        }
    }
}
