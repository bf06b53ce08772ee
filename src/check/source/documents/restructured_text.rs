//! reStructuredText: literal blocks, code blocks by their language, and inline code.
//!
//! ```text
//! literal    a paragraph that ends with "::", and the indented lines after it
//! directive  ".. code-block:: LANGUAGE", ".. code::", ".. sourcecode::", ".. prompt::", and theirs
//! language   ".. highlight:: LANGUAGE" for the literal blocks after it
//! inline     "``" text "``"
//! ```

use super::blocks::blocks;
use super::{Document, RESTRUCTURED_TEXT};
use crate::check::embedded::{Embedded, Quoting};
use crate::check::source::context::Context;
use crate::check::source::format::Format;

pub(in crate::check::source) static FORMAT: Format = Format {
    name: "rst",
    files: &["*.rst", "*.rest"],
    comments: &RESTRUCTURED_TEXT,
    blocks,
    commands: true,
    find,
    ..Format::NEW
};

/// Directives whose content is code.
const CODE: [&[u8]; 7] = [
    b"code-block",
    b"code",
    b"sourcecode",
    b"prompt",
    b"parsed-literal",
    b"literalinclude",
    b"highlight",
];

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut reader = Reader {
        document: Document::new(file, context),
        lines: Lines { file, at: 0 },
        default: Vec::new(),
    };
    while reader.lines.peek().is_some() {
        reader.line();
    }
    reader.document.found()
}

/// One line: its byte offset, its indentation in bytes, and its text.
#[derive(Clone, Copy)]
struct Line<'f> {
    start: usize,
    indent: usize,
    /// The text of the line, without surrounding white space.
    text: &'f [u8],
}

struct Lines<'f> {
    file: &'f [u8],
    at: usize,
}

impl<'f> Lines<'f> {
    /// The next line, and the byte offset of the line after it; `None` at the end of the file.
    fn peek(&self) -> Option<(Line<'f>, usize)> {
        let rest = self.file.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let indent = rest[..length].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let text = rest[..length].trim_ascii();
        Some((Line { start: self.at, indent, text }, self.at + length))
    }
}

struct Reader<'c> {
    document: Document<'c>,
    lines: Lines<'c>,
    /// The language of literal blocks, from the last `highlight` directive; empty without one.
    default: Vec<u8>,
}

impl Reader<'_> {
    /// Reads a line, and the block that it starts.
    fn line(&mut self) {
        let Some((line, next)) = self.lines.peek() else { return };
        self.lines.at = next;
        if let Some((name, argument)) = directive(line.text) {
            if name == b"highlight" {
                self.default = argument.to_vec();
            } else if CODE.contains(&name) {
                let language = argument.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                self.block(line.indent, language, true);
            }
        } else if line.text.ends_with(b"::") {
            self.inline(line);
            self.block(line.indent, b"", false);
        } else {
            self.inline(line);
        }
    }

    /// Reads the lines that follow and are indented by more than `outer` blanks as a code block.
    /// `has_options` is whether lines such as `:linenos:` may precede the code.
    fn block(&mut self, outer: usize, language: &[u8], has_options: bool) {
        let mut base = Embedded::new(None, Quoting::PLAIN);
        let mut indent = None;
        let mut in_options = has_options;
        let before = self.lines.at;
        while let Some((line, next)) = self.lines.peek() {
            if !line.text.is_empty() && line.indent <= outer {
                break;
            }
            self.lines.at = next;
            in_options &= line.text.starts_with(b":");
            if in_options || line.text.is_empty() && indent.is_none() {
                continue;
            }
            let indent = *indent.get_or_insert(line.indent);
            let start = (line.start + indent.min(line.indent)).min(next);
            base.verbatim(self.lines.file, start..next);
        }
        if indent.is_none() {
            self.lines.at = before;
        }
        let language = if language.is_empty() { self.default.clone() } else { language.to_vec() };
        self.document.block(&String::from_utf8_lossy(&language), &base);
    }

    /// Reads the inline code in one line.
    fn inline(&mut self, line: Line<'_>) {
        let mut at = line.start + line.indent;
        let end = at + line.text.len();
        let file = self.lines.file;
        let find = |from: usize| memchr::memmem::find(&file[from..end], b"``").map(|it| from + it);
        while let Some(open) = find(at) {
            let Some(close) = find(open + 2) else { break };
            self.document.inline(&Embedded::plain(file, open + 2..close, None));
            at = close + 2;
        }
    }
}

/// The name and the argument of a directive, such as `.. code-block:: sh`. `None` for another line.
fn directive(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_prefix(b".. ")?.trim_ascii_start();
    let end = memchr::memmem::find(rest, b"::")?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_+:.".contains(byte);
    rest[..end].iter().all(is_name).then(|| (&rest[..end], rest[end + 2..].trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};

    #[test]
    fn code_blocks_and_inline_code_are_read() {
        let file = "Run it::\n\n    daphne -e tcp:1 \\\n      -e tcp:2\n\n.. note::\n\n  Or ``daphne -e tcp:3``::\n\n\
            \x20   $ daphne -e tcp:4\n    daphne -e no\n\n.. code-block:: python\n   \
            :linenos:\n\n   \
            serverFromString(r, 'tcp:5')\n\n.. highlight:: ini\n\n::\n\n  [ssh]\n  \
            listen_endpoints = \
            tcp:6\n\ndaphne -e tcp:no\n\n.. code:: sh\n\n\tdaphne -e tcp:7:x=PORT\n";
        let wanted = ["tcp:1", "tcp:2", "tcp:3", "tcp:4", "tcp:5", "tcp:6", "tcp:7:x=1"];
        assert_eq!(texts(&FORMAT, "a.rst", file.as_bytes()), wanted);
        let found = find(&FORMAT, "a.rst", file.as_bytes());
        assert_eq!(&file[found[1].whole()], "tcp:2");
    }

    #[test]
    fn settings_without_a_section_and_inline_calls_are_read() {
        let file = "Set::\n\n  # x\n  tub.port = tcp:1\n  port = 8022\n  tub.location = tcp:h:no\n\n\
            Or ``serverFromString(\"tcp:2\", \"tcp:3\")`` in code.\n";
        assert_eq!(texts(&FORMAT, "a.rst", file.as_bytes()), ["tcp:1", "tcp:3"]);
    }

    #[test]
    fn unterminated_constructs_are_read_to_the_end() {
        for file in
            ["::", "::\n", "x::\n\n", ".. code::", ".. code:: sh\n\n\n  ", "``daphne -e", "..", ""]
        {
            assert_eq!(texts(&FORMAT, "a.rst", file.as_bytes()), [""; 0], "{file}");
        }
    }
}
