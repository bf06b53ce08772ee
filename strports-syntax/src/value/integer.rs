//! Reads integers as Python's `int()` does, including signs, blanks and underscores.
//!
//! ```text
//! integer = *space [ "+" / "-" ] digits *space
//! octal   = *space [ "+" / "-" ] [ "0" ( "o" / "O" ) [ "_" ] ] digits *space
//! digits  = DIGIT *( [ "_" ] DIGIT )
//! ```
//!
//! `int()` also accepts digits of other scripts; here they are a separate error.

use crate::Text;

/// An integer that was read: a sign and a magnitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Integer {
    pub(crate) negative: bool,
    /// The absolute value; `None` if it exceeds 64 bits.
    pub(crate) magnitude: Option<u64>,
}

impl Integer {
    /// The value with its sign; `None` if it exceeds 64 bits, which is outside every range.
    pub(crate) fn value(self) -> Option<i128> {
        let magnitude = i128::from(self.magnitude?);
        Some(if self.negative { -magnitude } else { magnitude })
    }

    pub(crate) const fn is_zero(self) -> bool {
        matches!(self.magnitude, Some(0))
    }
}

/// The base in which a parameter's integers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Radix {
    Decimal,
    Octal,
}

impl Radix {
    const fn base(self) -> u8 {
        match self {
            Self::Decimal => 10,
            Self::Octal => 8,
        }
    }
}

/// Why a text is not accepted as an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAnInteger {
    /// Python's `int()` rejects the text too.
    Malformed,
    /// Python's `int()` accepts the text, but it has digits that are not ASCII.
    OtherScript,
}

/// The number of decimal digits above which `int()` fails.
///
/// It is Python's `sys.int_info.default_max_str_digits`, which does not apply to bases that are a
/// power of 2.
const MOST_DECIMAL_DIGITS: usize = 4300;

/// Reads `text` as Python's `int(text)` or `int(text, 8)` does.
pub(crate) fn integer(text: &Text<'_>, radix: Radix) -> Result<Integer, NotAnInteger> {
    if let Some(magnitude) = few_digits(text.raw(), radix) {
        return Ok(Integer { negative: false, magnitude: Some(magnitude.into()) });
    }
    let mut chars = text.chars().skip_while(|&char| is_space(char)).peekable();
    let negative = match chars.peek() {
        Some(&sign @ ('+' | '-')) => {
            chars.next();
            sign == '-'
        }
        _ => false,
    };
    let mut digits = Digits::new(radix);
    if radix == Radix::Octal && chars.peek() == Some(&'0') {
        chars.next();
        match chars.peek() {
            Some('o' | 'O') => {
                chars.next();
                chars.next_if_eq(&'_');
            }
            _ => digits.push('0')?,
        }
    }
    while let Some(char) = chars.next_if(|&char| !is_space(char)) {
        digits.push(char)?;
    }
    if chars.all(is_space) { digits.finish(negative) } else { Err(NotAnInteger::Malformed) }
}

/// The fast path for the common case: one to nine ASCII digits and nothing else.
///
/// Returns `None` for other text, which may still be an integer.
#[inline]
pub(super) fn few_digits(digits: &[u8], radix: Radix) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let base = radix.base();
    digits.iter().try_fold(0, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < base).then(|| sum * u32::from(base) + u32::from(digit))
    })
}

/// Reads a run of digits, between which single underscores are allowed.
struct Digits {
    radix: Radix,
    magnitude: Option<u64>,
    count: usize,
    after_digit: bool,
    other_script: bool,
}

impl Digits {
    const fn new(radix: Radix) -> Self {
        Self { radix, magnitude: Some(0), count: 0, after_digit: false, other_script: false }
    }

    fn push(&mut self, char: char) -> Result<(), NotAnInteger> {
        let base = u32::from(self.radix.base());
        match char.to_digit(base) {
            Some(digit) => {
                self.magnitude = self
                    .magnitude
                    .and_then(|sum| sum.checked_mul(u64::from(base)))
                    .and_then(|sum| sum.checked_add(u64::from(digit)));
            }
            None if char == '_' && self.after_digit => {
                self.after_digit = false;
                return Ok(());
            }
            None if !char.is_ascii() && char.is_numeric() => self.other_script = true,
            None => return Err(NotAnInteger::Malformed),
        }
        self.count += 1;
        self.after_digit = true;
        Ok(())
    }

