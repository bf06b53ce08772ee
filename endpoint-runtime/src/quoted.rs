//! Text of the user inside our own messages: in back-quotes, and harmless to a terminal.

use core::fmt::{self, Write};
use std::ffi::OsStr;

/// Bytes that somebody else wrote, shown between back-quotes.
///
/// What would not show, or would change how the rest shows, is escaped as `\u{1b}`, and bytes that are not UTF-8 as `\xff`; everything
/// else, backslashes included, shows as it was written.
pub struct Quoted<'a>(&'a [u8]);

impl<'a> Quoted<'a> {
    /// Quotes a text, which may be a path.
    pub fn new(text: &'a (impl AsRef<OsStr> + ?Sized)) -> Self {
        Self(text.as_ref().as_encoded_bytes())
    }

    pub(crate) fn bytes(text: &'a [u8]) -> Self {
        Self(text)
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\\' | '\'' | '"' => f.write_char(c)?,
                    '`' => f.write_str("\\`")?,
                    _ => write!(f, "{}", c.escape_debug())?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_str("`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_stray_bytes_are_escaped() {
        assert_eq!(Quoted::bytes(b"a\\:\x1b[1m\xff\n").to_string(), "`a\\:\\u{1b}[1m\\xff\\n`");
        assert_eq!(Quoted::new("\u{202e}").to_string(), "`\\u{202e}`");
        assert_eq!(Quoted::new("stra\u{df}e").to_string(), "`stra\u{df}e`");
    }
}
