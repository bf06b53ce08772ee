//! Iterators over the unescaped bytes and characters of a text.

use crate::escape::{self, Unescape};

/// The iterator over unescaped bytes, returned by [`Text::bytes`](crate::Text::bytes).
#[derive(Clone, Debug)]
pub struct Bytes<'t>(Source<'t>);

#[derive(Clone, Debug)]
enum Source<'t> {
    Plain(core::slice::Iter<'t, u8>),
    Escaped(Unescape<'t>),
}

impl<'t> Bytes<'t> {
    pub(super) fn plain(bytes: &'t [u8]) -> Self {
        Self(Source::Plain(bytes.iter()))
    }

    pub(super) const fn escaped(raw: &'t [u8]) -> Self {
        Self(Source::Escaped(escape::unescape(raw)))
    }

    /// How many raw bytes, escapes included, were not read yet.
    #[cfg(feature = "alloc")]
    pub(crate) fn raw_len(&self) -> usize {
        match &self.0 {
            Source::Plain(bytes) => bytes.len(),
            Source::Escaped(bytes) => bytes.raw_len(),
        }
    }
}

impl Iterator for Bytes<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        match &mut self.0 {
            Source::Plain(bytes) => bytes.next().copied(),
            Source::Escaped(bytes) => bytes.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Source::Plain(bytes) => bytes.size_hint(),
            Source::Escaped(bytes) => bytes.size_hint(),
        }
    }
}

/// The iterator over unescaped characters, returned by [`Text::chars`](crate::Text::chars).
#[derive(Clone, Debug)]
pub struct Chars<'t> {
    bytes: Bytes<'t>,
    /// Bytes that were read ahead as a part of a character, but did not continue it. The first
    /// `pending` of them are read again.
    pushed_back: [u8; 3],
    pending: usize,
}

impl<'t> Chars<'t> {
    pub(super) const fn new(bytes: Bytes<'t>) -> Self {
        Self { bytes, pushed_back: [0; 3], pending: 0 }
    }

    fn next_byte(&mut self) -> Option<u8> {
        if self.pending == 0 {
            return self.bytes.next();
        }
        let byte = self.pushed_back[0];
        self.pushed_back.rotate_left(1);
        self.pending -= 1;
        Some(byte)
    }
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let first = self.next_byte()?;
        let wanted = match first {
            0x00..=0x7f => return Some(char::from(first)),
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return Some(char::REPLACEMENT_CHARACTER),
        };
        let mut buffer = [first, 0, 0, 0];
        let mut filled = 1;
        while filled < wanted {
            let Some(byte) = self.next_byte() else { break };
            buffer[filled] = byte;
            filled += 1;
            if byte & 0xc0 != 0x80 {
                break;
            }
        }
        let found = core::str::from_utf8(&buffer[..filled]).ok().and_then(|s| s.chars().next());
        if found.is_none() {
            self.pending = filled - 1;
            self.pushed_back.copy_from_slice(&buffer[1..]);
        }
        Some(found.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}
