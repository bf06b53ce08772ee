//! Cuts long texts, such as descriptions, for output.

use strports_syntax::Printable;

/// Returns at most the first `most` bytes of a text, with `…` where it was cut. Control characters
/// are escaped.
pub(crate) fn head(text: &[u8], most: usize) -> String {
    let end = character_start(text, text.len().min(most));
    let mut head = Printable::new(text.get(..end).unwrap_or_default()).to_string();
    if end < text.len() {
        head.push('…');
    }
    head
}

/// Returns the start of the UTF-8 character that contains the byte `offset`. An offset between
/// characters is returned unchanged.
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
