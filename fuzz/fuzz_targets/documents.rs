//! Readers reach the end of every Markdown and reStructuredText file.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::documents::holds(input));
