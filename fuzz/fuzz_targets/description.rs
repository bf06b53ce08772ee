//! Printing and parsing descriptions undo each other.
#![no_main]

strports_fuzz::mutated_target!(description);
