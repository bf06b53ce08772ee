//! A description that is written into a file is found there.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::embedded::holds(input));
