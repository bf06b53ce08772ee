//! A simulated clock and network: tests do not wait, and every run is the same.

#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod clock;
pub(crate) mod race;
