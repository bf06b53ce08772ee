//! Quotes the text of a fix for its place in a file, such as a shell command in a JSON string.

use std::fmt;

/// How text is quoted at the place of a description, such as inside a JSON string.
///
/// The function returns `None` for text that cannot be written there.
#[derive(Clone, Copy)]
pub(crate) struct Quoting(pub(crate) fn(&[u8]) -> Option<Vec<u8>>);

impl Quoting {
    /// No quoting. Text with control characters cannot be written.
    pub(crate) const PLAIN: Self = Self(|text| unchanged_without(text, &[]));

    /// For a place at which no text can be written, so that no fix is offered.
    pub(crate) const NEVER: Self = Self(|_| None);

    /// Between single quotes, where neither a quotation mark nor an escape can be written.
    pub(crate) const LITERAL: Self = Self(|text| unchanged_without(text, b"'"));
}

impl fmt::Debug for Quoting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quoting")
    }
}

/// `text` itself, unless it has control characters or one of `excluded`.
fn unchanged_without(text: &[u8], excluded: &[u8]) -> Option<Vec<u8>> {
    let fits = !text.iter().any(|byte| byte.is_ascii_control() || excluded.contains(byte));
    fits.then(|| text.to_vec())
}

/// `text` with `escape` before each of `special`; `None` if it has control characters.
pub(crate) fn escape_each(text: &[u8], escape: u8, special: &[u8]) -> Option<Vec<u8>> {
    let mut quoted = Vec::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_control() {
            return None;
        }
        if special.contains(byte) {
            quoted.push(escape);
        }
        quoted.push(*byte);
    }
    Some(quoted)
}

/// `text` with each `quote` doubled; `None` if it has control characters.
pub(crate) fn double_each(text: &[u8], quote: u8) -> Option<Vec<u8>> {
    let fits = !text.iter().any(u8::is_ascii_control);
    fits.then(|| {
        let times = |byte: u8| if byte == quote { 2 } else { 1 };
        text.iter().flat_map(|byte| std::iter::repeat_n(*byte, times(*byte))).collect()
    })
}

/// Up to four nested quotings, such as those of a shell command in a JSON string. The innermost
/// comes first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layers([Option<Quoting>; 4]);

impl Layers {
    pub(super) const fn new(quoting: Quoting) -> Self {
        Self([Some(quoting), None, None, None])
    }

    /// Nests these layers inside `outer`.
    pub(super) fn within(self, outer: Self) -> Self {
        let mut all = self.0.into_iter().chain(outer.0).flatten();
        let layers = std::array::from_fn(|_| all.next());
        // If there are too many layers, no fix can be written.
        if all.next().is_some() { Self::new(Quoting::NEVER) } else { Self(layers) }
    }

    /// Whether at most one layer changes the text that it quotes.
    pub(super) fn is_one(self) -> bool {
        // A layer that does not change text does not count.
        let changes = |it: &Quoting| (it.0)(b"\"'\\$").as_deref() != Some(b"\"'\\$");
        self.0.into_iter().flatten().filter(changes).count() <= 1
    }

    /// `text`, quoted for every layer from the inside out; `None` if a layer cannot contain it.
    pub(super) fn quote(self, text: &[u8]) -> Option<Vec<u8>> {
        self.0.into_iter().flatten().try_fold(text.to_vec(), |text, quoting| (quoting.0)(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_bytes_are_escaped_and_control_characters_refused() {
        assert_eq!(escape_each(br"a:\b", b'\\', br"\").as_deref(), Some(&br"a:\\b"[..]));
        assert_eq!(escape_each(b"a\nb", b'\\', b""), None);
        assert_eq!(double_each(b"it's", b'\'').as_deref(), Some(&b"it''s"[..]));
        assert_eq!((double_each(b"\n", b'\''), Quoting::LITERAL.0(b"it's")), (None, None));
    }
}
