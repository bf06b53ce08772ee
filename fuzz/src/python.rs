//! Readers reach the end of every Python program and configuration of buildbot.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["a.py", "master.cfg"] {
        files::holds(name, file);
    }
}
