//! Quotes text so that it can be written into an existing literal.

use crate::check::embedded::Quoting;

/// The properties of a literal that determine how text is written into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Whether the literal has the prefix `r`, so that backslashes are text.
    pub(super) raw: bool,
    /// Whether the literal has the prefix `b`.
    pub(super) bytes: bool,
    /// The byte offset of the prefix `b` in the file; `None` without one, or if the program decodes
    /// the value.
    pub(super) letter: Option<usize>,
    pub(super) template: Template,
}

/// How the program fills in the literal, which gives some characters a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Template {
    None,
    /// An f-string, or a text for `.format`, in which braces are doubled.
    Braces,
    /// The left side of `%`, in which a percent sign is doubled.
    Percent,
    /// More than one of these, for which no text can be written.
    Several,
}

impl Form {
    /// The form of the same literal if the program also fills it in as `template`.
    pub(super) fn within(self, template: Template) -> Self {
        let template = if self.template == Template::None { template } else { Template::Several };
        Self { template, ..self }
    }

    pub(super) fn quoting(self) -> Quoting {
        match (self.template, self.raw, self.bytes) {
            (Template::Several, _, _) => Quoting::NEVER,
            (Template::None, false, false) => Quoting(escaped::<0, false>),
            (Template::None, false, true) => Quoting(escaped::<0, true>),
            (Template::None, true, false) => Quoting(raw::<0, false>),
            (Template::None, true, true) => Quoting(raw::<0, true>),
            (Template::Braces, false, false) => Quoting(escaped::<BRACES, false>),
            (Template::Braces, false, true) => Quoting(escaped::<BRACES, true>),
            (Template::Braces, true, false) => Quoting(raw::<BRACES, false>),
            (Template::Braces, true, true) => Quoting(raw::<BRACES, true>),
            (Template::Percent, false, false) => Quoting(escaped::<PERCENT, false>),
            (Template::Percent, false, true) => Quoting(escaped::<PERCENT, true>),
            (Template::Percent, true, false) => Quoting(raw::<PERCENT, false>),
            (Template::Percent, true, true) => Quoting(raw::<PERCENT, true>),
        }
    }
}

/// [`Template::Braces`] as a const parameter, because a [`Quoting`] is a function without captures.
const BRACES: u8 = 1;
const PERCENT: u8 = 2;

/// Whether a character is doubled in a literal that is filled in: [`BRACES`], [`PERCENT`] or 0.
fn is_doubled(template: u8, character: char) -> bool {
    match template {
        BRACES => matches!(character, '{' | '}'),
        PERCENT => character == '%',
        _ => false,
    }
}

/// Quotes text for a literal with escape sequences. `None` if a `str` cannot contain its bytes.
fn escaped<const TEMPLATE: u8, const BYTES: bool>(text: &[u8]) -> Option<Vec<u8>> {
    let mut written = String::new();
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' | '\'' | '"' => written.extend(['\\', character]),
                '\n' => written.push_str("\\n"),
                '\r' => written.push_str("\\r"),
                '\t' => written.push_str("\\t"),
                _ if BYTES && !character.is_ascii() => {
                    let mut buffer = [0; 4];
                    let bytes = character.encode_utf8(&mut buffer).bytes();
                    written.extend(bytes.map(|byte| format!("\\x{byte:02x}")));
                }
                _ if character.is_control() => {
                    let code = u32::from(character);
                    written.extend([format!("\\x{code:02x}")]);
                }
                _ if is_doubled(TEMPLATE, character) => written.extend([character; 2]),
                _ => written.push(character),
            }
        }
        if !chunk.invalid().is_empty() && !BYTES {
            return None;
        }
        written.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    Some(written.into_bytes())
}

/// Quotes text for a raw literal. `None` if it contains a quotation mark, a control character, or
/// bytes that the literal cannot contain.
fn raw<const TEMPLATE: u8, const BYTES: bool>(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let fits =
        |it: char| !it.is_control() && !matches!(it, '\'' | '"') && (it.is_ascii() || !BYTES);
    if !text.chars().all(fits) {
        return None;
    }
    let mut written = String::new();
    for character in text.chars() {
        let times = 1 + usize::from(is_doubled(TEMPLATE, character));
        written.extend(std::iter::repeat_n(character, times));
    }
    Some(written.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use crate::check::source::tests::find;
    use strports_syntax::Span;

    const TEXTS: [&[u8]; 12] = [
        b"127.0.0.1",
        br"\:\:1",
        br"C\:\\new\\x41",
        b"{a}",
        b"100%d",
        b"it's \"it\"",
        b"a\nb\tc\r\x00\x7f",
        "\u{e9}\u{2028}".as_bytes(),
        b"\xff\xfe",
        br"\\",
        b"}}{{%%",
        b"",
    ];

    /// Writes each text into a literal, reads the program again, and counts the successful ones.
    #[track_caller]
    fn count(literal: &str) -> usize {
        let file = format!("serverFromString(r, {literal})");
        let it = find(&FORMAT, "a.py", file.as_bytes()).remove(0);
        let at = it.text().windows(2).position(|text| text == b"80").unwrap();
        let span = Span::new(at, at + 2);
        let mut count = 0;
        for text in TEXTS {
            let Some(written) = it.quote(span, text) else { continue };
            let mut changed = file.clone().into_bytes();
            changed.splice(it.locate(span), written);
            let mut wanted = it.text().to_vec();
            wanted.splice(at..at + 2, text.iter().copied());
            let found = find(&FORMAT, "a.py", &changed);
            let shown = changed.escape_ascii();
            assert_eq!(found.len(), 1, "{shown}");
            let text = found[0].text().escape_ascii().to_string();
            assert_eq!(text, wanted.escape_ascii().to_string(), "{shown}");
            assert_eq!(found[0].holes().count(), it.holes().count(), "{shown}");
            count += 1;
        }
        count
    }

    #[test]
    fn written_fixes_parse_back() {
        for (literal, possible) in [
            (r#""tcp:80:x=y""#, 11),
            ("'tcp:80'", 11),
            ("\"\"\"tcp:80\"\"\"", 11),
            ("b'tcp:80'", 12),
            ("u'tcp:80'", 11),
            ("r'tcp:80:x=y'", 9),
            ("rb'tcp:80:x=y'", 8),
            ("f'tcp:{a}:80:{b}'", 11),
            ("rf'tcp:{a}:80:{b}'", 9),
            ("'tcp:%d:80:%s' % (a, b)", 11),
            ("r'tcp:%d:80:%s' % (a, b)", 9),
            ("b'tcp:%d:80:%s' % (a, b)", 12),
            ("'tcp:{}:80:{}'.format(a, b)", 11),
            ("r'tcp:{}:80:{}'.format(a, b)", 9),
            ("a + ':80:' + b", 11),
            ("r'tcp:' 'x:80' f'{a}'", 11),
            ("f'tcp:{a}:80:%s' % b", 0),
        ] {
            assert_eq!(count(literal), possible, "{literal}");
        }
    }

    #[test]
    fn fixes_stay_within_one_literal() {
        let file = b"serverFromString(r, 'tcp:8' r'0:in' + a + 'x')";
        let it = find(&FORMAT, "a.py", file).remove(0);
        assert_eq!(it.text(), b"tcp:80:in1x");
        let writes = |start, end| it.quote(Span::new(start, end), b"1").is_some();
        assert!(writes(0, 5) && writes(5, 9) && writes(5, 5) && writes(10, 11) && writes(11, 11));
        assert!(!writes(4, 6) && !writes(0, 11) && !writes(9, 9) && !writes(9, 10));
    }
}
