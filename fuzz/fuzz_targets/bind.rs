//! Every mistake is reported at its position, and safe fixes correct it.
#![no_main]

strports_fuzz::mutated_target!(bind);
