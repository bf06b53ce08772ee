//! PROXY headers are the same in pieces, and survive being encoded.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::proxy::holds(input));
