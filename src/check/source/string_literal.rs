//! Decodes strings in quotation marks with escapes, for JSON, TOML and YAML.

use super::masked::Masked;
use crate::check::embedded::{Embedded, Quoting, escape_each};

/// The quoting between double quotes: backslashes and quotation marks get a backslash.
pub(super) const DOUBLE: Quoting = Quoting(|text| escape_each(text, b'\\', b"\\\""));

/// The meaning of a backslash and the letter after it.
pub(super) enum Escape {
    Byte(u8),
    /// This number of hexadecimal digits follows, as the code of a character.
    Code(usize),
}

/// Adds the escape sequence whose backslash is at `start`, and returns the offset of its end.
/// `known` returns the meaning of a letter in this format.
///
/// Returns `None` if there is no such escape sequence.
pub(super) fn escape(
    it: &mut Embedded,
    file: &Masked<'_>,
    start: usize,
    known: fn(u8) -> Option<Escape>,
) -> Option<usize> {
    match known(file.byte(start + 1)?)? {
        Escape::Byte(byte) => {
            it.escape(&[byte], start..start + 2);
            Some(start + 2)
        }
        Escape::Code(digits) => {
            let mut end = start + 2 + digits;
            let mut code = hexadecimal(file, start + 2, end)?;
            // JSON writes characters beyond 16 bits as surrogate pairs.
            if (0xd800..0xdc00).contains(&code) && digits == 4 {
                let low = hexadecimal(file, end + 2, end + 6)?;
                if !file.text.get(end..)?.starts_with("\\u") || !(0xdc00..0xe000).contains(&low) {
                    return None;
                }
                code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                end += 6;
            }
            let mut buffer = [0; 4];
            it.escape(char::from_u32(code)?.encode_utf8(&mut buffer).as_bytes(), start..end);
            Some(end)
        }
    }
}

/// The number in the hexadecimal digits from `start` to `end`; `None` if a byte is not a digit.
fn hexadecimal(file: &Masked<'_>, start: usize, end: usize) -> Option<u32> {
    let digits = file.text.get(start..end)?;
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// Adds the template at `at`, or text up to the next special character. Returns the offset of its
/// end, which is at most `end` for text.
pub(super) fn plain(it: &mut Embedded, file: &Masked<'_>, at: usize, end: usize) -> usize {
    if let Some(hole) = file.hole_at(at) {
        it.unknown(hole.clone());
        return hole.end;
    }
    let next = (at + 1..end).find(|next| {
        let byte = file.byte(*next);
        !byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b":=._/,-".contains(&byte))
            || file.hole_at(*next).is_some()
    });
    let next = next.unwrap_or(end);
    it.verbatim(file.file, at..next);
    next
}
