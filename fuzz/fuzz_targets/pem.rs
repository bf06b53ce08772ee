//! PEM files are read as they were written, and no message shows a key.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::pem::holds(input));
