//! What the parser is measured on, and against.
//!
//! [`corpus`] holds the inputs, [`floor`] the loop that is the measure of the parser's speed,
//! [`cases`] every pair of an input and something that reads it. `benches/instructions.rs` counts
//! the instructions of the cases, `benches/time.rs` times them.
#![allow(missing_docs, reason = "nobody but the benchmarks beside it uses this crate")]
#![allow(clippy::missing_panics_doc, reason = "without its inputs no benchmark means anything")]
#![allow(clippy::expect_used, reason = "as above")]

pub mod cases;
pub mod corpus;
pub mod floor;
