//! Readers reach the end of every list and every INI, TOML, JSON or YAML file.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["a.list", "a.ini", "a.toml", "a.json", "a.yaml"] {
        files::holds(name, file);
    }
}
