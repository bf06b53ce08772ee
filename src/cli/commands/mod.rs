//! The subcommands. Each one parses its arguments, calls the library, and reports the result.

#[cfg(feature = "check")]
pub(super) mod check;
pub(super) mod complete;
pub(super) mod completions;
#[cfg(feature = "relay")]
pub(super) mod connect;
pub(super) mod convert;
pub(super) mod explain;
pub(super) mod fmt;
#[cfg(feature = "check")]
pub(super) mod init;
#[cfg(feature = "relay")]
pub(super) mod listen;
#[cfg(feature = "check")]
pub(super) mod lsp;
pub(super) mod man;
#[cfg(feature = "relay")]
pub(super) mod probe;
pub(super) mod quote;
#[cfg(feature = "relay")]
pub(super) mod relay;
#[cfg(feature = "check")]
pub(super) mod rule;
#[cfg(any(test, not(feature = "relay")))]
pub(super) mod sockets;
#[cfg(feature = "check")]
pub(super) mod types;
