//! The blocks of a document: a paragraph, a list item or a code block, with its indented lines.

use std::ops::Range;

/// The line numbers of each block, from 1. An ignore comment before a block applies to all of it.
///
/// A block begins after an empty line and ends before an empty line that is followed by one of the
/// same indentation. Inside a fenced code block, empty lines end nothing.
pub(super) fn blocks(file: &[u8]) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut indent = None;
    let mut fence: Option<&[u8]> = None;
    let mut after_blank = true;
    for (number, line) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        let text = line.trim_ascii();
        let is_heading = line.first() == Some(&b'#');
        if fence.is_none() && (is_heading || is_between(text)) {
            after_blank = true;
            indent = indent.filter(|_| !is_heading);
            continue;
        }
        let own = line.len() - line.trim_ascii_start().len();
        match blocks.last_mut() {
            Some(last) if fence.is_some() || !after_blank || indent.is_some_and(|it| own > it) => {
                last.end = number + 1;
            }
            _ => {
                blocks.push(number..number + 1);
                indent = Some(own);
            }
        }
        after_blank = false;
        let length = text.iter().take_while(|byte| Some(*byte) == text.first()).count();
        let mark = &text[..length];
        match fence {
            Some(open) if mark.starts_with(open) && length == text.len() => fence = None,
            None if length >= 3 && matches!(mark[0], b'`' | b'~') => fence = Some(mark),
            _ => {}
        }
    }
    blocks
}

/// Whether a line separates blocks: it is empty, or an ignore comment.
fn is_between(text: &[u8]) -> bool {
    let is_comment = text.starts_with(b"<!--") && text.ends_with(b"-->");
    text.is_empty() || is_comment || text.starts_with(b".. strports: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_its_indented_lines() {
        let text = b"# Title\n\ntext\nmore\n\n1. item:\n\n   ```sh\n   a\n\n   b\n   ```\n\nend\n";
        assert_eq!(blocks(text), [3..5, 6..13, 14..15]);
    }

    #[test]
    fn a_fence_holds_empty_lines_and_comments() {
        let text = b"<!-- strports: ignore[x] -->\n```\na\n\n# b\n```\ntext\n";
        assert_eq!(blocks(text).first(), Some(&(2..8)));
        assert_eq!(blocks(b"text\n\n~~~~\n```\n\n~~~\n~~~~\n\nend"), [1..2, 3..8, 9..10]);
    }

    #[test]
    fn a_directive_has_its_content() {
        let text = b"Run::\n\n    a\n\n    b\n\n.. code-block:: sh\n\n   c\n";
        assert_eq!(blocks(text), [1..6, 7..10]);
    }
}
