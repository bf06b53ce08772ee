//! How to write text into a literal that is there already.

use crate::check::embedded::Quoting;

/// What one literal is, as far as writing into it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) raw: bool,
    pub(super) bytes: bool,
    pub(super) template: Template,
}

/// What is made of the text before anybody reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Template {
    None,
    /// An f-string, or one for `.format`.
    Braces,
    /// One for `%`.
    Percent,
    /// Several of these.
    Several,
}

impl Form {
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

const BRACES: u8 = 1;
const PERCENT: u8 = 2;

/// Whether a template has this character doubled.
fn is_doubled(template: u8, character: char) -> bool {
    match template {
        BRACES => matches!(character, '{' | '}'),
        PERCENT => character == '%',
        _ => false,
    }
}

/// Text for a literal with escape sequences.
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
                    written.push_str(&format!("\\x{:02x}", u32::from(character)));
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

/// Text for a raw literal, where that can hold it.
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
