//! Markdown: fenced and indented code blocks, and inline code.
//!
//! A document is parsed in parts, which start and end at blocks at the beginning of a line. This
//! bounds the memory, and parts without descriptions are not parsed.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::blocks::blocks;
use super::{Document, MARKDOWN};
use crate::check::embedded::{Embedded, Quoting};
use crate::check::source::context::Context;
use crate::check::source::format::Format;

pub(in crate::check::source) static FORMAT: Format = Format {
    name: "markdown",
    files: &["*.md", "*.markdown", "*.mkd", "*.mdx"],
    comments: &MARKDOWN,
    blocks,
    commands: true,
    find,
    ..Format::NEW
};

/// The size of a part in bytes after which it ends at the next line where it can.
const PART: usize = 4 << 10;
/// The size of a part in bytes after which it ends at any line. The parser needs many times as much
/// memory.
const LARGEST: usize = 64 << 10;

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut document = Document::new(file, context);
    for part in parts(file) {
        if document.may_be_in(&file[part.clone()]) {
            read(&mut document, part);
        }
    }
    document.found()
}

/// Cuts a document into parts, before unindented lines that follow an empty one outside of fenced
/// blocks.
fn parts(file: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut fence: Option<&[u8]> = None;
    let mut after_blank = false;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let can_end = after_blank && fence.is_none() && !line[0].is_ascii_whitespace();
        if at - start >= PART && can_end || at - start + line.len() > LARGEST && at > start {
            parts.push(start..at);
            start = at;
        }
        at += line.len();
        let text = line.trim_ascii();
        after_blank = text.is_empty();
        let mark = text.iter().take_while(|byte| Some(*byte) == text.first()).count();
        let is_fence = mark >= 3 && matches!(text[0], b'`' | b'~');
        match fence {
            Some(open) if is_fence && text[..mark].starts_with(open) && mark == text.len() => {
                fence = None;
            }
            None if is_fence => fence = Some(&text[..mark]),
            _ => {}
        }
    }
    parts.push(start..file.len());
    // A part with a very long line is skipped, because it cannot be cut.
    parts.retain(|part| part.len() <= 2 * LARGEST);
    parts
}

/// Parses one part of the document, and reads its code blocks and inline code.
fn read(document: &mut Document<'_>, part: Range<usize>) {
    let (file, start) = (document.file, part.start);
    let Some(text) = text(&file[part]) else { return };
    let mut block: Option<(String, Embedded)> = None;
    for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
        let range = start + range.start..start + range.end;
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => "",
                };
                block = Some((language(info).to_owned(), Embedded::new(None, Quoting::PLAIN)));
            }
            Event::Text(_) => {
                if let Some((_, base)) = &mut block {
                    base.verbatim(file, range);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((language, base)) = block.take() {
                    document.block(&language, &base);
                }
            }
            Event::Code(_) => {
                let code = &file[range.clone()];
                let marks = code.iter().take_while(|byte| **byte == b'`').count();
                if code.len() > 2 * marks {
                    let inside = range.start + marks..range.end - marks;
                    document.inline(&Embedded::plain(file, inside, None));
                }
            }
            _ => {}
        }
    }
}

/// Returns a part as text of the same length. In a part that is not UTF-8, a letter replaces each
/// byte outside ASCII.
fn text(part: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(part) {
        return Some(text.to_owned());
    }
    let ascii = |byte: &u8| if byte.is_ascii() { *byte } else { b'x' };
    String::from_utf8(part.iter().map(ascii).collect()).ok()
}

/// The language in an info string: `bash`, `{.bash #id}`, `python title="x"`.
fn language(info: &str) -> &str {
    let info = info.trim_start_matches(['{', '.']);
    let is_end = |it: char| it.is_whitespace() || matches!(it, '}' | ',' | '{' | ';');
    info.split(is_end).next().unwrap_or(info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};

    #[track_caller]
    fn found(file: &str) -> Vec<String> {
        texts(&FORMAT, "README.md", file.as_bytes())
    }

    #[test]
    fn code_blocks_are_read_by_language() {
        let file = "# daphne\n\n```bash\ndaphne -e tcp:1 \\\n  -e tcp:2 app\n```\n\n    $ daphne -e tcp:3\n\n\
            - x\n\n  ```{.python title=x}\n  serverFromString(r, 'tcp:4')\n  ```\n> ```console\n\
            > $ daphne -e \
            tcp:5\n> daphne -e no\n> ```\n\n~~~ini\n[ssh]\nlisten_endpoints = tcp:6 tcp:7\n~~~\n\n\
            ```service\n[Service]\nExecStart=daphne -e tcp:8\n```\n```rust\ndaphne -e no\n```\n\
            ```\n# x\n[ssh]\nlisten_endpoints = tcp:9\n```\n```yaml\nservices:\n  a:\n    \
            command: daphne -e \
            tcp:10\n```\n";
        let wanted: Vec<_> = (1..=10).map(|port| format!("tcp:{port}")).collect();
        assert_eq!(found(file), wanted);
    }

    #[test]
    fn inline_code_and_placeholders_are_read() {
        let file = "Run `daphne -e tcp:1`, or ``--endpoint ssl:2`` and `-e tcp:3`, `-e 4`, `x -e tcp:no`.\n\n\
            daphne -e tcp:no\n\n    daphne -e tcp:PORT:interface=<ip> -e tcp:port:x=... -e tcp:<port>\n";
        let wanted = ["tcp:1", "ssl:2", "tcp:3", "tcp:1:interface=1", "tcp:1:x=1", "tcp:1"];
        assert_eq!(found(file), wanted);
    }

    #[test]
    fn positions_refer_to_the_file() {
        let file = "> - x\n>\n>   ```sh\n>   daphne -e 'tcp:1:a=b' \\\n>     -e tcp:2\n>   ```\n";
        let places: Vec<_> =
            find(&FORMAT, "a.md", file.as_bytes()).iter().map(|it| &file[it.whole()]).collect();
        assert_eq!(places, ["tcp:1:a=b", "tcp:2"]);
    }

    #[test]
    fn large_documents_are_read_in_parts() {
        let block = format!("```sh\ndaphne -e tcp:1\n{}\n```\n\n", "x\n\n".repeat(2000));
        let file = format!("{}\n{}", "text \u{e9}\n\n".repeat(1000), block.repeat(3));
        assert_eq!(found(&file), ["tcp:1"; 3]);
        assert_eq!(parts(file.as_bytes()).last().map(|it| it.end), Some(file.len()));
        assert_eq!(parts(b"").first().map(|it| it.end), Some(0));
    }
}
