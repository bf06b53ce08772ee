//! Values that Twisted lacks are what a plain reading of their forms says.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::values::holds(input));
