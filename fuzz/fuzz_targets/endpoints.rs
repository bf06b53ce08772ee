//! Typed endpoints print what parses back to them.
#![no_main]

strports_fuzz::mutated_target!(endpoints);
