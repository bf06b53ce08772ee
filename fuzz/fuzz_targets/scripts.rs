//! Scripts of shells, of `cmd.exe` and of PowerShell, and Makefiles, whatever is in them, are read
//! to their ends.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::scripts::holds(input));
