//! Typed endpoints print what parses back to them.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::endpoints::holds(input));
