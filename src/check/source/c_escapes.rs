//! The escape sequences of C, which shells and systemd also use.

/// The C escape at the start of `text`: its length in bytes, and its value. An unknown escape has
/// itself as the value, with the backslash.
pub(super) fn escape(text: &[u8]) -> (usize, Vec<u8>) {
    let Some(letter) = text.get(1) else { return (text.len(), text.to_vec()) };
    let simple = match letter {
        b'a' => 7,
        b'b' => 8,
        b'e' | b'E' => 27,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' | b'\'' | b'"' | b'?' => *letter,
        b'0'..=b'7' => return number(text, 1, 3, 8),
        b'x' => return number(text, 2, 2, 16),
        b'u' => return number(text, 2, 4, 16),
        b'U' => return number(text, 2, 8, 16),
        _ => return (2, text[..2].to_vec()),
    };
    (2, vec![simple])
}

/// The value of up to `most` digits from the offset `start`, and the offset after them.
fn number(text: &[u8], start: usize, most: usize, radix: u32) -> (usize, Vec<u8>) {
    let digits = text[start..].iter().take(most);
    let digits = digits.take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let end = start + digits;
    let number = std::str::from_utf8(&text[start..end]).ok();
    let number = number.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let meaning = match number {
        // A number with up to three digits is a byte; a longer one is a character.
        Some(number) if most <= 3 => u8::try_from(number & 0xff).ok().map(|byte| vec![byte]),
        Some(number) => char::from_u32(number).map(|it| it.to_string().into_bytes()),
        None => None,
    };
    (end, meaning.unwrap_or_else(|| text[..end].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_escape_has_its_length() {
        let read = |text: &str| {
            let (length, meaning) = escape(text.as_bytes());
            (length, String::from_utf8(meaning).unwrap())
        };
        for (text, length, meaning) in [
            (r"\\", 2, r"\"),
            (r"\tx", 2, "\t"),
            (r"\1011", 4, "A"),
            (r"\x3a0", 4, ":"),
            (r"\x3g", 3, "\u{3}"),
            (r"\u00e9", 6, "é"),
            (r"\:", 2, r"\:"),
            (r"\xg", 2, r"\x"),
            (r"\", 1, r"\"),
        ] {
            assert_eq!(read(text), (length, meaning.to_owned()), "{text}");
        }
    }
}
