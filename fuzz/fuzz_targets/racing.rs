//! Races and retries keep their invariants.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::racing::holds(input));
