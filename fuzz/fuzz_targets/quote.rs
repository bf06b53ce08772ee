//! Quoted text parses back to itself in each of the three places.
#![no_main]

strports_fuzz::mutated_target!(quote);
