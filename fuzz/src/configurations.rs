//! Parsing terminates for every list and every INI, TOML, JSON or YAML file.

use crate::files;

/// Checks the law: `file` is the content of a file, which is parsed as each of these formats.
pub fn holds(file: &[u8]) {
    for name in ["a.list", "a.ini", "a.toml", "a.json", "a.yaml"] {
        files::holds(name, file);
    }
}
