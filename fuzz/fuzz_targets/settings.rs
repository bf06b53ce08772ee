//! Any `strports.toml` is accepted, or refused with a position.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::settings::holds(input));
