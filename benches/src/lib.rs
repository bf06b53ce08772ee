//! The inputs of the parser's benchmarks, and what its speed is compared with.
//!
//! [`corpus`] has the inputs, and [`floor`] a minimal splitter to compare the parser's speed with.
//! [`cases`] pairs inputs with functions that read them. `benches/instructions` counts the
//! instructions of the cases, and `benches/time.rs` measures their time. `epoll_echo` is an echo
//! server to compare other servers with.
#![allow(missing_docs, reason = "only the benchmarks use this crate")]
#![allow(clippy::missing_panics_doc, reason = "without its inputs no benchmark means anything")]
#![allow(clippy::expect_used, reason = "as above")]

pub mod cases;
pub mod corpus;
#[cfg(target_os = "linux")]
pub mod epoll_echo;
pub mod floor;
