//! Markdown and reStructuredText, whatever is in them, are read to their ends.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::documents::holds(input));
