//! Every request of an editor gets one answer, and edits lead to the text that they describe.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::lsp::holds(input));
