//! Arguments are those that Twisted's algorithm finds.
#![no_main]

strports_fuzz::mutated_target!(arguments);
