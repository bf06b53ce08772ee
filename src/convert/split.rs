//! Splits texts at separators outside of quotes, brackets and backslash escapes.

/// Splits `text` at each `separator` outside quotes and brackets; parts keep their quotes.
pub(super) fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    let mut quote: Option<char> = None;
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match (quote, char) {
            (_, '\\') => {
                chars.next();
            }
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(char),
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth = depth.saturating_sub(1),
            (None, _) if char == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + char.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Removes quotes, and backslashes that escape a character.
pub(super) fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (quote, char) {
            (_, '\\') => out.extend(chars.next()),
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(char),
            _ => out.push(char),
        }
    }
    out
}

/// Returns the lines of a text with their numbers from 1, without comments and empty lines.
pub(super) fn lines<'t>(
    text: &'t str,
    comments: &'static [char],
) -> impl Iterator<Item = (usize, &'t str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines.filter(move |(_, line)| !line.is_empty() && !line.starts_with(comments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found_outside_of_quotes_and_brackets() {
        assert_eq!(
            split_outside("a,b=[::1,x],'c,d',e\\,f", ','),
            ["a", "b=[::1,x]", "'c,d'", "e\\,f"]
        );
        assert_eq!(unquoted(r#"a\:b"c d"'e'"#), "a:bc de");
        assert_eq!(lines("a\n\n # x\n b", &['#']).collect::<Vec<_>>(), [(1, "a"), (4, "b")]);
    }
}
