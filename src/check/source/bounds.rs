//! Limits on the cost of one file, which only hostile files reach.
//!
//! A reader keeps words in [`Words`] and descriptions in [`Found`], so that memory is bounded by a
//! constant and the size of the file, whatever is in it.

use std::ops::Deref;

use crate::check::embedded::Embedded;

/// Values inside more keys than this are not descriptions.
pub(crate) const MAX_KEY_DEPTH: usize = 128;
/// Values under a longer path of keys, in bytes, are not descriptions.
pub(crate) const MAX_PATH: usize = 2048;
/// A longer key, in bytes, names no description.
pub(crate) const MAX_KEY: usize = 1024;
/// So many descriptions of one file are checked.
pub(crate) const MAX_DESCRIPTIONS: usize = 10_000;
/// So many bytes of text have all descriptions of one file together.
const MAX_TEXT: usize = 1 << 20;
/// So many words and parts of words has one command.
const MAX_WEIGHT: usize = 16 << 10;

/// The words of one command; further ones are left out.
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

/// The descriptions of one file, up to one more than are checked: that one says that there are
/// more.
#[derive(Debug, Default)]
pub(crate) struct Found {
    list: Vec<Embedded>,
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

/// The name of a key, no longer than is worth keeping.
pub(super) fn key(name: &str) -> String {
    let end = (0..=(MAX_KEY + 1).min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    name[..end.unwrap_or_default()].to_owned()
}
