//! Escapes user text for display: the same way in messages, logs and terminals.

use core::fmt::{self, Write};

/// User text that prints with control and invisible characters escaped.
///
/// Control characters, line ends, invisible characters and characters that change how others are
/// displayed print as `\n` or `\u{1b}`. A byte that is not UTF-8 prints as `\xff`. Everything else
/// prints unchanged, including backslashes and quotes, which are part of the language.
///
/// ```
/// use strports_syntax::Printable;
/// assert_eq!(Printable::new("a\\:b\x1b[1m\n").to_string(), r"a\:b\u{1b}[1m\n");
/// assert_eq!(Printable::new(b"/run/\xff").to_string(), r"/run/\xff");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printable<'t>(&'t [u8]);

impl<'t> Printable<'t> {
    /// Prepares `text`, a `&str` or bytes, for printing.
    pub fn new<T: AsRef<[u8]> + ?Sized>(text: &'t T) -> Self {
        Self(text.as_ref())
    }

    /// Iterates over the characters of the text, and over its bytes that are not UTF-8.
    ///
    /// ```
    /// use strports_syntax::Printable;
    /// let text = Printable::new("\u{202e}b");
    /// let printed: Vec<_> = text.chars().map(|it| (it.to_string(), it.len())).collect();
    /// assert_eq!(printed, [(r"\u{202e}".to_owned(), 3), ("b".to_owned(), 1)]);
    /// ```
    pub fn chars(self) -> impl Iterator<Item = PrintableChar> + 't {
        self.0.utf8_chunks().flat_map(|chunk| {
            let invalid = chunk.invalid().iter().copied().map(PrintableChar::Byte);
            chunk.valid().chars().map(PrintableChar::Char).chain(invalid)
        })
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|char| char.fmt(f))
    }
}

/// User text for a message: printed as [`Printable`], between back-quotes.
///
/// A back-quote inside the text prints as ``\` ``, so that the end stays unambiguous.
///
/// ```
/// use strports_syntax::Backquoted;
/// assert_eq!(Backquoted::new("a`\n").to_string(), r"`a\`\n`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backquoted<'t>(Printable<'t>);

impl<'t> Backquoted<'t> {
    /// Prepares `text`, a `&str` or bytes, for printing.
    pub fn new<T: AsRef<[u8]> + ?Sized>(text: &'t T) -> Self {
        Self(Printable::new(text))
    }

    /// Prints the text in back-quotes, with `end` (such as `…`) before the closing one.
    pub(crate) fn print_with_end(self, end: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('`')?;
        self.0.chars().try_for_each(|char| match char {
            PrintableChar::Char('`') => f.write_str("\\`"),
            char => write!(f, "{char}"),
        })?;
        f.write_str(end)?;
        f.write_char('`')
    }
}

impl fmt::Display for Backquoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print_with_end("", f)
    }
}

/// One character of a [`Printable`], or one of its bytes that are not UTF-8.
///
/// ```
/// use strports_syntax::PrintableChar;
/// assert!(PrintableChar::Char('\u{7f}').is_escaped() && !PrintableChar::Char('é').is_escaped());
/// assert_eq!(PrintableChar::Byte(0xff).to_string(), r"\xff");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintableChar {
    /// A character, which prints unchanged or as an escape sequence.
    Char(char),
    /// A byte that is not UTF-8, which prints as `\xff`.
    Byte(u8),
}

impl PrintableChar {
    /// The number of bytes that the character takes in the original text.
    #[expect(clippy::len_without_is_empty, reason = "a character is never empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::Char(char) => char.len_utf8(),
            Self::Byte(_) => 1,
        }
    }

    /// Whether the character prints as an escape sequence instead of unchanged.
    pub fn is_escaped(self) -> bool {
        match self {
            Self::Char('\\' | '\'' | '"') => false,
            Self::Char(char) => char.escape_debug().ne([char]),
            Self::Byte(_) => true,
        }
    }
}

impl fmt::Display for PrintableChar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(byte) => write!(f, "\\x{byte:02x}"),
            Self::Char(char) if self.is_escaped() => write!(f, "{}", char.escape_debug()),
            Self::Char(char) => f.write_char(*char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn control_characters_and_stray_bytes_are_escaped() {
        let text = b"a\\:\x1b[1m\xff\n\xc2\x9b\x7f";
        assert_eq!(Printable::new(text).to_string(), r"a\:\u{1b}[1m\xff\n\u{9b}\u{7f}");
        assert_eq!(Backquoted::new("\u{202e}").to_string(), r"`\u{202e}`");
        assert_eq!(Backquoted::new("straße \"x\" 'y'").to_string(), "`straße \"x\" 'y'`");
    }

    #[test]
    fn the_character_lengths_cover_the_text() {
        for text in [&b"a\xffb\xe2\x82"[..], "日\n".as_bytes(), b""] {
            let len: usize = Printable::new(text).chars().map(PrintableChar::len).sum();
            assert_eq!(len, text.len());
        }
    }
}
