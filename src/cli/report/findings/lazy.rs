//! JSON lists whose items are created during serialization, so that they are never in memory
//! together.

use std::cell::Cell;

use serde::{Serialize, Serializer};

/// Serializes the items of an iterator as a list. It can be serialized only once.
pub(super) struct Lazy<I>(Cell<Option<I>>);

impl<I> Lazy<I> {
    pub(super) const fn new(items: I) -> Self {
        Self(Cell::new(Some(items)))
    }
}

impl<I: Iterator<Item: Serialize>> Serialize for Lazy<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_equal_those_of_a_list() {
        let written = |items: &[u8]| serde_json::to_string(&Lazy::new(items.iter())).unwrap();
        assert_eq!((written(&[1, 2]), written(&[])), ("[1,2]".into(), "[]".into()));
    }
}
