//! Compiles the examples of the book's page on other runtimes as documentation tests.
//!
//! The servers of this package are binaries, one file each.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/start/runtimes.md")]
mod runtimes {}
