//! Every mistake is found at its place, and safe fixes mend.
#![no_main]

strports_fuzz::mutated_target!(bind);
