//! Readers reach the end of every list and every INI, TOML, JSON or YAML file.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::configurations::holds(input));
