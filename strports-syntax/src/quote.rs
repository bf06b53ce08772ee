//! Escapes text for insertion into a description, for each of three positions.

use core::fmt::{self, Write};

use crate::Text;

/// The position of a text in a description, which determines the bytes to escape.
///
/// ```
/// use strports_syntax::{Place, quote_bytes};
/// assert_eq!(quote_bytes(b"a=b:c", Place::Positional), br"a\=b\:c");
/// assert_eq!(quote_bytes(b"a=b:c", Place::Value), br"a=b\:c");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A positional argument: `\`, `:` and `=` are escaped.
    Positional,
    /// The key of a keyword argument: `\`, `:` and `=` are escaped.
    Key,
    /// The value of a keyword argument: `\` and `:` are escaped; `=` is literal.
    Value,
}

impl Place {
    const fn escapes(self, byte: u8) -> bool {
        matches!(byte, b'\\' | b':') || (byte == b'=' && !matches!(self, Self::Value))
    }
}

/// A text that prints escaped for its [`Place`].
///
/// Bytes that are not UTF-8 print as U+FFFD; [`bytes`](Self::bytes) returns them unchanged.
///
/// ```
/// use strports_syntax::{Place, Quoted, Text};
/// let path = Text::plain("C:/a=b");
/// assert_eq!(Quoted::new(&path, Place::Positional).to_string(), r"C\:/a\=b");
/// assert_eq!(Quoted::new(&path, Place::Value).to_string(), r"C\:/a=b");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'t> {
    text: &'t Text<'t>,
    place: Place,
}

impl<'t> Quoted<'t> {
    /// Prepares `text` for printing at `place`.
    pub const fn new(text: &'t Text<'t>, place: Place) -> Self {
        Self { text, place }
    }

    /// Iterates over the escaped bytes.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 't {
        self.text.bytes().flat_map(move |byte| {
            let escape = self.place.escapes(byte).then_some(b'\\');
            escape.into_iter().chain([byte])
        })
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.text.chars() {
            if u8::try_from(char).is_ok_and(|byte| self.place.escapes(byte)) {
                f.write_char('\\')?;
            }
            f.write_char(char)?;
        }
        Ok(())
    }
}

/// Escapes an argument's value exactly as Twisted's `quoteStringArgument` does.
///
/// It escapes `\` and `:` but not `=`, which is right for the value of a keyword. A positional
/// argument with `=` would become a keyword: use [`quote_positional`] for it.
///
/// ```
/// use strports_syntax::quote_string_argument;
/// assert_eq!(quote_string_argument(r"C:\key.pem"), r"C\:\\key.pem");
/// ```
#[cfg(feature = "alloc")]
pub fn quote_string_argument(text: &str) -> alloc::string::String {
    alloc::format!("{}", Quoted::new(&Text::plain(text), Place::Value))
}

/// Escapes text for use as a positional argument: `\`, `:` and `=`.
///
/// ```
/// use strports_syntax::quote_positional;
/// assert_eq!(quote_positional("/run/a=b"), r"/run/a\=b");
/// ```
#[cfg(feature = "alloc")]
pub fn quote_positional(text: &str) -> alloc::string::String {
    alloc::format!("{}", Quoted::new(&Text::plain(text), Place::Positional))
}

/// Escapes bytes for use at `place`; the result is UTF-8 if `text` is.
///
/// ```
/// use strports_syntax::{Place, quote_bytes};
/// assert_eq!(quote_bytes(b"/a:\xff", Place::Value), b"/a\\:\xff");
/// ```
#[cfg(feature = "alloc")]
pub fn quote_bytes(text: &[u8], place: Place) -> alloc::vec::Vec<u8> {
    Quoted::new(&Text::plain(text), place).bytes().collect()
}
