//! Readers reach the end of every Python program and configuration of buildbot.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::python::holds(input));
