//! Tokens tile the text, and unescaping is what the model says.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::lex::holds(input));
