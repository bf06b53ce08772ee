//! A clock and a network that exist only in a test: nothing waits, and every run is the same.

#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod clock;
pub(crate) mod race;
