//! The words of one command: their quotes, variables and substitutions.

use super::Reader;
use crate::check::embedded::{Embedded, Quoting, escape_each};
use crate::check::source::c_escapes::escape;

/// The maximum nesting of substitutions such as `$(…)`. A deeper one ends the reading.
const DEEPEST: usize = 32;
/// The maximum length in bytes of a template `{{ … }}`.
const LONGEST: usize = 1024;

/// Bytes with a meaning to shells outside quotes, which a backslash escapes.
const SPECIAL: &[u8] = b" \t|&;<>()$`\\\"'*?[]{}#~";

/// Whether a byte has a meaning outside quotes: those in [`SPECIAL`], and line ends.
static MEANS_MORE: [bool; 256] = {
    let mut bytes = [false; 256];
    let (special, mut at) = (SPECIAL, 0);
    while at < special.len() {
        bytes[special[at] as usize] = true;
        at += 1;
    }
    (bytes[b'\n' as usize], bytes[b'\r' as usize], bytes[b'\x0c' as usize]) = (true, true, true);
    bytes
};

/// The quoting of text outside quotes.
const UNQUOTED: Quoting = Quoting(|text| escape_each(text, b'\\', SPECIAL));
/// The quoting of text between double quotes.
const DOUBLE: Quoting = Quoting(|text| escape_each(text, b'\\', b"\\\"$`"));
/// The quoting of text between `$'` and `'`, which has the escapes of C.
const ANSI: Quoting = Quoting(|text| escape_each(text, b'\\', b"\\'"));
/// The quoting of text between single quotes, in which nothing can be escaped.
const SINGLE: Quoting = Quoting::LITERAL;

impl Reader<'_, '_> {
    /// Reads the word at the cursor. `close` ends the substitution around it, if there is one.
    pub(super) fn word(&mut self, close: Option<u8>) -> Embedded {
        let mut word = Embedded::new(None, UNQUOTED);
        self.read_word(&mut word, close);
        word
    }

    /// Moves over the word at the cursor without decoding it. `word` stays as it is, and may be any
    /// word.
    pub(super) fn pass_word(&mut self, word: &mut Embedded, close: Option<u8>) {
        debug_assert!(self.cursor.is_muted, "the bytes would become parts of the other word");
        self.read_word(word, close);
    }

