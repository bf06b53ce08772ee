//! State machines of the relay service: facts and durations in, decisions out.
//!
//! Nothing here opens a socket or a file, reads a clock or the environment, or starts a thread.

pub mod admission;
pub mod overdue;
pub mod targets;
