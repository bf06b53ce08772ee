//! Splits a Python program into logical lines, and determines the blocks that contain each line.
//!
//! A file is split before it is parsed: a parser takes a hundred times as long, and only a few
//! statements contain descriptions. The split follows Python's lexer: brackets, strings in triple
//! quotes, and lines that end with a backslash continue on the next line.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// Keywords that begin a statement, but no line inside an expression. If a line in brackets begins
/// with one, a bracket before it was left open.
const STATEMENTS: [&[u8]; 17] = [
    b"assert",
    b"break",
    b"class",
    b"continue",
    b"def",
    b"del",
    b"elif",
    b"except",
    b"finally",
    b"global",
    b"import",
    b"nonlocal",
    b"pass",
    b"raise",
    b"return",
    b"try",
    b"while",
];

/// A logical line: one statement, or the head of a statement with a block, such as `if x:`.
///
/// A file may have one for every two bytes, so it is small.
#[derive(Clone, Debug)]
struct Line {
    /// The byte range, from the first character to the last line end, which is not included.
    start: u32,
    end: u32,
    /// The width of the indentation, in which a tab extends to a multiple of 8.
    indent: u32,
    /// The number of the line at the head of its block, or [`NO_PARENT`].
    parent: u32,
}

/// The parent of a line at module level. It is also the maximum length of a file.
const NO_PARENT: u32 = u32::MAX;

impl Line {
    const fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    fn parent(&self) -> Option<usize> {
        (self.parent != NO_PARENT).then_some(self.parent as usize)
    }
}

/// The logical lines of a file, numbered from 0, without empty lines and comments.
pub(super) struct Lines<'f> {
    file: &'f [u8],
    lines: Vec<Line>,
}

impl<'f> Lines<'f> {
    /// Splits a file into lines. Text after the first four gigabytes is ignored.
    pub(super) fn new(file: &'f [u8]) -> Self {
        let file = file.get(..NO_PARENT as usize).unwrap_or(file);
        let mut it = Self { file, lines: Vec::new() };
        let mut blocks: Vec<usize> = Vec::new();
        let mut at = if file.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        while at < file.len() {
            let (indent, start) = indentation(file, at);
            let Ended { end, .. } = statement(file, start);
            if !matches!(file.get(start), None | Some(b'\n' | b'\r' | b'#')) {
                let number = |it: usize| u32::try_from(it).unwrap_or(NO_PARENT);
                let indent = number(indent);
                let inside = |line: &usize| it.lines[*line].indent < indent;
                while blocks.last().is_some_and(|line| !inside(line)) {
                    blocks.pop();
                }
                let parent = blocks.last().map_or(NO_PARENT, |line| number(*line));
                blocks.push(it.lines.len());
                it.lines.push(Line { start: number(start), end: number(end), indent, parent });
            }
            at = end + usize::from(file.get(end) == Some(&b'\n'));
        }
        it
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn range(&self, line: usize) -> Range<usize> {
        self.lines[line].range()
    }

    /// The byte offsets at which the outermost statements begin. A text between two of them is a
    /// complete program.
    pub(super) fn blocks(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        let mut decorated = false;
        let goes_on = move |line: usize| {
            let words: [&[u8]; 4] = [b"elif", b"else", b"except", b"finally"];
            self.head(line).next().is_some_and(|word| words.contains(&word))
                && !self.file[self.range(line)].starts_with(b"@")
        };
        (0..self.len()).filter_map(move |line| {
            let start = self.range(line).start;
            let is_outer = self.lines[line].indent == 0;
            let begins = is_outer && !decorated && !goes_on(line);
            if is_outer {
                decorated = self.file[start..].starts_with(b"@");
            }
            begins.then_some(start)
        })
    }

    /// The number of the line that contains the byte at `offset`; `None` for an empty line or a
    /// comment.
    pub(super) fn at(&self, offset: usize) -> Option<usize> {
        let behind = self.lines.partition_point(|line| line.range().start <= offset);
        let line = behind.checked_sub(1)?;
        (offset < self.lines[line].range().end).then_some(line)
    }

    /// The numbers of the lines that contain `word`, in order and without duplicates.
    pub(super) fn with(&self, word: &[u8]) -> Vec<usize> {
        let mut lines: Vec<usize> =
            words(self.file, word).filter_map(|offset| self.at(offset)).collect();
        lines.dedup();
        lines
    }

    /// The words of a line, from its start.
    fn head(&self, line: usize) -> impl Iterator<Item = &'f [u8]> + use<'f> {
        let text = &self.file[self.range(line)];
        text.split(|byte| !is_word(*byte)).filter(|word| !word.is_empty())
    }

    pub(super) fn is_function(&self, line: usize) -> bool {
        let mut words = self.head(line);
        matches!((words.next(), words.next()), (Some(b"def"), _) | (Some(b"async"), Some(b"def")))
    }

    pub(super) fn is_class(&self, line: usize) -> bool {
        self.head(line).next() == Some(b"class")
    }

    pub(super) fn is_import(&self, line: usize) -> bool {
        matches!(self.head(line).next(), Some(b"import" | b"from"))
    }

    /// The name of the function or class whose definition begins on a line. Call it only for such a
    /// line.
    pub(super) fn name(&self, line: usize) -> Option<String> {
        let mut words =
            self.head(line).skip_while(|it| matches!(*it, b"async" | b"def" | b"class"));
        words.next().map(|name| String::from_utf8_lossy(name).into_owned())
    }

    /// The numbers of the lines at the heads of the blocks around a line, the innermost first.
    pub(super) fn around(&self, line: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.lines[line].parent(), |line| self.lines[*line].parent())
    }

