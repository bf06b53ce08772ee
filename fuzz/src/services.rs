//! Procfiles, Dockerfiles and units of systemd, whatever is in them, are read to their ends.

use crate::files;

/// The law, on one file, under each name of the family.
pub fn holds(file: &[u8]) {
    for name in ["Procfile", "Dockerfile", "a.service"] {
        files::holds(name, file);
    }
}
