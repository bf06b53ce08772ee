//! Writes the difference between two texts as a unified diff.
//!
//! Finding the shortest difference takes quadratic time if most lines differ. Lines that only one
//! of the texts has are certainly different, so only the others are compared.

use std::collections::HashSet;
use std::io::{self, Write};

use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops};

/// The number of unchanged lines that are shown before and after a difference.
const CONTEXT: usize = 3;

/// Writes a unified diff of two texts with the same name; nothing if they are equal.
pub(super) fn write(
    name: &str,
    before: &[u8],
    after: &[u8],
    mut output: impl Write,
) -> io::Result<()> {
    let (old, new) = (lines(before), lines(after));
    let operations = operations(&old, &new);
    if operations.iter().all(|it| matches!(it, DiffOp::Equal { .. })) {
        return Ok(());
    }
    writeln!(output, "--- {name}\n+++ {name}")?;
    for group in group_diff_ops(operations, CONTEXT).iter().filter(|group| !group.is_empty()) {
        writeln!(output, "{}", UnifiedHunkHeader::new(group))?;
        for change in group.iter().flat_map(|it| it.iter_changes(&old, &new)) {
            let sign = match change.tag() {
                ChangeTag::Equal => b" ",
                ChangeTag::Delete => b"-",
                ChangeTag::Insert => b"+",
            };
            output.write_all(sign)?;
            output.write_all(change.value())?;
            if !change.value().ends_with(b"\n") {
                output.write_all(b"\n\\ No newline at end of file\n")?;
            }
        }
    }
    Ok(())
}

/// The lines of a text with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// The operations that turn the `old` lines into the `new` ones, in order.
fn operations(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    let (of_old, of_new) = (in_both(old, new), in_both(new, old));
    let kept_old: Vec<_> = of_old.iter().map(|index| old[*index]).collect();
    let kept_new: Vec<_> = of_new.iter().map(|index| new[*index]).collect();
    let mut operations = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    for equal in capture_diff_slices(Algorithm::Myers, &kept_old, &kept_new) {
        let DiffOp::Equal { old_index, new_index, len } = equal else { continue };
        for (old_line, new_line) in
            of_old[old_index..old_index + len].iter().zip(&of_new[new_index..new_index + len])
        {
            push_change(&mut operations, old_at..*old_line, new_at..*new_line);
            match operations.last_mut() {
                Some(DiffOp::Equal { len, .. }) => *len += 1,
                _ => operations.push(DiffOp::Equal {
                    old_index: *old_line,
                    new_index: *new_line,
                    len: 1,
                }),
            }
            (old_at, new_at) = (old_line + 1, new_line + 1);
        }
    }
    push_change(&mut operations, old_at..old.len(), new_at..new.len());
    operations
}

/// The indices of the lines that the other text has too.
fn in_both(lines: &[&[u8]], other: &[&[u8]]) -> Vec<usize> {
    let other: HashSet<_> = other.iter().collect();
    (0..lines.len()).filter(|index| other.contains(&lines[*index])).collect()
}

/// Adds the change of `old` lines to `new` ones, unless both are empty.
fn push_change(
    operations: &mut Vec<DiffOp>,
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
) {
    let (old_index, new_index) = (old.start, new.start);
    operations.extend(match (old.len(), new.len()) {
        (0, 0) => None,
        (old_len, 0) => Some(DiffOp::Delete { old_index, old_len, new_index }),
        (0, new_len) => Some(DiffOp::Insert { old_index, new_index, new_len }),
        (old_len, new_len) => Some(DiffOp::Replace { old_index, old_len, new_index, new_len }),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        let mut output = Vec::new();
        write("x", before.as_bytes(), after.as_bytes(), &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn hunks_have_context_and_signs() {
        assert_eq!(diff("a\n", "a\n"), "");
        assert_eq!(
            diff("a\nb\n", "a\nc"),
            "--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n"
        );
        let many = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\na\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let other = many.replace("4\n", "").replace("f\n", "f\nx\n");
        assert_eq!(
            diff(many, &other),
            "--- x\n+++ x\n@@ -2,7 +2,6 @@\n 1\n 2\n 3\n-4\n 5\n 6\n 7\n\
             @@ -14,6 +13,7 @@\n d\n e\n f\n+x\n g\n h\n i\n"
        );
    }

    #[test]
    fn the_result_is_that_of_the_shortest_difference() {
        let texts =
            ["", "a\n", "a\nb\nc\n", "b\nx\nc", "c\nb\na\n", "a\na\nb\na\n", "y\na\nb\nz\n"];
        for before in texts {
            for after in texts {
                let theirs = similar::TextDiff::from_lines(before, after);
                let theirs = theirs.unified_diff().header("x", "x").to_string();
                let changes = |text: &str| text.lines().filter(|it| !it.starts_with(' ')).count();
                let ours = diff(before, after);
                assert_eq!(
                    changes(&ours),
                    changes(&theirs),
                    "{before:?} {after:?}\n{ours}\n{theirs}"
                );
            }
        }
    }
}
