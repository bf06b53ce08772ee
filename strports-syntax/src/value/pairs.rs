//! Names with values, in one argument.

use super::from_text::FromText;
use crate::signature::Parameter;
use crate::{ErrorKind, Excerpt, Text};

/// Pairs `NAME:VALUE` separated by commas; none where the text is empty.
///
/// Each pair has exactly one colon, which a description escapes.
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
    /// From a text; `None` where a pair has no colon, or more than one.
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

    /// The text.
    pub const fn text(&self) -> &Text<'a> {
        &self.0
    }

    /// The text, without its parts.
    pub fn into_text(self) -> Text<'a> {
        self.0
    }

    /// The same, borrowing nothing.
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
