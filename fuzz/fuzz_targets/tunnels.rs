//! The readers of SOCKS5 and HTTP proxy answers stay within bounds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::tunnels::holds(input));
