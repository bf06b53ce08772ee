//! The delay between two connection attempts, in fractions of a second.
//!
//! ```abnf
//! delay = 1*DIGIT [ "." 1*3DIGIT ]
//! ```

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::from_text::FromText;
use crate::signature::Parameter;
use crate::{ErrorKind, Excerpt, Text};

/// The delay between connection attempts to the addresses of a host: 0.1 to 2 seconds.
///
/// It keeps its original spelling, which comparisons ignore.
///
/// RFC 8305 (section 8) recommends these bounds.
///
/// ```
/// use strports_syntax::{ClientEndpoint, value::Delay};
/// let ClientEndpoint::Tcp(tcp) = ClientEndpoint::parse("tcp:h:80:attemptDelay=0.50")? else {
///     unreachable!()
/// };
/// assert_eq!(tcp.attempt_delay.millis(), 500);
/// assert_eq!(tcp.attempt_delay.to_string(), "0.5");
/// assert_eq!(tcp.attempt_delay, Delay::from_millis(500).unwrap());
/// # Ok::<(), strports_syntax::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Delay<'a> {
    millis: u16,
    spelling: Option<Text<'a>>,
}

const LEAST: u16 = 100;
const GREATEST: u16 = 2_000;
const EXPECTED: &str = "seconds from 0.1 to 2, with at most 3 decimals,";

impl<'a> Delay<'a> {
    /// The default of 0.25 seconds, which RFC 8305 recommends.
    pub const RECOMMENDED: Self = Self { millis: 250, spelling: None };

    /// Creates a delay of `millis` milliseconds; `None` unless it is from 100 to 2000.
    ///
    /// ```
    /// use strports_syntax::value::Delay;
    /// assert_eq!(Delay::from_millis(2_000).unwrap().to_string(), "2");
    /// assert!(Delay::from_millis(99).is_none());
    /// ```
    pub const fn from_millis(millis: u16) -> Option<Self> {
        match millis {
            LEAST..=GREATEST => Some(Self { millis, spelling: None }),
            _ => None,
        }
    }

    /// The delay in milliseconds.
    pub const fn millis(&self) -> u16 {
        self.millis
    }

    /// The text that the value was read from; `None` for a value that was not parsed.
    pub const fn spelling(&self) -> Option<&Text<'a>> {
        self.spelling.as_ref()
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Delay<'static> {
        Delay { millis: self.millis, spelling: self.spelling.map(Text::into_owned) }
    }
}

impl PartialEq for Delay<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.millis == other.millis
    }
}

impl Eq for Delay<'_> {}

impl Hash for Delay<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.millis.hash(state);
    }
}

impl PartialOrd for Delay<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Delay<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.millis.cmp(&other.millis)
    }
}

/// Prints the delay in seconds, with as few decimals as possible.
impl fmt::Display for Delay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Thousandths(self.millis).fmt(f)
    }
}

/// A number of thousandths, which prints as a decimal number with as few decimals as possible.
pub(crate) struct Thousandths(pub(crate) u16);

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1000, self.0 % 1000);
        match (rest % 100, rest % 10) {
            _ if rest == 0 => write!(f, "{whole}"),
            (0, _) => write!(f, "{whole}.{}", rest / 100),
            (_, 0) => write!(f, "{whole}.{:02}", rest / 10),
            _ => write!(f, "{whole}.{rest:03}"),
        }
    }
}

impl<'a> FromText<'a> for Delay<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        let delay = thousandths(text.bytes()).and_then(Self::from_millis);
        let delay = delay.ok_or_else(|| ErrorKind::OutOfRange {
            parameter: parameter.name,
            found: Excerpt::new(text),
            expected: EXPECTED,
        })?;
        Ok(Self { spelling: Some(text.clone()), ..delay })
    }
}

/// Parses a decimal number with at most three decimals, such as `0.25`, to thousandths.
///
/// Returns `None` for other text, and for numbers above 65.535.
fn thousandths(text: impl IntoIterator<Item = u8>) -> Option<u16> {
    let mut value = 0_u16;
    let (mut digits, mut decimals) = (0, None);
    for byte in text {
        match (byte, decimals) {
            (b'.', None) if digits > 0 => decimals = Some(0),
            (b'0'..=b'9', None | Some(0..=2)) => {
                value = value.checked_mul(10)?.checked_add((byte - b'0').into())?;
                digits += 1;
                decimals = decimals.map(|count| count + 1);
            }
            _ => return None,
        }
    }
    match decimals {
        None if digits > 0 => value.checked_mul(1000),
        Some(1) => value.checked_mul(100),
        Some(2) => value.checked_mul(10),
        Some(3) => Some(value),
        _ => None,
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn decimals_are_read_and_printed_as_short_as_they_can_be() {
        for (text, millis, shown) in [
            ("0.1", 100, "0.1"),
            ("2", 2000, "2"),
            ("2.000", 2000, "2"),
            ("00.250", 250, "0.25"),
            ("1.234", 1234, "1.234"),
            ("1.005", 1005, "1.005"),
            ("0.12", 120, "0.12"),
        ] {
            assert_eq!(thousandths(text.bytes()), Some(millis), "{text}");
            assert_eq!(Delay::from_millis(millis).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn other_text_is_not_a_decimal_number() {
        for text in ["", ".", ".5", "1.", "1.2345", "-1", "+1", "1,5", "1e-1", " 1", "1_0", "70"] {
            assert_eq!(thousandths(text.bytes()), None, "{text}");
        }
    }
}
