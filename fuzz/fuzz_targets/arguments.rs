//! Arguments are those that Twisted's algorithm finds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::arguments::holds(input));
