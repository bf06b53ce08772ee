//! The path of keys to the value that a reader is at: sections, tables and keys from the outside
//! in, and the index of each item of a list.

use super::bounds::{MAX_KEY, MAX_KEY_DEPTH, MAX_PATH};

/// A path of keys, joined by `.`. One buffer is used for a whole file, to avoid allocations.
#[derive(Debug, Default)]
pub(crate) struct KeyPath {
    text: String,
    /// The byte offset in `text` at which each name begins.
    starts: Vec<usize>,
}

impl KeyPath {
    /// Appends the name of a key or an index, one level deeper than the last one.
    pub(super) fn push(&mut self, name: &str) {
        if !self.starts.is_empty() {
            self.text.push('.');
        }
        self.starts.push(self.text.len());
        self.text.push_str(name);
    }

    /// Like [`push`](Self::push), but converts the name to lower case.
    pub(super) fn push_lowercase(&mut self, name: &str) {
        if !name.is_ascii() {
            return self.push(&name.to_lowercase());
        }
        self.push(name);
        let start = self.text.len() - name.len();
        self.text[start..].make_ascii_lowercase();
    }

    /// Removes the last name. An empty path stays empty.
    pub(super) fn pop(&mut self) {
        if let Some(start) = self.starts.pop() {
            self.text.truncate(start.saturating_sub(1));
        }
    }

    /// Replaces the last name, as for the next key of the same table.
    pub(super) fn rename(&mut self, name: &str) {
        if let Some(start) = self.starts.last() {
            self.text.truncate(*start);
            self.text.push_str(name);
        }
    }

    /// The last name; empty if the path has none.
    pub(super) fn last(&self) -> &str {
        self.starts.last().map_or("", |start| &self.text[*start..])
    }

    /// The names, from the outside in.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let ends = self.starts.iter().skip(1).map(|start| start - 1).chain([self.text.len()]);
        self.starts.iter().zip(ends).map(|(start, end)| &self.text[*start..end])
    }

    /// The number of names in the path.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The names joined by dots; `None` if the path is deeper or longer than any path to a
    /// description.
    pub(crate) fn joined(&self) -> Option<&str> {
        let is_short = self.text.len() <= MAX_KEY
            || self.text.len() <= MAX_PATH + MAX_KEY && self.names().all(|it| it.len() <= MAX_KEY);
        (is_short && self.starts.len() <= MAX_KEY_DEPTH).then_some(&self.text)
    }
}

impl<N: AsRef<str>> FromIterator<N> for KeyPath {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        let mut path = Self::default();
        names.into_iter().for_each(|name| path.push(name.as_ref()));
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_paths_are_pushed_and_popped() {
        let mut path: KeyPath = ["a", "b.c"].into_iter().collect();
        assert_eq!(path.joined(), Some("a.b.c"));
        path.push("");
        path.rename("0");
        assert_eq!((path.joined(), path.last(), path.len()), (Some("a.b.c.0"), "0", 3));
        assert_eq!(path.names().collect::<Vec<_>>(), ["a", "b.c", "0"]);
        path.pop();
        path.push_lowercase("LISTEN");
        path.push_lowercase("\u{c9}");
        assert_eq!(path.joined(), Some("a.b.c.listen.\u{e9}"));
        path.pop();
        path.pop();
        path.pop();
        path.rename("x");
        assert_eq!((path.joined(), path.last()), (Some("x"), "x"));
        path.pop();
        assert_eq!((path.joined(), path.last(), path.len()), (Some(""), "", 0));
    }

    #[test]
    fn key_paths_over_the_limits_are_not_joined() {
        assert_eq!(["k".repeat(MAX_KEY + 1)].into_iter().collect::<KeyPath>().joined(), None);
        let deep = ["k"; MAX_KEY_DEPTH + 1];
        assert_eq!(deep.into_iter().collect::<KeyPath>().joined(), None);
        assert!(deep.into_iter().skip(1).collect::<KeyPath>().joined().is_some());
        let long = "k".repeat(MAX_KEY);
        assert_eq!([&long; 4].into_iter().collect::<KeyPath>().joined(), None);
    }
}
