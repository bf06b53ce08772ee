//! Reads values from the text of arguments.

use crate::signature::{Parameter, Row};
use crate::{ErrorKind, Text};

/// A value that is read from the text of one argument.
pub(crate) trait FromText<'a>: Sized {
    /// Reads the text of an argument for `parameter`.
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind>;

    /// The default of the table, which a test checks to be valid.
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
