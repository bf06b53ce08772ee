//! The subcommands: each parses, calls the library, and reports.

pub(super) mod check;
pub(super) mod completions;
pub(super) mod connect;
pub(super) mod explain;
pub(super) mod fmt;
pub(super) mod listen;
pub(super) mod man;
pub(super) mod quote;
pub(super) mod relay;
pub(super) mod rule;
