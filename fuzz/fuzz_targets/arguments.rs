//! The parser finds the same arguments as Twisted's algorithm.
#![no_main]

strports_fuzz::mutated_target!(arguments);
