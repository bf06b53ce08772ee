//! Splits a list at its commas.

use crate::Text;

/// The longest item: an IPv6 address with an IPv4 tail, a slash and three digits.
const LONGEST: usize = 49;

/// Iterates over the items of a list without escapes and without allocation; at least one.
pub(super) struct Items<'t> {
    bytes: crate::text::Bytes<'t>,
    done: bool,
}

impl<'t> Items<'t> {
    pub(super) fn new(text: &'t Text<'_>) -> Self {
        Self { bytes: text.bytes(), done: false }
    }
}

/// One item in a buffer, and its length, which may exceed the buffer.
pub(super) struct Item {
    buffer: [u8; LONGEST],
    len: usize,
}

impl Item {
    /// The item as text; `None` if it is longer than the buffer, or not UTF-8.
    pub(super) fn as_str(&self) -> Option<&str> {
        self.buffer.get(..self.len).and_then(|item| core::str::from_utf8(item).ok())
    }
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.done {
            return None;
        }
        let mut item = Item { buffer: [0; LONGEST], len: 0 };
        loop {
            match self.bytes.next() {
                None => self.done = true,
                Some(b',') => {}
                Some(byte) => {
                    if let Some(slot) = item.buffer.get_mut(item.len) {
                        *slot = byte;
                    }
                    item.len += 1;
                    continue;
                }
            }
            return Some(item);
        }
    }
}
