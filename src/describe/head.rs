//! The beginning of a text that may be long.

use strports_syntax::Printable;

/// At most `most` bytes of a text without control characters, with `…` where it was cut.
pub(crate) fn head(text: &[u8], most: usize) -> String {
    let end = character_start(text, text.len().min(most));
    let mut head = Printable::new(text.get(..end).unwrap_or_default()).to_string();
    if end < text.len() {
        head.push('…');
    }
    head
}

/// The nearest offset before, or at, `offset` that is not inside a character.
pub(crate) fn character_start(text: &[u8], offset: usize) -> usize {
    let continues = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let first = offset.saturating_sub(3);
    (first..=offset).rev().find(|at| !continues(at)).unwrap_or(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(head("aéb".as_bytes(), 9), "aéb");
        assert_eq!(head("aéb".as_bytes(), 2), "a…");
        assert_eq!(head(b"a\nb", 2), r"a\n…");
    }
}
