//! The plan of a description says what its arguments say.
#![no_main]

strports_fuzz::mutated_target!(plans);
