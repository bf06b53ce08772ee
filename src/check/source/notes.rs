//! Messages about values that are not text, or not readable, in files that a `[[source]]` of the
//! user names. They are problems of a run, not findings.

use std::cell::RefCell;

/// The maximum number of notes per file.
const MAX_NOTES: usize = 100;

/// The notes of one file, in the order in which its reader added them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(RefCell<Vec<Note>>);

/// A message about one value that the reader could not use.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// The offset of the value in the file.
    pub(crate) at: usize,
    pub(crate) message: String,
    /// The path of keys to the value; `None` if the note is about the whole file.
    path: Option<String>,
}

/// The kind of a value that should be text, but is not.
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

    /// Drops the notes about tables and lists around the description at `path`. Such a table is not
    /// a mistake.
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
    /// Describes the value, and suggests an entry of the configuration instead of `key`, which
    /// names the whole value.
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
