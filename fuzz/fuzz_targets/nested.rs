//! Mistakes in nested descriptions are reported at their bytes in the outer text.
#![no_main]

strports_fuzz::mutated_target!(nested);
