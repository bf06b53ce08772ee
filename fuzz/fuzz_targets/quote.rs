//! Quoted text reads as itself in each of the three places.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::quote::holds(input));
