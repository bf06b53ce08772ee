//! Markdown and reStructuredText, whatever is in them, are read to their ends.

use crate::files;

/// The law, on one file, under each name of the family.
pub fn holds(file: &[u8]) {
    for name in ["a.md", "a.rst"] {
        files::holds(name, file);
    }
}
