//! Every description that `strports convert` writes is valid.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::conversions::holds(input));
