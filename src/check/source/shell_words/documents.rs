//! Here-documents: the program or file that receives them, and their lines after the shell's
//! expansions.
//!
//! ```text
//! cat >FILE <<END      tee FILE <<'END'      ssh HOST <<END      cat <<END | sh
//! ```

use crate::check::embedded::{Embedded, Quoting, escape_each};
use crate::check::source::cursor::Cursor;
use crate::check::source::placeholder::{self, Styles};

/// The quoting in a here-document whose delimiter is not quoted: a backslash escapes only `\`, `$`
/// and a back-quote.
const QUOTING: Quoting = Quoting(|text| escape_each(text, b'\\', b"\\$`"));

/// The program or file that receives the lines of a here-document.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The lines are written to a file with this name.
    File(Vec<u8>),
    Shell,
    Python,
    /// Another command, whose input is not read.
    Unknown,
}

/// A here-document whose lines have not been read yet.
#[derive(Debug)]
pub(super) struct Document {
    /// The delimiter: the line after the last line of the document.
    end: Vec<u8>,
    /// Whether leading tabs of its lines are dropped, as after `<<-`.
    tabs: bool,
    /// Whether the delimiter is quoted, so that the shell expands nothing in the lines.
    is_quoted: bool,
    /// The receiver; `None` while a later command of the pipeline may determine it.
    pub(super) target: Option<Target>,
}

impl Document {
    /// Creates a here-document that was announced by `<<`. `word` is the delimiter after it, and
    /// `raw` is its source text with quotes.
    pub(super) fn new(word: &Embedded, raw: &[u8], tabs: bool) -> Self {
        let is_quoted = raw.iter().any(|byte| b"\"'\\".contains(byte));
        Self { end: word.text().to_vec(), tabs, is_quoted, target: None }
    }

    /// Reads the lines up to the delimiter or the end of the text, and skips the delimiter.
    pub(super) fn read(&self, cursor: &mut Cursor<'_>) -> Embedded {
        let quoting = if self.is_quoted { Quoting::PLAIN } else { QUOTING };
        let mut body = Embedded::new(None, quoting);
        while !cursor.rest().is_empty() {
            if self.tabs {
                cursor.at += cursor.rest().iter().take_while(|byte| **byte == b'\t').count();
            }
            let rest = cursor.rest();
            let line = &rest[..memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)];
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            if text.strip_suffix(b"\r").unwrap_or(text) == self.end {
                cursor.at += line.len();
                break;
            }
            if self.is_quoted {
                cursor.read(&mut body, line.len());
            } else {
                let end = cursor.at + line.len();
                expanded(cursor, &mut body, end);
            }
        }
        body
    }
}

/// Reads a line up to the offset `end`. Variables are placeholders, and a backslash escapes only
/// `\`, `$` and a back-quote.
fn expanded(cursor: &mut Cursor<'_>, body: &mut Embedded, end: usize) {
    while cursor.at < end {
        let rest = &cursor.rest()[..end - cursor.at];
        match (rest[0], rest.get(1)) {
            (b'\\', Some(byte @ (b'\\' | b'$' | b'`'))) => cursor.read_escape(body, &[*byte], 2),
            (b'$' | b'`', _) => match placeholder::first(rest, Styles::SHELL) {
                Some(length) => cursor.read_unknown(body, length),
                None => cursor.read(body, 1),
            },
            _ => {
                let plain = rest.iter().skip(1).take_while(|byte| !b"\\$`".contains(byte)).count();
                cursor.read(body, 1 + plain);
            }
        }
    }
}

/// The receiver of a command's input, from its words or the file to which it writes. `None` if they
/// do not determine it.
pub(super) fn target(words: &[Embedded], output: Option<&Embedded>) -> Option<Target> {
    if let Some(output) = output {
        return Some(Target::File(output.text().to_vec()));
    }
    let name = |word: &Embedded| {
        let text = word.text();
        let start = memchr::memrchr(b'/', text).map_or(0, |slash| slash + 1);
        let end = text.iter().rposition(u8::is_ascii_alphabetic).map_or(0, |last| last + 1);
        text.get(start..end).unwrap_or_default().to_vec()
    };
    for (index, word) in words.iter().enumerate() {
        match &name(word)[..] {
            b"tee" => {
                let file = words[index + 1..].iter().find(|it| !it.text().starts_with(b"-"))?;
                return Some(Target::File(file.text().to_vec()));
            }
            b"sh" | b"bash" | b"dash" | b"zsh" | b"ksh" | b"ash" | b"ssh" => {
                return Some(Target::Shell);
            }
            b"python" | b"pypy" => return Some(Target::Python),
            _ => {}
        }
    }
    None
}
