//! A finding in a file: a rule, a place, a message, and a fix.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::place::{Lines, Place};
use super::rules::Rule;
use strports_syntax::{Role, Severity};

/// The path of descriptions that were given as options.
pub(crate) const OPTIONS: &str = "-e";
/// The path of standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// Whether `path` means the command line or standard input.
pub(crate) fn is_virtual(path: &Path) -> bool {
    [OPTIONS, STANDARD_INPUT].iter().any(|name| path == Path::new(name))
}

/// One finding in a file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// As it is shown: relative to the working directory where it is inside it.
    pub path: Arc<Path>,
    /// The bytes of the file that it is about.
    pub range: Range<usize>,
    /// The place of the first byte.
    pub start: Place,
    /// The place behind the last byte.
    pub end: Place,
    /// The rule that is broken.
    pub rule: Rule,
    /// The lint that explains the error; it is selected and ignored by this name, too.
    pub explained_by: Option<Rule>,
    /// What is wrong, in one clause.
    pub message: String,
    /// What to do, if no fix says it.
    pub help: Option<String>,
    /// The description as the program reads it, if the finding is about one.
    pub description: Option<Arc<str>>,
    /// Whether the description was read as that of a server or of a client.
    pub role: Option<Role>,
    /// What to write instead, if that is known.
    pub fix: Option<FileFix>,
    /// The line of the file in which it begins, without its end.
    pub line: Arc<[u8]>,
    /// Where the range begins in `line`.
    pub offset: usize,
}

/// What to write into a file instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileFix {
    /// The bytes to replace.
    pub range: Range<usize>,
    /// The place of the first byte to replace.
    pub start: Place,
    /// The place behind the last byte to replace.
    pub end: Place,
    /// The bytes to write there, quoted as the file wants it.
    pub replacement: Vec<u8>,
    /// Whether it is certain to be meant.
    pub safe: bool,
}

impl Finding {
    /// About the bytes at `range` of a file, and no description.
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

    /// The rule that is broken, and the one that explains it.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        std::iter::once(self.rule).chain(self.explained_by).collect()
    }

    /// Whether the file has changed since this was found.
    pub(crate) fn is_stale(&self, file: &[u8]) -> bool {
        let start = self.range.start.wrapping_sub(self.offset);
        file.get(start..start.wrapping_add(self.line.len())) != Some(&*self.line)
    }

    /// Whether it is about the command line or standard input.
    pub fn is_virtual(&self) -> bool {
        is_virtual(&self.path)
    }

    /// Its severity, which depends only on the rule.
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

/// A file while it is looked at.
pub(crate) struct FileText<'f> {
    pub(crate) path: &'f Arc<Path>,
    pub(crate) text: &'f [u8],
    pub(crate) lines: Lines<'f>,
    /// The line of the last finding, shared by findings on the same line.
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
