//! Lints and their fixes stand in the text; those of style change no meaning.
#![no_main]

strports_fuzz::mutated_target!(lints);
