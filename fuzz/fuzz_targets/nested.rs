//! Mistakes in nested descriptions are led back to the bytes they are in.
#![no_main]

strports_fuzz::mutated_target!(nested);
