//! Decodes YAML's five styles of strings, and keeps the offset of each byte in the file.
//!
//! The parser returns the value of a scalar and roughly its place. Both are walked in parallel. If
//! they do not match, the scalar is not reported as a description, to avoid a wrong place.

use saphyr_parser::ScalarStyle;

use super::super::masked::Masked;
use super::super::string_literal::{self, Escape};
use crate::check::embedded::{Embedded, Quoting, double_each};

/// The quoting of a plain scalar, without quotation marks. Text with a special meaning is refused.
const PLAIN: Quoting = Quoting(|text| {
    let means_more = |byte: &u8| byte.is_ascii_control() || b",[]{}".contains(byte);
    let indicates = text.first().is_some_and(|byte| b"*&!|>@`%\"'#?- ".contains(byte));
    let ends = text.ends_with(b" ")
        || text.windows(2).any(|pair| pair == b": " || pair == b" #")
        || text.ends_with(b":") && !text[..text.len() - 1].iter().all(u8::is_ascii_alphanumeric)
        || text == b":";
    let fits = !text.iter().any(means_more) && !indicates && !ends;
    fits.then(|| text.to_vec())
});

/// The quoting between single quotes, in which a single quote is doubled.
const SINGLE: Quoting = Quoting(|text| double_each(text, b'\''));

/// The quoting in a block scalar. Leading blanks are refused, because they would be read as
/// indentation.
const BLOCK: Quoting = Quoting(|text| {
    let fits = text.trim_ascii() == text && !text.iter().any(u8::is_ascii_control);
    fits.then(|| text.to_vec())
});

/// Reads the scalar at the offset `start`, which the parser decoded to `value`. With
/// `has_properties`, a tag or an anchor precedes it. `None` if the file does not match `value`.
pub(super) fn read(
    file: &Masked<'_>,
    start: usize,
    style: ScalarStyle,
    value: &str,
    has_properties: bool,
) -> Option<Embedded> {
    let quoting = match style {
        ScalarStyle::Plain => PLAIN,
        ScalarStyle::SingleQuoted => SINGLE,
        ScalarStyle::DoubleQuoted => string_literal::DOUBLE,
        ScalarStyle::Literal | ScalarStyle::Folded => BLOCK,
    };
    let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let at = if has_properties && !is_block { behind_properties(file, start)? } else { start };
    let it = Embedded::new(None, quoting);
    let mut walk = Walk { file, value: value.as_bytes(), at, it };
    match style {
        ScalarStyle::SingleQuoted => walk.quoted(b'\'')?,
        ScalarStyle::DoubleQuoted => walk.quoted(b'"')?,
        ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => walk.bare()?,
    }
    // The line end after a block scalar is syntax, not part of a description.
    Some(if is_block { walk.it.trimmed() } else { walk.it })
}

/// The offset of a scalar after its tag, its anchor and comments; `None` at the end of the file.
fn behind_properties(file: &Masked<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        match file.byte(at)? {
            b'&' | b'!' => at += length(&file.text[at..], |byte| !byte.is_ascii_whitespace()),
            b'#' => at += length(&file.text[at..], |byte| byte != b'\n'),
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => return Some(at),
        }
    }
}

/// The number of leading bytes of `text` for which `holds` returns true.
fn length(text: &str, holds: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| holds(*byte)).count()
}

/// Walks over the file and the parser's value in parallel, to find the place of each byte.
struct Walk<'w> {
    file: &'w Masked<'w>,
    /// The part of the parser's value that was not matched yet.
    value: &'w [u8],
    /// The byte offset in the file at which that part begins.
    at: usize,
    it: Embedded,
}

