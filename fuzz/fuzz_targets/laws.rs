//! Every law of the language on the same bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::all(input));
