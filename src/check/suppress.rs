//! Comments that ignore findings: `strports: ignore[code, …]`.
//!
//! The brackets contain codes, `error`, `warning`, `info` or `all`. A comment applies to:
//!
//! - its own line, if it is at the end of that line;
//! - the next line that is not a comment, if it has a line for itself. Continuation lines after a
//!   backslash, `^` or back-quote are included, and so is the block that begins there.

use std::cell::LazyCell;
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

const MARK: &[u8] = b"strports: ignore[";

/// A code in an ignore comment, and the lines that it applies to.
#[derive(Clone, Debug)]
pub(crate) struct Ignore {
    /// The lines to which it applies, counted from 1.
    lines: Range<usize>,
    /// The findings to ignore, or `None` for an unknown code.
    selector: Option<Selector>,
    /// The finding for a comment that ignores nothing.
    unused: Finding,
}

/// The comments of a file.
pub(crate) fn ignores(file: &FileText<'_>, format: &Format) -> Vec<Ignore> {
    let comments = format.comments;
    let blocks = LazyCell::new(|| (format.blocks)(file.text));
    let mut found = Vec::new();
    // The lines of comments on their own lines, up to the last one read.
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
        // Empty brackets are a near miss.
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

/// The line after the block that begins on `line`; 0 without such a block.
fn end_of_block(blocks: &[Range<usize>], line: usize) -> usize {
    let found = blocks.binary_search_by_key(&line, |block| block.start);
    found.map_or(0, |index| blocks[index].end)
}

fn text<'f>(file: &FileText<'f>, range: &Range<usize>) -> &'f str {
    std::str::from_utf8(&file.text[range.clone()]).unwrap_or("\u{fffd}")
}

/// The source of a comment.
struct Written {
    line: Range<usize>,
    /// The range of the comment in the file, with the blanks before it.
    whole: Range<usize>,
    /// The text between the brackets.
    inside: Range<usize>,
    /// Whether the comment is alone on its line.
    alone: bool,
}

impl Written {
    /// `mark` is the offset of the mark, and `close` is that of its closing bracket.
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

    /// The range of each code.
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

    /// The finding for the code with this index, if it ignores nothing.
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

/// The offset after the line end at `end`.
fn after_line(file: &FileText<'_>, end: usize) -> usize {
    let rest = file.text.get(end..).unwrap_or_default();
    end + rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1)
}

/// Removes the findings that comments ignore. Adds findings for comments that ignore nothing.
///
/// `wants` returns whether a rule is enabled. Findings of disabled rules are unknown.
pub(crate) fn apply(
    findings: &mut Vec<Finding>,
    ignores: &[Ignore],
    path: &Arc<Path>,
    wants: impl Fn(Rule) -> bool,
) {
    let mut used = vec![false; ignores.len()];
    findings.retain(|finding| {
        let mut kept = true;
        let rules = finding.rules();
        for (ignore, used) in ignores.iter().zip(&mut used) {
            let covers = ignore.selector.is_some_and(|selector| selector.covers_any(&rules));
            // A description may extend over several lines.
            if covers
                && ignore.lines.start <= finding.end.line
                && finding.start.line < ignore.lines.end
            {
                *used = true;
                kept = false;
            }
        }
        kept
    });
    for (ignore, used) in ignores.iter().zip(used) {
        let looked_for = match ignore.selector {
            Some(Selector::Rule(rule)) => wants(rule),
            Some(_) | None => true,
        };
        if !used && looked_for {
            findings.push(Finding { path: Arc::clone(path), ..ignore.unused.clone() });
        }
    }
}
