//! Lints and their fixes stand in the text; those of style change no meaning.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::lints::holds(input));
