//! Converts byte offsets in a file to lines and columns.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use memchr::memchr_iter;

/// A line and a column, as editors count them.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A file, and the byte offsets at which its lines begin.
pub(crate) struct Lines<'f> {
    file: &'f [u8],
    /// The offsets of the lines, computed on first use, because most files have no findings.
    starts: OnceCell<Vec<usize>>,
    /// The line, offset and column of the last place. The next place on the same line is counted
    /// from there.
    last: Cell<(usize, usize, usize)>,
}

impl<'f> Lines<'f> {
    pub(crate) fn new(file: &'f [u8]) -> Self {
        Self { file, starts: OnceCell::new(), last: Cell::new((0, 0, 1)) }
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| {
            let line_feeds = || memchr_iter(b'\n', self.file);
            let mut starts = Vec::with_capacity(1 + line_feeds().count());
            // A byte order mark does not belong to the first line.
            starts.push(if self.file.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 });
            starts.extend(line_feeds().map(|at| at + 1));
            starts
        })
    }

    /// The line and column of the byte at `offset`. An offset after the last byte counts as the
    /// end.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self.line(offset);
        let start = self.starts()[line - 1];
        let (known_line, known, column) = self.last.get();
        let count = |range: Range<usize>| {
            let text = self.file.get(range).unwrap_or_default();
            text.utf8_chunks().map(|chunk| characters(&chunk)).sum::<usize>()
        };
        let end = offset.min(self.file.len());
        let column = match line == known_line {
            true if known <= offset => column + count(known..end),
            // Counting back from the last place may be shorter than counting from the start of the
            // line.
            true if known - offset < offset.saturating_sub(start)
                && self.begins_character(offset) =>
            {
                column - count(offset..known)
            }
            _ => 1 + count(start..end),
        };
        // Counting cannot continue from the middle of a character.
        if self.begins_character(offset) {
            self.last.set((line, offset, column));
        }
        Place { line, column }
    }

    /// Whether no character of several bytes began before `offset` and ends after it.
    fn begins_character(&self, offset: usize) -> bool {
        self.file.get(offset).is_none_or(|byte| byte & 0xc0 != 0x80)
    }

    /// The number of the line that contains the byte at `offset`, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts().partition_point(|start| *start <= offset).max(1)
    }

    /// The byte offset at which `line` begins; lines count from 1. The end of the file for later
    /// lines.
    pub(crate) fn start_of(&self, line: usize) -> usize {
        self.starts().get(line.saturating_sub(1)).copied().unwrap_or(self.file.len())
    }

    /// The byte range of the line that contains `offset`, without its line end.
    pub(crate) fn line_around(&self, offset: usize) -> Range<usize> {
        let line = self.line(offset);
        let start = self.starts()[line - 1];
        let mut end = self.starts().get(line).map_or(self.file.len(), |next| next - 1);
        if end > start && self.file[end - 1] == b'\r' {
            end -= 1;
        }
        start..end.max(start)
    }
}

/// The number of characters in a chunk. Each byte that is not UTF-8 counts as one.
fn characters(chunk: &std::str::Utf8Chunk<'_>) -> usize {
    chunk.valid().chars().count() + chunk.invalid().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let lines = Lines::new("a\r\né:x\n\n".as_bytes());
        let place = |offset| {
            let Place { line, column } = lines.place(offset);
            (line, column)
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(1), (1, 2));
        assert_eq!(place(3), (2, 1));
        assert_eq!(place(5), (2, 2));
        assert_eq!(place(8), (3, 1));
        assert_eq!(place(9), (4, 1));
        assert_eq!(lines.line_around(0), 0..1);
        assert_eq!(lines.line_around(6), 3..7);
        assert_eq!(lines.line_around(9), 9..9);
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_line() {
        let lines = Lines::new("\u{feff}ab\nc".as_bytes());
        assert_eq!(lines.place(4), Place { line: 1, column: 2 });
        assert_eq!(lines.place(0), Place { line: 1, column: 1 });
        assert_eq!((lines.line_around(1), lines.line_around(6)), (3..5, 6..7));
    }

    #[test]
    fn invalid_utf8_counts_as_characters() {
        let lines = Lines::new(b"\xff\xfex");
        assert_eq!(lines.place(2), Place { line: 1, column: 3 });
    }
}
