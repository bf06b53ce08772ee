//! The programs of the book's page on other runtimes, compiled as documentation tests.
//!
//! The servers of this package are programs, a file each.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/start/runtimes.md")]
mod runtimes {}
