//! Readers reach the end of every Procfile, Dockerfile, systemd unit, crontab, `.env` and Nix file.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strports_fuzz::services::holds(input));
