//! Splits the text of a list value at its commas.

use crate::Text;

/// The size in bytes of an item's buffer: an IPv6 address with an IPv4 tail, a slash and three
/// digits.
const LONGEST: usize = 49;

/// Iterates over the unescaped items of a list, without allocation.
///
/// There is at least one item: an empty text is one empty item.
pub(super) struct Items<'t> {
    bytes: crate::text::Bytes<'t>,
    /// Whether the last item was returned.
    done: bool,
}

impl<'t> Items<'t> {
    pub(super) fn new(text: &'t Text<'_>) -> Self {
        Self { bytes: text.bytes(), done: false }
    }
}

/// One item of a list, copied to a buffer.
pub(super) struct Item {
    buffer: [u8; LONGEST],
    /// The length of the item, which may exceed the buffer.
    len: usize,
}

impl Item {
    /// The item as text; `None` if it is longer than 49 bytes or not UTF-8, and so not valid
    /// anyway.
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