impl Walk<'_> {
    /// Reads a scalar without quotation marks. Except for white space, its bytes are the same in
    /// the file.
    fn bare(&mut self) -> Option<()> {
        self.it.verbatim(self.file.file, self.at..self.at);
        while let Some(first) = self.value.first() {
            if first.is_ascii_whitespace() {
                self.blanks();
            } else {
                self.same()?;
            }
        }
        Some(())
    }

    fn blanks(&mut self) {
        let blank = |byte: &&u8| byte.is_ascii_whitespace();
        let count = self.value.iter().take_while(blank).count();
        let (blanks, rest) = self.value.split_at(count);
        let behind = self.file.text.get(self.at..).unwrap_or_default();
        let end = self.at + length(behind, |byte| byte.is_ascii_whitespace());
        if self.file.text.as_bytes().get(self.at..end) == Some(blanks) {
            self.it.verbatim(self.file.file, self.at..end);
        } else {
            self.it.escape(blanks, self.at..end);
        }
        (self.value, self.at) = (rest, end);
    }

    /// Reads text that is the same in the file and the value, up to the next white space. `None` if
    /// they differ.
    fn same(&mut self) -> Option<()> {
        let behind = self.file.text.get(self.at..)?;
        let end =
            self.at + length(behind, |byte| !byte.is_ascii_whitespace()).min(self.value.len());
        let mut next = self.at;
        while next < end {
            next = string_literal::plain(&mut self.it, self.file, next, end);
        }
        // `next` may be after `end`: a template may contain blanks, which the parser keeps in the
        // value.
        self.advance(next)
    }

    /// Moves to the offset `end` over bytes that are the same in the value. `None` if they differ.
    fn advance(&mut self, end: usize) -> Option<()> {
        let written = self.file.text.as_bytes().get(self.at..end)?;
        self.value = self.value.strip_prefix(written).filter(|_| !written.is_empty())?;
        self.at = end;
        Some(())
    }

    /// Adds `text`, which is written differently up to the offset `end` of the file. `None` if the
    /// value differs.
    fn replace(&mut self, text: &[u8], end: usize) -> Option<()> {
        self.value = self.value.strip_prefix(text)?;
        self.it.escape(text, self.at..end);
        self.at = end;
        Some(())
    }

    /// Reads a scalar between quotation marks. `None` if it has no end, or differs from the value.
    fn quoted(&mut self, mark: u8) -> Option<()> {
        if self.file.byte(self.at)? != mark {
            return None;
        }
        self.at += 1;
        self.it.verbatim(self.file.file, self.at..self.at);
        loop {
            match self.file.byte(self.at)? {
                b'\'' if mark == b'\'' && self.file.byte(self.at + 1) == Some(b'\'') => {
                    self.replace(b"'", self.at + 2)?;
                }
                byte if byte == mark => return self.value.is_empty().then_some(()),
                b'\\' if mark == b'"' => self.escape()?,
                byte if byte.is_ascii_whitespace() => self.folded()?,
                _ => {
                    let at = self.at;
                    let end =
                        string_literal::plain(&mut self.it, self.file, at, at + self.value.len());
                    self.advance(end)?;
                }
            }
        }
    }

    /// Reads white space in a quoted scalar. Within a line, it is kept. A single line end becomes a
    /// blank; of several, the first is dropped.
    fn folded(&mut self) -> Option<()> {
        let (end, breaks) = self.run(self.at)?;
        match breaks {
            0 => {
                self.it.verbatim(self.file.file, self.at..end);
                self.advance(end)
            }
            1 => self.replace(b" ", end),
            more => self.replace(&vec![b'\n'; more - 1], end),
        }
    }

    /// The offset after the white space at `start`, and the number of line ends in it.
    fn run(&self, start: usize) -> Option<(usize, usize)> {
        let behind = self.file.text.get(start..)?;
        let end = start + length(behind, |byte| byte.is_ascii_whitespace());
        Some((end, self.file.text[start..end].matches('\n').count()))
    }

    fn escape(&mut self) -> Option<()> {
        let (end, breaks) = self.run(self.at + 1)?;
        if breaks > 0 {
            return self.replace(&vec![b'\n'; breaks - 1], end);
        }
        let before = self.it.text().len();
        let end = string_literal::escape(&mut self.it, self.file, self.at, escape)?;
        let text = self.it.text().get(before..)?;
        self.value = self.value.strip_prefix(text)?;
        self.at = end;
        Some(())
    }
}

fn escape(letter: u8) -> Option<Escape> {
    Some(match letter {
        b'"' | b'\\' | b'/' | b' ' | b'\t' => Escape::Byte(letter),
        b'0' => Escape::Byte(0),
        b'a' => Escape::Byte(7),
        b'b' => Escape::Byte(8),
        b't' => Escape::Byte(b'\t'),
        b'n' => Escape::Byte(b'\n'),
        b'v' => Escape::Byte(11),
        b'f' => Escape::Byte(12),
        b'r' => Escape::Byte(b'\r'),
        b'e' => Escape::Byte(27),
        b'x' => Escape::Code(2),
        b'u' => Escape::Code(4),
        b'U' => Escape::Code(8),
        _ => return None,
    })
}
