//! Ports what Twisted uses of Python: exceptions, calls, `int()`, and the package `idna` for ASCII.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The exception that a Python function raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raised {
    /// `RuntimeError`: the text ends after a backslash, so the generator's `next` fails.
    StopIteration,
    /// `UnicodeEncodeError`: a key is not ASCII.
    UnicodeEncode,
    /// `IndexError`: the first positional argument, which names the type, is missing.
    Index,
    /// `TypeError`: the arguments do not match the function's parameters.
    Type,
    /// `ValueError`: the type is unknown, or a value cannot be converted.
    Value,
    /// `AttributeError`: a module has no such constant.
    Attribute,
    /// `IDNAError` or one of its subclasses: a host name is invalid.
    Idna,
    /// No exception: the model gives no answer. The slug names the row of `spec/DIFFERENCES.md`.
    Undecided(&'static str),
}

/// Positional arguments of a Python call, as `str`.
pub type Args = Vec<String>;
/// Keyword arguments of a Python call: a `dict` with `str` keys.
pub type Kwargs = BTreeMap<String, String>;

/// Binds arguments to the parameters of `def f(hidden…, names…)`. The first `required` of `names`
/// have no default.
///
/// # Errors
///
/// Returns `TypeError` for too many positional arguments, an unknown keyword, a second value for a
/// parameter, and a missing argument.
pub fn call<const N: usize>(
    hidden: &[&str],
    names: [&str; N],
    required: usize,
    args: Args,
    kwargs: Kwargs,
) -> Result<[Option<String>; N], Raised> {
    if args.len() > N {
        return Err(Raised::Type);
    }
    let mut bound = [const { None }; N];
    for (place, value) in bound.iter_mut().zip(args) {
        *place = Some(value);
    }
    for (key, value) in kwargs {
        if hidden.contains(&key.as_str()) {
            return Err(Raised::Type);
        }
        let index = names.iter().position(|name| *name == key).ok_or(Raised::Type)?;
        if bound[index].replace(value).is_some() {
            return Err(Raised::Type);
        }
    }
    if bound[..required].iter().any(Option::is_none) {
        return Err(Raised::Type);
    }
    Ok(bound)
}

/// Ports `int(text)`. Numbers that do not fit 128 bits saturate.
///
/// # Errors
///
/// Returns `ValueError` for an invalid text. Undecided if the text has numerals outside ASCII.
pub fn int(text: &str) -> Result<i128, Raised> {
    let (negative, digits) = signed(text)?;
    // CPython refuses longer decimal texts (`sys.set_int_max_str_digits`).
    if digits.bytes().filter(|byte| *byte != b'_').count() > 4300 {
        return Err(Raised::Value);
    }
    number(negative, &digits, 10)
}

/// Ports `int(text, 8)`. Numbers that do not fit 128 bits saturate.
///
/// # Errors
///
/// Returns `ValueError` for an invalid text. Undecided if the text has numerals outside ASCII.
pub fn int_base_8(text: &str) -> Result<i128, Raised> {
    let (negative, digits) = signed(text)?;
    let prefix = digits.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("0o"));
    // Python allows one underscore after the prefix.
    let digits = match prefix {
        Some(_) => digits[2..].strip_prefix('_').unwrap_or(&digits[2..]),
        None => &digits,
    };
    number(negative, digits, 8)
}

/// Strips white space and the sign. Returns whether the number is negative, and its digits.
fn signed(text: &str) -> Result<(bool, String), Raised> {
    if !text.is_ascii() && text.chars().any(|it| !it.is_ascii() && it.is_numeric()) {
        return Err(Raised::Undecided("non-ascii-digit"));
    }
    let is_space = |it: char| {
        if text.is_ascii() {
            matches!(it, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
        } else {
            it.is_whitespace()
        }
    };
    let stripped = text.trim_matches(is_space);
    let (negative, digits) = match stripped.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, stripped.strip_prefix('+').unwrap_or(stripped)),
    };
    Ok((negative, digits.to_owned()))
}

/// Parses digits, between which single underscores are allowed.
fn number(negative: bool, digits: &str, radix: u32) -> Result<i128, Raised> {
    let mut value: i128 = 0;
    let mut after_digit = false;
    for it in digits.chars() {
        match it.to_digit(radix) {
            Some(digit) => {
                value = value.saturating_mul(radix.into()).saturating_add(digit.into());
                after_digit = true;
            }
            None if it == '_' && after_digit => after_digit = false,
            None => return Err(Raised::Value),
        }
    }
    if !after_digit {
        return Err(Raised::Value);
    }
    Ok(if negative { -value } else { value })
}

/// Ports the failures of `idna.encode(text)` for ASCII names.
///
/// # Errors
///
/// Returns `IDNAError` for an invalid name. Undecided for other than ASCII, and for labels that
/// begin with `xn--`.
pub fn idna_encode(text: &str) -> Result<(), Raised> {
    let (labels, has_trailing_dot) = labels(text)?;
    for label in &labels {
        check_label(label)?;
        if label.len() > 63 {
            return Err(Raised::Idna);
        }
    }
    let longest = if has_trailing_dot { 254 } else { 253 };
    if text.len() > longest { Err(Raised::Idna) } else { Ok(()) }
}

/// Ports the failures of `idna.decode(text)` for ASCII names. Unlike encoding, it allows any
/// length.
///
/// # Errors
///
/// Returns `IDNAError` for an invalid name. Undecided for other than ASCII, and for labels that
/// begin with `xn--`.
pub fn idna_decode(text: &str) -> Result<(), Raised> {
    labels(text)?.0.iter().try_for_each(|label| check_label(label))
}

/// Splits a name into its labels; the `bool` says whether it ends in a dot.
fn labels(text: &str) -> Result<(Vec<&str>, bool), Raised> {
    if !text.is_ascii() {
        return Err(Raised::Undecided("idna-non-ascii"));
    }
    let mut labels: Vec<&str> = text.split('.').collect();
    if labels == [""] {
        return Err(Raised::Idna);
    }
    let has_trailing_dot = labels.last() == Some(&"");
    if has_trailing_dot {
        labels.pop();
    }
    Ok((labels, has_trailing_dot))
}

/// Ports `idna.core.check_label` for ASCII: letters, digits, and hyphens where they are allowed.
fn check_label(label: &str) -> Result<(), Raised> {
    let label = label.to_ascii_lowercase();
    if label.starts_with("xn--") {
        return Err(Raised::Undecided("idna-xn-label"));
    }
    let ends_in_hyphen = label.starts_with('-') || label.ends_with('-');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let refused = label.is_empty()
        || ends_in_hyphen
        || label.get(2..4) == Some("--")
        || !label.bytes().all(allowed);
    if refused { Err(Raised::Idna) } else { Ok(()) }
}

/// Ports `isIPAddress(text)`, which accepts IPv4 addresses.
pub fn is_ip_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// Ports `isIPv6Address(text)`, which ignores the zone after `%`.
pub fn is_ipv6_address(text: &str) -> bool {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<Ipv6Addr>().is_ok()
}