    fn read_word(&mut self, word: &mut Embedded, close: Option<u8>) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' => break,
                b'<' | b'>' if self.peek(1) != Some(b'(') => break,
                b'<' | b'>' => self.substitution(word, 2, b')'),
                b'`' if close == Some(b'`') => break,
                b'\\' if self.continues() => self.skip_continuation(),
                b'\\' => self.backslash(word),
                b'\'' => self.single(word),
                b'"' => self.double(word, 1),
                b'$' if self.peek(1) == Some(b'\'') => self.ansi(word),
                b'$' if self.peek(1) == Some(b'"') => self.double(word, 2),
                _ => self.inside(word),
            }
        }
    }

    /// Reads one character or placeholder that means the same inside and outside of double quotes.
    fn inside(&mut self, word: &mut Embedded) {
        match (self.peek(0), self.peek(1)) {
            (Some(b'`'), _) => self.substitution(word, 1, b'`'),
            (Some(b'$'), Some(b'(')) => {
                let start = self.cursor.at;
                self.cursor.at += 1;
                if self.peek(1) == Some(b'(') && self.skip_balanced(b'(', b')') {
                    self.cursor.mark_unknown(word, start);
                } else {
                    self.cursor.at = start;
                    self.substitution(word, 2, b')');
                }
            }
            (Some(b'$'), Some(b'{')) => {
                let start = self.cursor.at;
                self.cursor.at += 1;
                if !self.skip_balanced(b'{', b'}') {
                    self.give_up(start);
                }
                self.cursor.mark_unknown(word, start);
            }
            (Some(b'$'), Some(byte)) => {
                let length = match byte {
                    b'_' | b'a'..=b'z' | b'A'..=b'Z' => 1 + name(&self.rest()[1..]),
                    b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-' => 2,
                    _ => return self.plain(word),
                };
                self.cursor.read_unknown(word, length);
            }
            (Some(b'{'), Some(b'{')) if self.cursor.at >= self.no_template => {
                let line = line(self.rest().get(..LONGEST).unwrap_or(self.rest()));
                match memchr::memmem::find(line, b"}}") {
                    Some(end) => {
                        self.cursor.read_unknown(word, end + 2);
                    }
                    None => self.no_template = self.cursor.at + line.len(),
                }
            }
            _ => self.plain(word),
        }
    }

    /// Reads bytes without a special meaning, at least one.
    fn plain(&mut self, word: &mut Embedded) {
        self.cursor.read_plain(word, 1, |byte| MEANS_MORE[usize::from(byte)]);
    }

    fn backslash(&mut self, word: &mut Embedded) {
        match self.peek(1) {
            Some(byte) => self.cursor.read_escape(word, &[byte], 2),
            None => self.plain(word),
        }
    }

    fn single(&mut self, word: &mut Embedded) {
        let Some(length) = memchr::memchr(b'\'', &self.rest()[1..]) else {
            return self.give_up(self.cursor.at);
        };
        self.cursor.read_quote(word, SINGLE);
        self.cursor.read(word, length);
        word.quoted(UNQUOTED);
        self.cursor.at += 1;
    }

    /// Reads text in double quotes after an opening of `opening` bytes: `"`, or `$"`.
    fn double(&mut self, word: &mut Embedded, opening: usize) {
        let start = self.cursor.at;
        self.cursor.at += opening - 1;
        self.cursor.read_quote(word, DOUBLE);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.cursor.at += 1;
                    return word.quoted(UNQUOTED);
                }
                b'\\' if self.continues() => self.skip_continuation(),
                b'\\' if self.peek(1).is_some_and(|next| b"$`\"\\".contains(&next)) => {
                    self.backslash(word);
                }
                _ => self.inside(word),
            }
        }
        self.give_up(start);
    }

    /// Reads `$'…'`, which has the escape sequences of C.
    fn ansi(&mut self, word: &mut Embedded) {
        let start = self.cursor.at;
        self.cursor.at += 1;
        self.cursor.read_quote(word, ANSI);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\'' => {
                    self.cursor.at += 1;
                    return word.quoted(UNQUOTED);
                }
                b'\\' => {
                    let (length, meaning) = escape(self.rest());
                    self.cursor.read_escape(word, &meaning, length);
                }
                _ => self.plain(word),
            }
        }
        self.give_up(start);
    }

    /// Reads the commands of a substitution between an opening of `opening` bytes and the byte
    /// `close`. The substitution becomes a placeholder of `word`.
    fn substitution(&mut self, word: &mut Embedded, opening: usize, close: u8) {
        let start = self.cursor.at;
        if self.depth == DEEPEST {
            return self.give_up(start);
        }
        self.cursor.at += opening;
        self.depth += 1;
        self.until(Some(close));
        self.depth -= 1;
        if self.peek(0).is_none() {
            self.give_up(start);
        }
        self.cursor.at += self.rest().len().min(1);
        self.cursor.mark_unknown(word, start);
    }

    /// Skips the brackets at the cursor and the text between them. Stays and returns false if the
    /// closing bracket is missing.
    pub(super) fn skip_balanced(&mut self, open: u8, close: u8) -> bool {
        if self.no_brackets {
            return false;
        }
        let mut depth = 0usize;
        let mut bytes = self.rest().iter().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if *byte == b'\\' {
                bytes.next();
            } else if *byte == open {
                depth += 1;
            } else if *byte == close {
                depth -= 1;
                if depth == 0 {
                    self.cursor.at += at + 1;
                    return true;
                }
            }
        }
        self.no_brackets = true;
        false
    }
}

/// The text up to the end of its first line.
fn line(text: &[u8]) -> &[u8] {
    &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())]
}

/// The length of the name at the start of `text`.
fn name(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}
