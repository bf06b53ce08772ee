//! Splits a command line of bash, up to the cursor, into words.

/// The words of a command line up to the cursor, and how the last one is quoted.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Line {
    /// The words, without quotes and backslashes. If the line ends in a space, the last one is
    /// empty.
    pub(in crate::cli) words: Vec<String>,
    /// The last word as typed, with its quotes and backslashes.
    raw: String,
    /// The quotation mark that is still open at the cursor.
    quote: Option<char>,
}

impl Line {
    /// Splits a line into words, and interprets quotes and backslashes like a shell.
    pub(in crate::cli) fn new(text: &str) -> Self {
        let mut line = Self { words: vec![String::new()], raw: String::new(), quote: None };
        let mut chars = text.trim_start().chars();
        while let Some(char) = chars.next() {
            match (line.quote, char) {
                (None, ' ' | '\t' | '\n') => {
                    if !line.raw.is_empty() {
                        line.words.push(String::new());
                        line.raw.clear();
                    }
                    continue;
                }
                (None, '\'' | '"') => line.quote = Some(char),
                (Some(open), _) if open == char => line.quote = None,
                (None | Some('"'), '\\') => {
                    line.raw.push(char);
                    if let Some(next) = chars.next() {
                        // Between double quotes, a backslash is itself unless one of these
                        // characters follows.
                        if line.quote.is_some() && !matches!(next, '"' | '\\' | '$' | '`') {
                            line.push('\\');
                        }
                        line.push(next);
                        line.raw.push(next);
                    }
                    continue;
                }
                _ => line.push(char),
            }
            line.raw.push(char);
        }
        line
    }

    fn push(&mut self, char: char) {
        if let Some(word) = self.words.last_mut() {
            word.push(char);
        }
    }

    /// Returns the text with which bash must replace the part of the word before the cursor.
    ///
    /// bash also splits words at the characters of `breaks` (its `COMP_WORDBREAKS`), and replaces
    /// only the part after the last one. It expects the text with the quoting that the user began.
    pub(in crate::cli) fn replacement(&self, text: &str, breaks: &str) -> String {
        let special: &[char] = match self.quote {
            Some('\'') => &[],
            Some(_) => &['"', '\\', '$', '`'],
            None => &[
                '\\', ' ', '\t', '"', '\'', '$', '`', '&', ';', '|', '<', '>', '(', ')', '*', '?',
                '[', '#', '~',
            ],
        };
        let mut quoted = String::with_capacity(text.len());
        for char in text.chars() {
            if special.contains(&char) {
                quoted.push('\\');
            }
            quoted.push(char);
        }
        if self.quote.is_some() {
            return quoted;
        }
        // The typed word is a prefix of `quoted`, so an offset in it is also one in `quoted`.
        let is_break = |char: char| matches!(char, ':' | '=') && breaks.contains(char);
        let at = self.raw.rfind(is_break).map_or(0, |at| at + 1);
        match quoted.get(..at) {
            Some(before) if before == &self.raw[..at] => quoted[at..].to_owned(),
            _ => quoted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_like_a_shell() {
        let words = |text| Line::new(text).words;
        assert_eq!(words("strports explain "), ["strports", "explain", ""]);
        assert_eq!(words("strports explain 'a b"), ["strports", "explain", "a b"]);
        assert_eq!(words(r#"s a\ b "c\:d" e"#), ["s", "a b", r"c\:d", "e"]);
    }

    #[test]
    fn replacements_begin_after_the_word_breaks_of_bash() {
        let replace = |text, by| Line::new(text).replacement(by, " :=");
        assert_eq!(replace("s explain tc", "tcp:"), "tcp:");
        assert_eq!(replace("s explain tcp:80:int", "tcp:80:interface="), "interface=");
        assert_eq!(replace("s explain 'tcp:80:int", "tcp:80:interface="), "tcp:80:interface=");
        assert_eq!(replace("s x tls:h:1:endpoint=tc", r"tls:h:1:endpoint=tcp\:"), r"tcp\\:");
        assert_eq!(Line::new("s x a:b").replacement("a:bc", " "), "a:bc");
    }
}
