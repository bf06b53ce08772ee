//! What a process inherits is read within bounds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::inherited::holds(input));
