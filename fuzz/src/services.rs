//! Procfiles, Dockerfiles, units of systemd, tables of cron, environments and Nix, whatever is in
//! them, are read to their ends.

use crate::files;

/// The law, on one file, under each name of the family.
pub fn holds(file: &[u8]) {
    for name in ["Procfile", "Dockerfile", "a.service", "a.cron", ".env", "a.nix"] {
        files::holds(name, file);
    }
}
