//! Limits on the time and memory for one file. Only files that were made for that exceed them.
//!
//! Readers store words in [`Words`] and descriptions in [`Found`]. Memory is therefore bounded by a
//! constant plus the size of the file.

use std::ops::Deref;

use crate::check::embedded::Embedded;

/// The maximum number of keys in a path. Values below more keys are not descriptions.
pub(crate) const MAX_KEY_DEPTH: usize = 128;
/// The maximum length in bytes of a path of keys, without the last key.
pub(crate) const MAX_PATH: usize = 2048;
/// The maximum length of a key in bytes.
pub(crate) const MAX_KEY: usize = 1024;
/// The maximum number of descriptions of one file that are checked, and of its findings.
pub(crate) const MAX_DESCRIPTIONS: usize = 10_000;
/// The maximum number of bytes in all descriptions of one file.
const MAX_TEXT: usize = 1 << 20;
/// The maximum sum of the weights of the words in one command; see [`Embedded::weight`].
const MAX_WEIGHT: usize = 16 << 10;

/// The words of one command. Words after the maximum weight are dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    list: Vec<Embedded>,
    weight: usize,
}

impl Words {
    pub(super) fn push(&mut self, word: Embedded) {
        self.weight += word.weight();
        if self.weight <= MAX_WEIGHT {
            self.list.push(word);
        }
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.weight = 0;
    }
}

impl Deref for Words {
    type Target = [Embedded];

    fn deref(&self) -> &[Embedded] {
        &self.list
    }
}

impl FromIterator<Embedded> for Words {
    fn from_iter<I: IntoIterator<Item = Embedded>>(words: I) -> Self {
        let mut it = Self::default();
        words.into_iter().for_each(|word| it.push(word));
        it
    }
}

/// The descriptions of one file, up to one more than are checked. That last one shows that the file
/// has more.
#[derive(Debug, Default)]
pub(crate) struct Found {
    list: Vec<Embedded>,
    /// The sum of the lengths of all texts, in bytes.
    text: usize,
}

impl Found {
    pub(super) fn push(&mut self, it: Embedded) {
        let is_full = self.list.len() > MAX_DESCRIPTIONS || self.text > MAX_TEXT;
        if !is_full {
            self.text += it.text().len();
            self.list.push(it);
        }
    }

    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = Embedded>) {
        more.into_iter().for_each(|it| self.push(it));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn into_vec(self) -> Vec<Embedded> {
        self.list
    }
}

/// Shortens the name of a key to one byte more than the maximum, so that it stays too long.
pub(super) fn key(name: &str) -> &str {
    let end = (0..=(MAX_KEY + 1).min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    &name[..end.unwrap_or_default()]
}
