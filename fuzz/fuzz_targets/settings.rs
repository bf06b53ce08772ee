//! A configuration is read or refused.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::settings::holds(input));
