//! Parsing terminates for every shell, `cmd.exe` or PowerShell script, and every makefile.

use crate::files;

/// Checks the law: `file` is the content of a file, which is parsed as each of these formats.
pub fn holds(file: &[u8]) {
    for name in ["a.sh", "a.bat", "a.ps1", "Makefile"] {
        files::holds(name, file);
    }
}
