//! How a value is read from the text of an argument.

use crate::signature::{Parameter, Row};
use crate::{ErrorKind, Text};

/// What can be read from one argument's text.
pub(crate) trait FromText<'a>: Sized {
    /// Reads the text of an argument for `parameter`.
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind>;

    /// The default of the table, which is as it should be.
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
