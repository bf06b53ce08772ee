//! Readers reach the end of every shell, `cmd.exe` or PowerShell script and every Makefile.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["a.sh", "a.bat", "a.ps1", "Makefile"] {
        files::holds(name, file);
    }
}
