//! User text in messages: texts of the system as [`Backquoted`].

use std::ffi::OsStr;
use std::fmt;

use strports_syntax::Backquoted;

/// A path or another text of the system, between back-quotes.
pub struct Quoted<'a>(Backquoted<'a>);

impl<'a> Quoted<'a> {
    /// Quotes a text of the system or a path.
    pub fn new(text: &'a (impl AsRef<OsStr> + ?Sized)) -> Self {
        Self::bytes(text.as_ref().as_encoded_bytes())
    }

    pub(crate) fn bytes(text: &'a [u8]) -> Self {
        Self(Backquoted::new(text))
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
