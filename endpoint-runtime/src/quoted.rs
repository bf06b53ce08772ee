//! Prints OS strings in messages, like [`Backquoted`].

use std::ffi::OsStr;
use std::fmt;

use strports_syntax::Backquoted;

/// Displays a path or another OS string between back-quotes, with control characters escaped.
///
/// # Examples
///
/// ```
/// use std::path::Path;
///
/// use endpoint_runtime::Quoted;
///
/// assert_eq!(Quoted::new(Path::new("a\nb.pem")).to_string(), r"`a\nb.pem`");
/// ```
pub struct Quoted<'a>(Backquoted<'a>);

impl<'a> Quoted<'a> {
    /// Quotes an OS string or a path.
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
