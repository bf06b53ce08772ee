//! Types that `[[type]]` declares bind arguments as Python functions do.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::schemas::holds(input));
