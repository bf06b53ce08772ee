//! Addresses, names of UNIX sockets and patterns for certificates equal plain readings.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::addresses::holds(input));
