//! A description means what the port of Twisted makes of it.
#![no_main]

strports_fuzz::mutated_target!(twisted);