    /// The line that defines the innermost function or class around a line; `None` at module level.
    pub(super) fn scope(&self, line: usize) -> Option<usize> {
        self.around(line).find(|line| self.is_function(*line) || self.is_class(*line))
    }

    /// The unit of a line: that of the innermost block that may run by itself, or 0 at module
    /// level. `None` in tests, which clean up after themselves, so that their listeners never
    /// conflict.
    pub(super) fn unit(&self, line: usize) -> Option<usize> {
        let tests = |line: usize| {
            self.is_function(line) && self.name(line).is_some_and(|name| name.starts_with("test"))
        };
        if self.around(line).any(tests) {
            return None;
        }
        let block = std::iter::once(line).chain(self.around(line)).find(|it| self.is_choice(*it));
        Some(block.map_or(0, |line| line + 1))
    }

    /// Whether a line begins a block that may run without the surrounding code, or not at all.
    fn is_choice(&self, line: usize) -> bool {
        let mut words = self.head(line);
        let chooses: &[&[u8]] =
            &[b"def", b"class", b"if", b"elif", b"else", b"for", b"while", b"except", b"match"];
        let first = words.next().unwrap_or_default();
        let first = if first == b"async" { words.next().unwrap_or_default() } else { first };
        (chooses.contains(&first) || first == b"case") && words.next() != Some(b"__name__")
    }
}

/// Whether a byte has a meaning between statements: a quote, a bracket or a line end. Others are
/// skipped.
static MEANS_MORE: [bool; 256] = {
    let mut bytes = [false; 256];
    let (special, mut at) = (b"#\"'([{)]}\\\n", 0);
    while at < special.len() {
        bytes[special[at] as usize] = true;
        at += 1;
    }
    bytes
};

/// Where a statement ends, and which of its brackets are not closed.
pub(super) struct Ended {
    /// The byte offset of the line end, or the length of the file.
    pub(super) end: usize,
    /// The missing closing brackets, the innermost last.
    pub(super) open: Vec<u8>,
}

/// Finds the end of the logical line from the offset `at`. Lines in brackets, long strings and
/// lines after a backslash belong to it.
pub(super) fn statement(file: &[u8], mut at: usize) -> Ended {
    let mut open = Vec::new();
    while let Some(byte) = file.get(at) {
        match byte {
            b'#' => at = line_end(file, at),
            b'"' | b'\'' => at = string(file, at),
            b'(' | b'[' | b'{' => {
                open.push(if *byte == b'(' { b')' } else { *byte + 2 });
                at += 1;
            }
            b')' | b']' | b'}' => {
                open.pop();
                at += 1;
            }
            b'\\' => at = escaped(file, at),
            b'\n' if open.is_empty() || begins_statement(&file[at + 1..]) => {
                return Ended { end: at, open };
            }
            _ => {
                let behind = file[at + 1..].iter();
                at += 1 + behind.take_while(|byte| !MEANS_MORE[usize::from(**byte)]).count();
            }
        }
    }
    Ended { end: file.len(), open }
}

/// The offset after a backslash and the byte that it escapes.
fn escaped(file: &[u8], at: usize) -> usize {
    let length = if file[at + 1..].starts_with(b"\r\n") { 3 } else { 2 };
    (at + length).min(file.len())
}

