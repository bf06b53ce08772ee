//! Every mistake is found at its place, and safe fixes mend.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::bind::holds(input));
