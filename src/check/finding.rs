//! A finding: the violated rule, the place in the file, a message, and a fix if one is possible.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::place::{Lines, Place};
use super::rules::Rule;
use strports_syntax::{Role, Severity};

/// The path in findings about descriptions that are arguments of the linter.
pub(crate) const OPTIONS: &str = "-e";
/// The path in findings about standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// Whether `path` means the command line or standard input.
pub(crate) fn is_virtual(path: &Path) -> bool {
    [OPTIONS, STANDARD_INPUT].iter().any(|name| path == Path::new(name))
}

/// A violation of a rule at a place in a file.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// The path as displayed: relative to the working directory if the file is inside it.
    pub path: Arc<Path>,
    /// The byte range of the file to which the finding refers.
    pub range: Range<usize>,
    /// The line and column of the first byte of `range`.
    pub start: Place,
    /// The line and column after the last byte of `range`.
    pub end: Place,
    /// The rule that was violated; it displays as its code, such as `multiple-values`.
    pub rule: Rule,
    /// The lint that explains the cause of an error, if there is one. Its name can also be selected
    /// and ignored.
    pub explained_by: Option<Rule>,
    /// What is wrong, in one clause without a full stop.
    pub message: String,
    /// Advice on how to correct the mistake, in one clause.
    pub help: Option<String>,
    /// The description as the program reads it; `None` if the finding does not refer to one.
    pub description: Option<Arc<str>>,
    /// The role for which the description was checked; `None` if it is unknown.
    pub role: Option<Role>,
    /// The correction of the file; `None` if no fix is possible.
    pub fix: Option<FileFix>,
    /// The bytes of the line in which `range` begins, without the line end.
    pub line: Arc<[u8]>,
    /// The byte offset in `line` at which `range` begins.
    pub offset: usize,
}

/// The correction of a finding: a byte range of the file, and its replacement.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileFix {
    /// The byte range of the file to replace; empty for an insertion.
    pub range: Range<usize>,
    /// The line and column of the first byte to replace.
    pub start: Place,
    /// The line and column after the last byte to replace.
    pub end: Place,
    /// The bytes to write there, already quoted and escaped for this place in the file.
    pub replacement: Vec<u8>,
    /// Whether the fix certainly has the meaning that the author intended. The others are
    /// suggestions, which only [`Fixes::All`](super::Fixes::All) applies.
    pub safe: bool,
}

impl Finding {
    /// A finding at `range` of a file, without a description.
    pub(crate) fn new(
        file: &FileText<'_>,
        range: Range<usize>,
        rule: Rule,
        message: String,
    ) -> Self {
        let line = file.lines.line_around(range.start);
        Self {
            path: Arc::clone(file.path),
            start: file.lines.place(range.start),
            end: file.lines.place(range.end),
            offset: range.start.min(line.end) - line.start,
            line: file.line(line),
            range,
            rule,
            explained_by: None,
            message,
            help: None,
            description: None,
            role: None,
            fix: None,
        }
    }

    /// The violated rule, followed by the one that explains it, if there is one.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        std::iter::once(self.rule).chain(self.explained_by).collect()
    }

    /// Whether the line of the finding differs in `file`, so that the file has changed since the
    /// check.
    pub(crate) fn is_stale(&self, file: &[u8]) -> bool {
        let start = self.range.start.wrapping_sub(self.offset);
        file.get(start..start.wrapping_add(self.line.len())) != Some(&*self.line)
    }

    /// Whether the finding refers to the command line or standard input.
    pub fn is_virtual(&self) -> bool {
        is_virtual(&self.path)
    }

    /// The severity of the rule.
    pub const fn severity(&self) -> Severity {
        self.rule.severity()
    }
}

impl FileFix {
    pub(crate) fn new(
        file: &FileText<'_>,
        range: Range<usize>,
        replacement: Vec<u8>,
        safe: bool,
    ) -> Self {
        let (start, end) = (file.lines.place(range.start), file.lines.place(range.end));
        Self { range, start, end, replacement, safe }
    }
}

/// The path and the content of a file that is being checked.
pub(crate) struct FileText<'f> {
    pub(crate) path: &'f Arc<Path>,
    pub(crate) text: &'f [u8],
    pub(crate) lines: Lines<'f>,
    /// The byte offset and the bytes of the last finding's line. Findings on one line share the
    /// bytes, so that many findings on a long line need little memory.
    shared: RefCell<(usize, Arc<[u8]>)>,
}

impl<'f> FileText<'f> {
    pub(crate) fn new(path: &'f Arc<Path>, text: &'f [u8]) -> Self {
        let shared = RefCell::new((usize::MAX, Arc::from([])));
        Self { path, text, lines: Lines::new(text), shared }
    }

    fn line(&self, place: Range<usize>) -> Arc<[u8]> {
        let mut shared = self.shared.borrow_mut();
        if shared.0 != place.start {
            *shared = (place.start, self.text.get(place).unwrap_or_default().into());
        }
        Arc::clone(&shared.1)
    }
}
