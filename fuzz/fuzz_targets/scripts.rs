//! Readers reach the end of every shell, `cmd.exe` or PowerShell script and every Makefile.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::scripts::holds(input));
