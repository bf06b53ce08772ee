//! Readers reach the end of every Markdown and reStructuredText file.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["a.md", "a.rst"] {
        files::holds(name, file);
    }
}
