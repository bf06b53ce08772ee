//! Answers of proxies are read within bounds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::tunnels::holds(input));