/// The offset after the string whose quote is at `at`. A string in single quotes ends
/// with its line even if it is not closed.
fn string(file: &[u8], at: usize) -> usize {
    let quote = file[at];
    let triple = [quote; 3];
    if file[at..].starts_with(&triple) {
        let mut from = at + 3;
        while let Some(next) = memchr2(quote, b'\\', &file[from..]) {
            from += next;
            if file[from] == b'\\' {
                from = escaped(file, from);
            } else if file[from..].starts_with(&triple) {
                return from + 3;
            } else {
                from += 1;
            }
        }
        return file.len();
    }
    let mut from = at + 1;
    while let Some(byte) = file.get(from) {
        match byte {
            b'\\' => from = escaped(file, from),
            b'\n' => return from,
            _ if *byte == quote => return from + 1,
            _ => from += 1,
        }
    }
    file.len()
}

fn line_end(file: &[u8], at: usize) -> usize {
    memchr(b'\n', &file[at..]).map_or(file.len(), |length| at + length)
}

/// Whether a line begins with a keyword that cannot be inside an expression.
fn begins_statement(text: &[u8]) -> bool {
    // The blanks of this line only: otherwise, each empty line would scan all following lines.
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
    let text = &text[blanks..];
    let word = text.iter().take_while(|byte| is_word(**byte)).count();
    STATEMENTS.contains(&&text[..word])
}

/// The width of the indentation of the line at `at`, and the byte offset of its first character.
fn indentation(file: &[u8], mut at: usize) -> (usize, usize) {
    let mut indent = 0;
    while let Some(byte) = file.get(at) {
        match byte {
            b' ' => indent += 1,
            b'\t' => indent = indent / 8 * 8 + 8,
            b'\x0c' => indent = 0,
            _ => break,
        }
        at += 1;
    }
    (indent, at)
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The byte offsets of `word` in a text, where no letter, digit or `_` is next to it.
pub(super) fn words<'t>(text: &'t [u8], word: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    memchr::memmem::find_iter(text, word).filter(move |at| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        let behind = text.get(at + word.len());
        !before.into_iter().chain(behind).any(|byte| is_word(*byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(file: &str) -> Vec<&str> {
        let lines = Lines::new(file.as_bytes());
        (0..lines.len()).map(|line| &file[lines.range(line)]).collect()
    }

    #[test]
    fn lines_are_joined_like_python() {
        let file =
            "# c\n\na = (1, # )\n  ']')\nb = '''\n'x\n''' \\\n  + 'it\\'s'\r\nif a:\n\n\tc\n";
        let wanted = ["a = (1, # )\n  ']')", "b = '''\n'x\n''' \\\n  + 'it\\'s'\r", "if a:", "c"];
        assert_eq!(cut(file), wanted);
    }

    #[test]
    fn blocks_are_units() {
        let file = "a\ndef f(x,\n y):\n  b\n  if c:\n    d\n  with e:\n    g\nclass K:\n  h\n\
                    def test_x():\n  i\n";
        let lines = Lines::new(file.as_bytes());
        let place = |text: &str| lines.at(file.find(text).unwrap()).unwrap();
        let function = place("def f");
        assert_eq!(lines.scope(place("d\n  with")), Some(function));
        assert_eq!(lines.scope(place("h\n")), Some(place("class")));
        assert_eq!(lines.unit(place("a\n")), Some(0));
        assert_eq!(lines.unit(place("b\n")), Some(function + 1));
        assert_eq!(lines.unit(place("g\n")), Some(function + 1));
        assert_eq!(lines.unit(place("d\n  with")), Some(place("if") + 1));
        assert_eq!(lines.unit(place("i\n")), None);
    }

    #[test]
    fn an_unclosed_bracket_ends_at_the_next_statement() {
        let wanted = ["f(a, [b", "def g():", "x = 'abc", "y = 1"];
        assert_eq!(cut("f(a, [b\ndef g():\n  x = 'abc\n  y = 1"), wanted);
        assert_eq!(cut("a = '''b\nc"), ["a = '''b\nc"]);
        for file in ["\\", "'\\", "'''\\", "a)]}\n", "\"", "\\\r", "x\\\r\n"] {
            let lines = Lines::new(file.as_bytes());
            assert!((0..lines.len()).all(|line| lines.range(line).end <= file.len()), "{file:?}");
        }
    }
}
