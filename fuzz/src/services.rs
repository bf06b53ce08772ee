//! Procfiles, Dockerfiles, units of systemd, tables of cron, environments and Nix, whatever is in
//! them, are read to their ends.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["Procfile", "Dockerfile", "a.service", "a.cron", ".env", "a.nix"] {
        files::holds(name, file);
    }
}
