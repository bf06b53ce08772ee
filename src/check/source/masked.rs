//! Masks the templates in a file, so that a parser can read the rest.
//!
//! Helm and Jinja allow `{{ port }}` anywhere, so a file with templates is not valid YAML. Each
//! template is overwritten with digits, which are valid as a value or a key, or with blanks if it
//! is alone on its lines. Other bytes that parsers reject are overwritten as well. All offsets stay
//! the same, and the result is ASCII, so offsets in characters are offsets in bytes.

use std::ops::Range;

use memchr::{memchr2, memmem};

use super::placeholder::TEMPLATES;
use crate::check::embedded::{Embedded, Quoting};

/// Replaces the bytes of a template. Digits are valid as a value and as a key.
const UNKNOWN: u8 = b'1';
/// Replaces bytes outside ASCII, so that offsets in characters and bytes are equal.
const OTHER: u8 = b'x';

/// A file, and its text for the parser with templates overwritten.
#[derive(Debug)]
pub(super) struct Masked<'f> {
    pub(super) file: &'f [u8],
    /// The masked text: ASCII, with the same length and offsets as the file.
    pub(super) text: String,
    /// The byte ranges of the templates, in order.
    holes: Vec<Range<usize>>,
}

impl<'f> Masked<'f> {
    pub(super) fn new(file: &'f [u8]) -> Self {
        let mut text = file.to_vec();
        let holes = templates(file);
        for hole in &holes {
            text[hole.clone()].fill(UNKNOWN);
        }
        let mut done = 0;
        for hole in &holes {
            // The lines of a template are checked once, however many templates are on them.
            if hole.start < done && hole.end <= done {
                continue;
            }
            let line = lines_around(file, hole);
            let line = line.start.max(done)..line.end;
            done = line.end;
            if is_alone(file, line.clone(), &holes) {
                blank(&mut text[line.clone()], &file[line]);
            }
        }
        if text.starts_with(b"\xef\xbb\xbf") {
            text[..3].fill(b'\n');
        }
        for byte in &mut text {
            if !byte.is_ascii() {
                *byte = OTHER;
            }
        }
        // Only ASCII is left, so the conversion does not fail.
        let text = String::from_utf8(text).unwrap_or_default();
        Self { file, text, holes }
    }

    /// The range of the template that starts at `offset`; `None` if none starts there.
    pub(super) fn hole_at(&self, offset: usize) -> Option<Range<usize>> {
        let index = self.holes.binary_search_by_key(&offset, |hole| hole.start).ok()?;
        self.holes.get(index).cloned()
    }

    /// The byte of the masked text at `offset`; `None` at the end.
    pub(super) fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(offset).copied()
    }
}

/// A file with its templates as placeholders, for readers that do not handle templates. Templates
/// that are alone on their lines are left out.
///
/// Returns `None` if the file has no templates.
pub(super) fn base(file: &[u8]) -> Option<Embedded> {
    let holes = templates(file);
    if holes.is_empty() {
        return None;
    }
    let mut it = Embedded::new(None, Quoting::PLAIN);
    let mut at = if file.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (mut line, mut alone) = (0..0, false);
    for hole in &holes {
        if hole.start >= line.end {
            line = lines_around(file, hole);
            alone = is_alone(file, line.clone(), &holes);
        }
        it.verbatim(file, at..hole.start.max(at));
        if !alone {
            it.unknown(hole.clone());
        }
        at = hole.end.max(at);
    }
    it.verbatim(file, at..file.len());
    Some(it)
}

/// The byte ranges of all templates in a file, in order.
fn templates(file: &[u8]) -> Vec<Range<usize>> {
    let mut holes = Vec::new();
    let mut at = 0;
    // Whether each kind of template may still be closed. After an unclosed one, a search for its
    // end would fail again.
    let mut closed = [true; TEMPLATES.len()];
    while let Some(next) = memchr2(b'{', b'<', file.get(at..).unwrap_or_default()) {
        let start = at + next;
        let end = TEMPLATES.iter().zip(&mut closed).find_map(|((open, close), closed)| {
            let inside = file[start..].strip_prefix(*open).filter(|_| *closed)?;
            let length = memmem::find(inside, close);
            *closed = length.is_some();
            Some(start + open.len() + length? + close.len())
        });
        at = end.unwrap_or(start + 1);
        holes.extend(end.map(|end| start..end));
    }
    holes
}

/// The byte range of the lines that contain a template, without the last line end.
fn lines_around(file: &[u8], hole: &Range<usize>) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &file[..hole.start]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &file[hole.end..]).map_or(file.len(), |at| hole.end + at);
    start..end
}

/// Whether the lines contain only templates and blanks, such as `{{- if x }}`.
fn is_alone(file: &[u8], lines: Range<usize>, holes: &[Range<usize>]) -> bool {
    let mut at = lines.start;
    let first = holes.partition_point(|hole| hole.start < lines.start);
    for hole in holes[first..].iter().take_while(|hole| hole.start < lines.end) {
        if hole.start < at || !file[at..hole.start].trim_ascii().is_empty() {
            return false;
        }
        at = hole.end;
    }
    at > lines.end || file[at..lines.end].trim_ascii().is_empty()
}

/// Overwrites `text` with blanks, but keeps the line ends of `file`.
fn blank(text: &mut [u8], file: &[u8]) {
    for (byte, written) in text.iter_mut().zip(file) {
        *byte = if matches!(written, b'\n' | b'\r') { *written } else { b' ' };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_masked_and_offsets_stay() {
        let file = "a: {{ p }}:\u{e9}\n  {{- if x }}{{ y }} \nb: \"{{ q \"r\" }}\"\n{%- end\n %}\n";
        let filled = Masked::new(file.as_bytes());
        let blank = " ".repeat(21);
        let wanted =
            format!("a: 1111111:xx\n{blank}\nb: \"11111111111\"\n{}\n   \n", " ".repeat(7));
        assert_eq!(filled.text, wanted);
        assert_eq!(filled.hole_at(3), Some(3..10));
        assert_eq!(filled.hole_at(4), None);
        assert_eq!(filled.byte(9), Some(b'1'));
    }

    #[test]
    fn unterminated_templates_and_invalid_utf8_are_kept() {
        assert_eq!(Masked::new(b"\xef\xbb\xbfa: {{ b\xff").text, "\n\n\na: {{ bx");
        assert_eq!(Masked::new(b"").text, "");
    }
}
