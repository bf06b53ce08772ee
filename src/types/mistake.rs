//! An error in a configuration file, with its position in the text.

use std::fmt;
use std::ops::Range;

use toml::Spanned;

/// An error in a configuration. `range` is in bytes of the text; `None` is the file as a whole.
pub(crate) struct Mistake {
    pub(crate) range: Option<Range<usize>>,
    pub(crate) message: String,
}

impl Mistake {
    pub(crate) fn at<T>(spanned: &Spanned<T>, message: impl fmt::Display) -> Self {
        Self { range: Some(spanned.span()), message: message.to_string() }
    }

    pub(crate) fn anywhere(message: &dyn fmt::Display) -> Self {
        Self { range: None, message: message.to_string() }
    }
}

impl From<toml::de::Error> for Mistake {
    fn from(error: toml::de::Error) -> Self {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        Self { range: error.span(), message }
    }
}
