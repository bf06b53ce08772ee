//! Python programs and configurations of buildbot, whatever is in them, are read to their ends.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["a.py", "master.cfg"] {
        files::holds(name, file);
    }
}
