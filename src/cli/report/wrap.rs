//! Wraps output between words, for terminals that are narrower than usual.

use super::shown::width;

/// Wraps every line that is wider than `columns`. Continuation lines are indented by `hanging`
/// columns more than the line that they continue.
///
/// Source text with marks below it is not wrapped: it was cut to fit, and marks must stay aligned.
pub(in crate::cli) fn fitted(text: &str, hanging: usize, columns: usize) -> String {
    let fitted = text.split('\n').map(|line| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if visible(line) <= columns || is_source(line) {
            return line.to_owned();
        }
        wrapped(line, 0, indent + hanging, columns)
    });
    fitted.collect::<Vec<_>>().join("\n")
}

/// Wraps one line. It begins in column `column`, and continuation lines in column `hanging`.
pub(in crate::cli) fn wrapped(line: &str, column: usize, hanging: usize, columns: usize) -> String {
    let mut text = String::with_capacity(line.len());
    let mut at = column;
    let mut is_first = true;
    for word in line.split(' ') {
        let wide = visible(word);
        if !is_first && at > hanging && at + 1 + wide > columns {
            text.push('\n');
            text.push_str(&" ".repeat(hanging));
            at = hanging;
        } else if !is_first {
            text.push(' ');
            at += 1;
        }
        text.push_str(word);
        at += wide;
        is_first = false;
    }
    text
}

/// Joins the lines of each paragraph into one. Indented lines, such as examples, are kept.
#[cfg(feature = "check")]
pub(in crate::cli) fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut was_prose = false;
    for line in text.split_inclusive('\n') {
        let is_prose = !line.trim().is_empty() && !line.starts_with([' ', '-', '|', '#']);
        if is_prose && was_prose {
            joined.truncate(joined.trim_end().len());
            joined.push(' ');
        }
        joined.push_str(line);
        was_prose = is_prose;
    }
    joined
}

/// Whether a line has the gutter of source text: `12 | tcp:x`, or `   |     ^`.
fn is_source(line: &str) -> bool {
    let plain = without_colors(line);
    let rest = plain.trim_start_matches(|char: char| char == ' ' || char.is_ascii_digit());
    rest.starts_with('|')
}

/// The width of a text in columns, without its color sequences.
fn visible(text: &str) -> usize {
    if text.contains('\x1b') { width(&without_colors(text)) } else { width(text) }
}

fn without_colors(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = behind.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_between_words() {
        let text = "\x1b[1merror\x1b[0m: one two three four\n  = help: five six seven\nshort";
        let wanted =
            "\x1b[1merror\x1b[0m: one two\n  three four\n  = help: five\n    six seven\nshort";
        assert_eq!(fitted(text, 2, 16), wanted);
        assert_eq!(fitted("a long-long-word b", 0, 6), "a\nlong-long-word\nb");
        assert_eq!(wrapped("one two", 10, 10, 14), "one\n          two");
    }

    #[test]
    fn marks_stay_below_their_source() {
        let text = "   |\n12 | serverFromString(r, 'tcp:x')\n   |                   ^";
        assert_eq!(fitted(text, 2, 20), text);
    }

    #[cfg(feature = "check")]
    #[test]
    fn paragraphs_are_joined_and_examples_are_not() {
        let text = "one\ntwo\n\n    tcp:1\n    tcp:2\n\nthree\nfour\n";
        assert_eq!(joined(text), "one two\n\n    tcp:1\n    tcp:2\n\nthree four\n");
    }
}
