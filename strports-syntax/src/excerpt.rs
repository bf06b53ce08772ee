//! A short copy of what was found, for messages.

use core::fmt::{self, Write};

use crate::Text;

/// At most this many bytes of the user's text go into a message.
const CAPACITY: usize = 40;

/// The beginning of a text, kept by value so that an error borrows nothing and allocates nothing.
///
/// It prints in back-quotes, with what would not show (controls, line ends) escaped, and with `…`
/// where it was cut.
///
/// ```
/// use strports_syntax::{Excerpt, Text};
/// assert_eq!(Excerpt::of(&Text::plain("a\nb")).to_string(), r"`a\nb`");
/// let long = "x".repeat(50);
/// assert_eq!(Excerpt::of(&Text::plain(&long)).as_str().len(), 40);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Excerpt {
    bytes: [u8; CAPACITY],
    len: u8,
    cut: bool,
}

impl Excerpt {
    /// The beginning of what `text` means.
    pub fn of(text: &Text<'_>) -> Self {
        let mut excerpt = Self { bytes: [0; CAPACITY], len: 0, cut: false };
        for char in text.chars() {
            let at = usize::from(excerpt.len);
            let Some(room) = excerpt.bytes.get_mut(at..at + char.len_utf8()) else {
                excerpt.cut = true;
                break;
            };
            char.encode_utf8(room);
            excerpt.len += u8::try_from(char.len_utf8()).unwrap_or_default();
        }
        excerpt
    }

    /// What was kept.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Whether the text was empty.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('`')?;
        for char in self.as_str().chars() {
            match char {
                '\\' | '\'' | '"' => f.write_char(char)?,
                '`' => f.write_str("\\`")?,
                _ => write!(f, "{}", char.escape_debug())?,
            }
        }
        f.write_str(if self.cut { "…`" } else { "`" })
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn ok_escapes_what_would_not_show_and_keeps_backslashes() {
        assert_eq!(Excerpt::of(&Text::plain("C:\\a\n`\u{7f}")).to_string(), r"`C:\a\n\`\u{7f}`");
    }

    #[test]
    fn ok_cuts_long_text_between_characters() {
        let long = "é".repeat(30);
        let shown = Excerpt::of(&Text::plain(&long)).to_string();
        assert_eq!(shown, std::format!("`{}…`", "é".repeat(20)));
    }
}
