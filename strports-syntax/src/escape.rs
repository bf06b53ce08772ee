//! Finds and removes escapes: `\` makes the next byte literal.
//!
//! An escape covers one byte. If that byte begins a longer UTF-8 character, the other bytes of the
//! character are literal anyway, so the unescaped text is the same.

use crate::Span;

/// The raw bytes of a key or a value, and whether they contain escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawText<'a> {
    /// Bytes without any `\`, which are their own unescaped text.
    Plain(&'a [u8]),
    /// Bytes that contain a `\` and must be unescaped.
    Escaped(&'a [u8]),
}

impl<'a> RawText<'a> {
    #[inline]
    pub(crate) const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Plain(bytes) | Self::Escaped(bytes) => bytes,
        }
    }

    /// Whether the text equals `word` after its escapes are removed.
    #[inline]
    pub(crate) fn is(self, word: &str) -> bool {
        match self {
            Self::Plain(bytes) => same(bytes, word),
            Self::Escaped(bytes) => unescape(bytes).eq(word.bytes()),
        }
    }
}

/// Whether `bytes` equals `word`; faster than `==` for short words that mostly differ.
///
/// Compares length and first byte before the rest: most words differ there, and `memcmp` would be a
/// call into the C library.
#[inline]
pub(crate) fn same(bytes: &[u8], word: &str) -> bool {
    let word = word.as_bytes();
    bytes.len() == word.len() && bytes.first() == word.first() && bytes == word
}

/// The span of an unescaped `\` at the very end of `text`; `None` if there is none.
///
/// Counts the backslashes at the end: if their number is odd, the last one escapes nothing.
pub(crate) fn trailing_backslash(text: &[u8]) -> Option<Span> {
    const EIGHT: &[u8] = &[b'\\'; 8];
    let eights = text.rchunks_exact(EIGHT.len()).take_while(|&word| word == EIGHT).count();
    let rest = text.iter().rev().skip(eights * EIGHT.len());
    let run = rest.take_while(|&&byte| byte == b'\\').count();
    (run % 2 == 1).then(|| Span::new(text.len() - 1, text.len()))
}

/// Iterates over bytes and removes their escapes; created by [`unescape`].
#[derive(Clone, Debug)]
pub(crate) struct Unescape<'a> {
    rest: &'a [u8],
}

/// Iterates over `raw` without its escapes; a trailing backslash is dropped.
pub(crate) const fn unescape(raw: &[u8]) -> Unescape<'_> {
    Unescape { rest: raw }
}

impl Unescape<'_> {
    /// How many raw bytes, escapes included, were not read yet.
    #[cfg(feature = "alloc")]
    pub(crate) const fn raw_len(&self) -> usize {
        self.rest.len()
    }
}

impl Iterator for Unescape<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        if first != b'\\' {
            return Some(first);
        }
        let (&second, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(second)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len() / 2, Some(self.rest.len()))
    }
}

/// Iterates over the bytes of `raw` other than `\`, each with its offset.
///
/// However deep a description is nested in `raw`, its text consists of these bytes and some of the
/// backslashes. Searches that ignore backslashes therefore work at every depth.
pub(crate) fn without_backslashes(raw: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    raw.iter().copied().enumerate().filter(|(_, byte)| *byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_run_of_backslashes_leaves_one() {
        for len in 0..200 {
            let text = std::format!("a{}", "\\".repeat(len));
            let odd = (len % 2 == 1).then(|| Span::new(len, len + 1));
            assert_eq!(trailing_backslash(text.as_bytes()), odd, "{len}");
        }
    }
}