    fn finish(self, negative: bool) -> Result<Integer, NotAnInteger> {
        let too_long = self.radix == Radix::Decimal && self.count > MOST_DECIMAL_DIGITS;
        if !self.after_digit || too_long {
            Err(NotAnInteger::Malformed)
        } else if self.other_script {
            Err(NotAnInteger::OtherScript)
        } else {
            Ok(Integer { negative, magnitude: self.magnitude })
        }
    }
}

/// Whether `int()` strips the character from both ends: one of 25 characters.
///
/// They are those of `str.isspace()`, except for U+001C to U+001F.
pub(super) const fn is_space(char: char) -> bool {
    matches!(
        char,
        '\t'..='\r'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Result<Option<i128>, NotAnInteger> {
        integer(&Text::plain(text), Radix::Decimal).map(Integer::value)
    }

    fn octal(text: &str) -> Result<Option<i128>, NotAnInteger> {
        integer(&Text::plain(text), Radix::Octal).map(Integer::value)
    }

    #[test]
    fn texts_that_python_int_accepts() {
        for (text, value) in
            [("80", 80), ("+80", 80), ("-1", -1), ("080", 80), ("8_0", 80), ("-0", 0)]
        {
            assert_eq!(decimal(text), Ok(Some(value)), "{text}");
        }
        assert_eq!(decimal("\u{a0}\n80\u{3000}"), Ok(Some(80)));
        assert_eq!(decimal(&"9".repeat(30)), Ok(None));
    }

    #[test]
    fn octal_forms() {
        for text in ["660", "0660", "0o660", "0O660", "0o_660", "+660", " 660 ", "6_60", "0_660"] {
            assert_eq!(octal(text), Ok(Some(0o660)), "{text}");
        }
    }

    #[test]
    fn texts_that_python_int_refuses() {
        for text in ["", " ", "+", "0x50", "1e3", "80.0", "1__0", "_10", "10_", "+ 5", "8 0"] {
            assert_eq!(decimal(text), Err(NotAnInteger::Malformed), "{text}");
        }
        for text in ["", "888", "0x1", "0b11", "o660", "_660", "0o", "0o_", "0o__6", "00o6"] {
            assert_eq!(octal(text), Err(NotAnInteger::Malformed), "{text}");
        }
        assert_eq!(decimal("\u{1c}80"), Err(NotAnInteger::Malformed));
        assert_eq!(decimal("\u{200b}80"), Err(NotAnInteger::Malformed));
    }

    #[test]
    fn more_digits_than_python_takes() {
        assert!(decimal(&"0".repeat(4300)).is_ok());
        assert!(decimal(&"0".repeat(4301)).is_err());
        assert_eq!(octal(&"0".repeat(5000)), Ok(Some(0)));
    }

    #[test]
    fn digits_of_other_scripts_have_their_own_error() {
        assert_eq!(decimal("٨٠"), Err(NotAnInteger::OtherScript));
        assert_eq!(octal("６６０"), Err(NotAnInteger::OtherScript));
    }

    #[test]
    fn vectors() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/vectors/coercion.json");
        let vectors = std::fs::read_to_string(file).unwrap();
        let vectors: std::vec::Vec<serde_json::Value> = serde_json::from_str(&vectors).unwrap();
        assert!(vectors.len() > 200);
        for vector in &vectors {
            let text = Text::plain(vector["input"].as_str().unwrap());
            let radix = if vector["as"] == "mode" { Radix::Octal } else { Radix::Decimal };
            let found = integer(&text, radix);
            let expected = &vector["ok"]["value"];
            let agrees = match (found, vector["as"].as_str()) {
                // Rejecting digits of other scripts is a documented difference from Twisted.
                (Err(NotAnInteger::OtherScript), _) => true,
                (Err(NotAnInteger::Malformed), _) => vector.get("err").is_some(),
                (Ok(found), Some("flag")) => *expected == !found.is_zero(),
                (Ok(found), Some("mode")) => found.value().is_none_or(|value| {
                    let sign = if value < 0 { "-" } else { "" };
                    *expected == std::format!("{sign}{:o}", value.unsigned_abs())
                }),
                (Ok(found), _) => match found.value().map(i64::try_from) {
                    Some(Ok(value)) if value != i64::MIN => *expected == value,
                    _ => expected.is_string(),
                },
            };
            assert!(agrees, "{vector}: {found:?}");
        }
    }
}
