//! What a reader could not do with a file that a `[[source]]` of the user's names.

use std::cell::RefCell;

/// So many notes of one file are kept.
const MAX_NOTES: usize = 100;

/// The notes of one file, in the order of their places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(RefCell<Vec<Note>>);

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// The byte of the file that it is about.
    pub(crate) at: usize,
    pub(crate) message: String,
    /// The path of keys that it is about; see [`Notes::reached`].
    path: Option<String>,
}

/// What a value is that is no text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    List,
    Table,
}

impl Notes {
    pub(super) fn push(&self, at: usize, message: String, path: Option<String>) {
        let mut notes = self.0.borrow_mut();
        if notes.len() < MAX_NOTES {
            notes.push(Note { at, message, path });
        }
    }

    /// Drops the notes on a table or list that does contain a description.
    pub(super) fn reached(&self, path: &str) {
        self.0.borrow_mut().retain(|note| {
            let outer = note.path.as_deref();
            let inside = outer.and_then(|outer| path.strip_prefix(outer));
            !inside.is_some_and(|inside| inside.starts_with('.'))
        });
    }

    pub(crate) fn take(&self) -> Vec<Note> {
        self.0.take()
    }
}

impl Shape {
    /// What to write in place of `key`, which names the whole of it.
    pub(super) fn advice(self, key: &str) -> String {
        match self {
            Self::List => {
                format!("a list, but a description is a text (`{key}.*` names its items)")
            }
            Self::Table => {
                format!("a table, but a description is a text (`{key}.*` names all keys in it)")
            }
        }
    }
}
