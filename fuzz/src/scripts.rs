//! Scripts of shells, of `cmd.exe` and of PowerShell, and Makefiles, whatever is in them, are read
//! to their ends.

use crate::files;

/// Checks the law on one file, under the file name of each format.
pub fn holds(file: &[u8]) {
    for name in ["a.sh", "a.bat", "a.ps1", "Makefile"] {
        files::holds(name, file);
    }
}
