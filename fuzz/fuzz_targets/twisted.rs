//! A description has the same meaning as in the port of Twisted.
#![no_main]

strports_fuzz::mutated_target!(twisted);
