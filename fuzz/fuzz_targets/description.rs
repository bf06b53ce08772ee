//! Printing and parsing descriptions undo each other.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::description::holds(input));
