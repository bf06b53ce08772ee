//! Mistakes in nested descriptions are led back to the bytes they are in.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::nested::holds(input));
