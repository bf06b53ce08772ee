//! A printed endpoint parses back to an equal endpoint.
#![no_main]

strports_fuzz::mutated_target!(endpoints);
