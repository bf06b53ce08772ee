//! Parsing terminates for every Procfile, Dockerfile, systemd unit, crontab, `.env` and Nix file.

use crate::files;

/// Checks the law: `file` is the content of a file, which is parsed as each of these formats.
pub fn holds(file: &[u8]) {
    for name in ["Procfile", "Dockerfile", "a.service", "a.cron", ".env", "a.nix"] {
        files::holds(name, file);
    }
}
