//! The trait for values that are read from the text of an argument.

use crate::signature::{Parameter, Row};
use crate::{ErrorKind, Text};

/// A parameter value that can be read from the text of one argument.
pub(crate) trait FromText<'a>: Sized {
    /// Reads the unescaped text of an argument as a value of `parameter`.
    ///
    /// Returns the kind of error, which names the parameter, if the text is not a valid value.
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind>;

    /// The parameter's default as a value; `None` if the parameter has no default text.
    ///
    /// A test checks that all default texts of the signature table are valid.
    #[inline]
    fn from_default(row: Row) -> Option<Self> {
        Self::from_text(&Text::literal(row.parameter.default_text()?), row.parameter).ok()
    }
}

impl<'a> FromText<'a> for Text<'a> {
    fn from_text(text: &Text<'a>, _: &'static Parameter) -> Result<Self, ErrorKind> {
        Ok(text.clone())
    }
}
