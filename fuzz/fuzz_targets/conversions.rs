//! Conversions to a description give descriptions.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::conversions::holds(input));
