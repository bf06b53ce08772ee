//! A short copy of the user's text, for error messages.

use core::fmt::{self, Write};

use crate::Backquoted;

/// How many bytes of the user's text an error message quotes at most.
const CAPACITY: usize = 40;

/// The beginning of a text: at most 40 bytes, stored inline so that an error needs no allocation.
///
/// Prints as [`Backquoted`], with `…` at the end if the text was cut.
///
/// ```
/// use strports_syntax::Excerpt;
/// assert_eq!(Excerpt::new("a\nb").to_string(), r"`a\nb`");
/// let long = "x".repeat(50);
/// assert_eq!(Excerpt::new(&long).as_str().len(), 40);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Excerpt {
    bytes: [u8; CAPACITY],
    len: u8,
    cut: bool,
}

impl Excerpt {
    /// Copies the beginning of what `text` prints, cut between two characters.
    pub fn new(text: impl fmt::Display) -> Self {
        let mut excerpt = Self { bytes: [0; CAPACITY], len: 0, cut: false };
        // Writing fails once the excerpt is full; `cut` records that.
        let _ = write!(excerpt, "{text}");
        excerpt
    }

    /// The copied beginning of the text, without a mark that it was cut.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Whether the copied text is empty.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// Appends characters until one does not fit, and then returns an error.
impl Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            let at = usize::from(self.len);
            let Some(room) = self.bytes.get_mut(at..at + char.len_utf8()) else {
                self.cut = true;
                return Err(fmt::Error);
            };
            char.encode_utf8(room);
            self.len += u8::try_from(char.len_utf8()).unwrap_or_default();
        }
        Ok(())
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Backquoted::new(self.as_str()).print_with_end(if self.cut { "…" } else { "" }, f)
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
    fn invisible_characters_are_escaped_and_backslashes_kept() {
        assert_eq!(Excerpt::new("C:\\a\n`\u{7f}").to_string(), r"`C:\a\n\`\u{7f}`");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = "é".repeat(30);
        let shown = Excerpt::new(&long).to_string();
        assert_eq!(shown, std::format!("`{}…`", "é".repeat(20)));
    }
}
