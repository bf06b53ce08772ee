//! Requests of a scraper get one answer, or need more bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::metrics::holds(input));
