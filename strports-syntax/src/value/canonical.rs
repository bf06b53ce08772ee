//! The canonical spelling of integers and modes, for lints.

use alloc::format;
use alloc::string::String;

use super::integer::{Radix, integer};
use crate::Text;
use crate::signature::Kind;

/// The canonical spelling of the integer in `text`, such as `80` for ` +8_0`.
///
/// Returns `None` if `kind` takes no integers, or if the text is not one in its range.
pub(crate) fn canonical_integer(text: &Text<'_>, kind: Kind) -> Option<String> {
    if kind == Kind::Flag {
        let flag = integer(text, Radix::Decimal).ok()?;
        return Some(format!("{}", u8::from(!flag.is_zero())));
    }
    let range = kind.range()?;
    let radix = if kind == Kind::Mode { Radix::Octal } else { Radix::Decimal };
    let value = integer(text, radix).ok()?.value()?;
    range.contains(value).then(|| match radix {
        Radix::Octal => format!("{value:o}"),
        Radix::Decimal => format!("{value}"),
    })
}

/// The permission bits that `text` spells in octal; `None` if it is not a mode.
pub(crate) fn mode_bits(text: &Text<'_>) -> Option<u16> {
    u16::from_str_radix(&canonical_integer(text, Kind::Mode)?, 8).ok()
}
