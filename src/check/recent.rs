//! A cache of results by text, so that the next version of a file is checked faster.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;

use tree_sitter::Tree;

use crate::lock::lock;

/// Syntax trees by the texts of their statements; `None` where there is no tree.
pub(crate) type Trees = Recent<Option<Tree>>;

/// A cache of values by text. A value that is not used between two calls of [`turn`](Self::turn) is
/// dropped.
pub(crate) struct Recent<V>(Mutex<Values<V>>);

struct Values<V> {
    /// The values that were used since the last turn.
    now: HashMap<Vec<u8>, V>,
    /// The values that were used before the last turn, but not since.
    before: HashMap<Vec<u8>, V>,
    /// The number of values that were computed and not found in the cache, for tests.
    made: usize,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Self(Mutex::new(Values { now: HashMap::new(), before: HashMap::new(), made: 0 }))
    }
}

impl<V: Clone> Recent<V> {
    /// The value for a text, which is computed with `make` if it is missing.
    pub(crate) fn get(&self, text: &[u8], make: impl FnOnce() -> V) -> V {
        let mut values = lock(&self.0);
        if let Some(value) = values.now.get(text) {
            return value.clone();
        }
        let (text, value) = values.before.remove_entry(text).unwrap_or_else(|| {
            values.made += 1;
            (text.to_owned(), make())
        });
        values.now.insert(text, value.clone());
        value
    }

    /// Begins a new version: entries that the previous one did not use are dropped.
    pub(crate) fn turn(&self) {
        let mut values = lock(&self.0);
        values.before = std::mem::take(&mut values.now);
    }

    /// The number of values that were computed, in all versions.
    #[cfg(test)]
    pub(crate) fn made(&self) -> usize {
        lock(&self.0).made
    }
}

impl<V> fmt::Debug for Recent<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_two_turns_do_not_use_are_dropped() {
        let recent = Recent::default();
        let get = |text: &[u8]| recent.get(text, || text.len());
        assert_eq!((get(b"a"), get(b"bb"), get(b"a"), recent.made()), (1, 2, 1, 2));
        recent.turn();
        assert_eq!((get(b"a"), recent.made()), (1, 2));
        recent.turn();
        assert_eq!((get(b"a"), get(b"bb"), recent.made()), (1, 2, 3));
    }
}
