//! Lists of name and value pairs in one argument, for types of plugins.

use super::from_text::FromText;
use crate::signature::Parameter;
use crate::{ErrorKind, Excerpt, Text};

/// A list of pairs `NAME:VALUE`, separated by commas; an empty text has no pairs.
///
/// Each pair has exactly one colon, which is written as `\:` in a description.
///
/// ```
/// use strports_syntax::Text;
/// use strports_syntax::value::Pairs;
/// let pairs = Pairs::new(Text::plain("inbound.length:5,outbound.length:5")).unwrap();
/// assert_eq!(pairs.text(), "inbound.length:5,outbound.length:5");
/// assert!(Pairs::new(Text::plain("fast")).is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pairs<'a>(Text<'a>);

impl<'a> Pairs<'a> {
    /// Checks `text`; `None` if one of the pairs does not have exactly one colon.
    pub fn new(text: Text<'a>) -> Option<Self> {
        let (mut colons, mut all) = (0, true);
        for byte in text.bytes().chain([b',']) {
            match byte {
                b':' => colons += 1,
                b',' => all &= core::mem::take(&mut colons) == 1,
                _ => {}
            }
        }
        (all || text.is_empty()).then_some(Self(text))
    }

    /// The list of pairs as it was written.
    pub const fn text(&self) -> &Text<'a> {
        &self.0
    }

    /// Returns the list as a text.
    pub fn into_text(self) -> Text<'a> {
        self.0
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Pairs<'static> {
        Pairs(self.0.into_owned())
    }
}

impl<'a> FromText<'a> for Pairs<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        Self::new(text.clone()).ok_or_else(|| ErrorKind::NotPairs {
            parameter: parameter.name,
            found: Excerpt::new(text),
        })
    }
}
