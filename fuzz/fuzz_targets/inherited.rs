//! Readers of inherited state (variables, lock files, handover messages) stay within bounds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::inherited::holds(input));
