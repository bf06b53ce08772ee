//! The inputs and references for benchmarks of the parser.
//!
//! [`corpus`] has the inputs, [`floor`] the reference for the parser's speed, and [`cases`] the
//! pairs of a reader and its inputs. `benches/instructions` counts the instructions of the cases,
//! and `benches/time.rs` measures their time.
//! `epoll_echo` is the reference for servers.
#![allow(missing_docs, reason = "only the benchmarks use this crate")]
#![allow(clippy::missing_panics_doc, reason = "without its inputs no benchmark means anything")]
#![allow(clippy::expect_used, reason = "as above")]

pub mod cases;
pub mod corpus;
#[cfg(target_os = "linux")]
pub mod epoll_echo;
pub mod floor;
