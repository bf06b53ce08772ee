//! Pauses of clients that connect again, and of listeners that cannot accept, double up to a limit.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::pauses::holds(input));
