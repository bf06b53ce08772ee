//! Readers reach the end of every Procfile, Dockerfile, systemd unit, crontab, `.env` and Nix file.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["Procfile", "Dockerfile", "a.service", "a.cron", ".env", "a.nix"] {
        files::holds(name, file);
    }
}
