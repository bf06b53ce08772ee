//! The times of TCP keep-alive, which probes a peer that sends nothing.
//!
//! ```abnf
//! keep-alive = number [ "," number [ "," number ] ]
//! ```

use super::from_text::FromText;
use crate::signature::Parameter;
use crate::{ErrorKind, Excerpt, Text};

/// When to probe the silent peer of a TCP connection: `IDLE[,INTERVAL[,COUNT]]`.
///
/// ```
/// use strports_syntax::Text;
/// use strports_syntax::value::KeepAlive;
/// let probes = KeepAlive::new(Text::plain("60,10,5")).unwrap();
/// assert_eq!((probes.idle(), probes.interval(), probes.count()), (60, Some(10), Some(5)));
/// let off = KeepAlive::new(Text::plain("0")).unwrap();
/// assert_eq!((off.idle(), off.interval()), (0, None));
/// assert!(KeepAlive::new(Text::plain("0,10")).is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeepAlive<'a> {
    numbers: [Option<u16>; 3],
    text: Text<'a>,
}

/// The maximum values of Linux: idle time and interval in seconds, and the number of probes.
const GREATEST: [u16; 3] = [32767, 32767, 127];

const EXPECTED: &str =
    "0, or up to three numbers from 1 to 32767, 32767 and 127 such as `60,10,5`,";

impl<'a> KeepAlive<'a> {
    /// Parses `text`; `None` if it is not one to three numbers within their bounds.
    pub fn new(text: Text<'a>) -> Option<Self> {
        let mut numbers = [None; 3];
        let (mut at, mut number) = (0, None);
        for byte in text.bytes().chain([b',']) {
            match byte {
                b'0'..=b'9' => {
                    let so_far: u16 = number.unwrap_or(0);
                    number = Some(so_far.checked_mul(10)?.checked_add((byte - b'0').into())?);
                }
                b',' => {
                    *numbers.get_mut(at)? = Some(number.take()?);
                    at += 1;
                }
                _ => return None,
            }
        }
        let is_off = numbers == [Some(0), None, None];
        let within = |(number, greatest): (&Option<u16>, u16)| {
            number.is_none_or(|number| (1..=greatest).contains(&number))
        };
        let fits = is_off || numbers.iter().zip(GREATEST).all(within);
        fits.then_some(Self { numbers, text })
    }

    /// Seconds without data until the first probe is sent; 0 turns probes off.
    pub fn idle(&self) -> u16 {
        self.numbers[0].unwrap_or_default()
    }

    /// Seconds between two probes; `None` means the system default.
    pub const fn interval(&self) -> Option<u16> {
        self.numbers[1]
    }

    /// How many probes may stay unanswered before the connection fails; `None` means the system
    /// default.
    pub const fn count(&self) -> Option<u16> {
        self.numbers[2]
    }

    /// The three times as they were written.
    pub const fn text(&self) -> &Text<'a> {
        &self.text
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> KeepAlive<'static> {
        KeepAlive { numbers: self.numbers, text: self.text.into_owned() }
    }
}

impl<'a> FromText<'a> for KeepAlive<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        Self::new(text.clone()).ok_or_else(|| ErrorKind::OutOfRange {
            parameter: parameter.name,
            found: Excerpt::new(text),
            expected: EXPECTED,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_text_than_three_bounded_numbers_is_refused() {
        let texts =
            ["", ",", "1,", ",1", "1,,1", "1,1,1,1", "0,1", "1,0", "32768", "1,1,128", "-1", "1 "];
        for text in texts {
            assert!(KeepAlive::new(Text::plain(text)).is_none(), "{text}");
        }
    }
}
