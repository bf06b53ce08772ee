//! The machines of the relay follow from the history of their events.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::relay::holds(input));
