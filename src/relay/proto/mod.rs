//! State machines of the relay service: events and times in, decisions out.
//!
//! Nothing here opens a socket or a file, reads a clock or the environment, or starts a thread.
//!
//! Each machine has an example: [`Admission`](admission::Admission),
//! [`TimeLimits`](overdue::TimeLimits), [`Targets`](targets::Targets).

pub mod admission;
pub mod overdue;
pub mod targets;
