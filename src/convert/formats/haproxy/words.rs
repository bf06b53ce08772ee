//! Splits a line of HAProxy into words, and unquotes them like HAProxy's `parse_line`.
//!
//! - `#` begins a comment, also inside a word.
//! - Single quotes keep every character. Double quotes keep blanks and `#`, and expand variables.
//! - Outside of single quotes, a backslash may precede a blank, a backslash, a quote, `#`, `n`,
//!   `r`, `t` or `xHH`, and in double quotes `$`. Before other characters it is kept.

use crate::convert::loss::Failure;

/// Splits a line into unquoted words; a comment is left out.
///
/// # Errors
///
/// Returns an error for an open quote, an invalid escape, and a variable of the environment, whose
/// value is unknown here.
pub(super) fn words(line: &str) -> Result<Vec<String>, Failure> {
    let fail = |why: &str| Err(Failure::new(line.trim(), why));
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        let is_plain = match (quote, char) {
            (None, '#') => break,
            (None, _) if is_blank(char) => {
                words.extend(word.take());
                continue;
            }
            (None, '"' | '\'') => {
                quote = Some(char);
                word.get_or_insert_default();
                continue;
            }
            (Some(open), _) if open == char => {
                quote = None;
                continue;
            }
            (Some('"'), '$') => return fail("it contains an environment variable"),
            (Some('\''), _) => true,
            _ => char != '\\',
        };
        let word = word.get_or_insert_default();
        if is_plain {
            word.push(char);
            continue;
        }
        let mut rest = chars.clone();
        match rest.next() {
            Some(next) if is_blank(next) || matches!(next, '\\' | '"' | '\'' | '#') => {
                word.push(next);
            }
            Some('$') if quote == Some('"') => word.push('$'),
            Some('n') => word.push('\n'),
            Some('r') => word.push('\r'),
            Some('t') => word.push('\t'),
            Some('x') => match byte(rest.as_str()) {
                Some(byte) => {
                    word.push(byte);
                    rest.nth(1);
                }
                None => return fail("expected two digits of an ASCII character after `\\x`"),
            },
            _ => {
                word.push('\\');
                continue;
            }
        }
        chars = rest;
    }
    if quote.is_some() {
        return fail("a quote is not closed");
    }
    words.extend(word);
    Ok(words)
}

/// Whether C's `isspace` accepts a character; a no-break space belongs to a word.
const fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// Returns the ASCII character of two hexadecimal digits at the start of a text. `None` for others,
/// and for `00`, which would end a string in C.
fn byte(text: &str) -> Option<char> {
    let digits = text.get(..2).filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let byte = u8::from_str_radix(digits, 16).ok()?;
    (1..128).contains(&byte).then(|| byte.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_haproxy_2_6_reads() {
        // The words are those that HAProxy printed in its message about an unknown keyword.
        for (text, word) in [
            (r"zz\ b", "zz b"),
            (r#""zz b""#, "zz b"),
            ("'zz b'", "zz b"),
            (r#"zz"a b"c"#, "zza bc"),
            ("'zz$V'", "zz$V"),
            ("zz$V", "zz$V"),
            (r"zz\#b", "zz#b"),
            ("zz#b", "zz"),
            (r#""zz#b""#, "zz#b"),
            ("'zz#b'", "zz#b"),
            (r"zz\nb", "zz\nb"),
            (r"zz\tb", "zz\tb"),
            (r#""zz\nb""#, "zz\nb"),
            (r"'zz\nb'", r"zz\nb"),
            (r#""zz\$V""#, "zz$V"),
            (r"zz\$V", r"zz\$V"),
            (r#""zz\"b""#, "zz\"b"),
            (r#""zz\'b""#, "zz'b"),
            (r#"zz\"b"#, "zz\"b"),
            (r"zz\'b", "zz'b"),
            (r"zz\x41b", "zzAb"),
            (r#""zz\x41b""#, "zzAb"),
            (r"'zz\x41b'", r"zz\x41b"),
            (r"zz\\b", r"zz\b"),
            (r#""zz\\b""#, r"zz\b"),
            (r"'zz\\b'", r"zz\\b"),
            (r"zz\qb", r"zz\qb"),
            (r#""zz\qb""#, r"zz\qb"),
            (r"zz\", r"zz\"),
            (r#""zz\ b""#, "zz b"),
            (r"'zz\ b'", r"zz\ b"),
            (r#""zz\#b""#, "zz#b"),
            (r"'zz\#b'", r"zz\#b"),
            (r#""a"'zz b'"#, "azz b"),
            ("zz''b", "zzb"),
            ("zz;b", "zz;b"),
            ("zz\u{b}b", "zz"),
            ("zz\u{a0}b", "zz\u{a0}b"),
        ] {
            let words = words(text).unwrap();
            assert_eq!(words.first().map(String::as_str), Some(word), "{text}");
        }
        for text in [
            r"'zz\'b'",
            "zz\"b",
            "zz'b",
            r"zz\x4",
            r"zz\x4g",
            r#""zz$V""#,
            r#""zz${V-d}""#,
            r#""zz$""#,
            r#""zz\x00b""#,
            r"zz\xe9",
        ] {
            assert!(words(text).is_err(), "{text}");
        }
        assert_eq!(words(" # a 'b").unwrap(), [""; 0]);
        assert_eq!(words("a\t\"\" b ").unwrap(), ["a", "", "b"]);
    }
}
