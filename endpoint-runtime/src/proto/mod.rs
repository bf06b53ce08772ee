//! State machines without I/O: facts and durations in, orders out.
//!
//! Nothing here opens a socket or a file, reads a clock or the environment, or starts a thread.
//! `net` has the functions that drive these machines.
//!
//! Each machine has an example. That of [`eyeballs::Race`] shows the pattern: facts with their
//! times, and the orders in between.

pub mod activation;
pub mod backoff;
pub mod eyeballs;
pub mod handover;
pub mod lockfile;
pub mod proxy;
pub mod retry;
pub mod tunnel;
