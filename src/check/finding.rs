//! A finding in a file: a rule, a place, a message, and a fix.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::place::{Lines, Place};
use super::rules::Rule;
use strports_syntax::{Role, Severity};

/// The path of descriptions on the command line.
pub(crate) const OPTIONS: &str = "-e";
/// The path of standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// Whether `path` means the command line or standard input.
pub(crate) fn is_virtual(path: &Path) -> bool {
    [OPTIONS, STANDARD_INPUT].iter().any(|name| path == Path::new(name))
}

/// A finding in a file.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// The path as displayed: relative to the working directory if the file is inside it.
    pub path: Arc<Path>,
    /// The bytes of the file that the finding refers to.
    pub range: Range<usize>,
    /// The place of the first byte.
    pub start: Place,
    /// The place after the last byte.
    pub end: Place,
    /// The rule that was violated; it displays as its code, such as `multiple-values`.
    pub rule: Rule,
    /// The lint that explains the error. Its name can also be selected and ignored.
    pub explained_by: Option<Rule>,
    /// The message, in one clause.
    pub message: String,
    /// Advice for the reader, if there is no fix.
    pub help: Option<String>,
    /// The description as the program reads it, if the finding refers to one.
    pub description: Option<Arc<str>>,
    /// The role for which the description was checked.
    pub role: Option<Role>,
    /// The fix, if there is one.
    pub fix: Option<FileFix>,
    /// The line of the file in which the range begins, without its end.
    pub line: Arc<[u8]>,
    /// The offset of the range in `line`.
    pub offset: usize,
}

/// A replacement of bytes in a file.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileFix {
    /// The bytes to replace.
    pub range: Range<usize>,
    /// The place of the first byte to replace.
    pub start: Place,
    /// The place after the last byte to replace.
    pub end: Place,
    /// The replacement, quoted for the file.
    pub replacement: Vec<u8>,
    /// Whether the fix is certain to be what was meant.
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

    /// The violated rule, and the one that explains it.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        std::iter::once(self.rule).chain(self.explained_by).collect()
    }

    /// Whether the file has changed since the check.
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

/// A file that is being checked.
pub(crate) struct FileText<'f> {
    pub(crate) path: &'f Arc<Path>,
    pub(crate) text: &'f [u8],
    pub(crate) lines: Lines<'f>,
    /// The line of the last finding, which findings on the same line share.
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
