//! PROXY headers decode the same in pieces, and decoding inverts encoding.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::proxy::holds(input));
