//! Finds block scalars, inside which `#` is text and not a comment.

use std::ops::Range;

/// The line numbers of each block scalar, from the line with its indicator `|` or `>`, counted from
/// 1.
pub(super) fn blocks(file: &[u8]) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    // The indentation of the node whose block scalar is being read; `None` outside of one.
    let mut parent = None;
    for (number, line) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        let text = line.trim_ascii();
        let indent = line.len() - line.trim_ascii_start().len();
        if text.is_empty() {
            continue;
        }
        if let (Some(parent), Some(last)) = (parent, blocks.last_mut())
            && indent > parent
        {
            last.end = number + 1;
            continue;
        }
        parent = block_scalar(line);
        if parent.is_some() {
            blocks.push(number..number + 1);
        }
    }
    blocks
}

/// The indentation of the node on this line, if its value is a block scalar that begins here (`|`
/// or `>`).
fn block_scalar(line: &[u8]) -> Option<usize> {
    if line.trim_ascii_start().starts_with(b"#") {
        return None;
    }
    let comment = line.windows(2).position(|pair| pair == b" #");
    let text = line[..comment.unwrap_or(line.len())].trim_ascii_end();
    let header = text.iter().rposition(|byte| matches!(byte, b'|' | b'>'))?;
    let is_header = text[header + 1..].iter().all(|it| matches!(it, b'+' | b'-' | b'0'..=b'9'));
    let before = text[..header].trim_ascii_end();
    let has_blank = before.len() < header;
    let is_value = matches!(before.last(), Some(b':' | b'-')) || before.contains(&b'!');
    if !is_header || !has_blank || !is_value {
        return None;
    }
    // The dashes before a mapping in a list count as indentation.
    let mut indent = line.len() - line.trim_ascii_start().len();
    while let Some(rest) = line[indent..].strip_prefix(b"- ") {
        let blanks = rest.len() - rest.trim_ascii_start().len();
        let next = indent + 2 + blanks;
        if next >= header {
            break;
        }
        indent = next;
    }
    Some(indent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_scalar_ends_with_its_indentation() {
        let text = b"a:\n  command: >-  # why\n    x\n\n    y\n  other: 1\nb: |\n  z\n";
        assert_eq!(blocks(text), [2..6, 7..9]);
    }

    #[test]
    fn a_list_has_block_scalars() {
        let text = b"steps:\n- run: |\n    a\n  name: b\n- |2\n  c\n- d\n- e: !x >\n   f\n";
        assert_eq!(blocks(text), [2..4, 5..7, 8..10]);
    }

    #[test]
    fn other_values_are_no_blocks() {
        assert_eq!(blocks(b"a: x|\nb: 'c' >\nc: a > b\n# d: |\n  e\n"), [0..0; 0]);
    }
}
