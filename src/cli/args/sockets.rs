//! The arguments of the commands that open sockets, in a build that opens none.

use std::ffi::OsString;

/// The descriptions after `listen`, `connect`, `relay` or `test`.
#[derive(clap::Args)]
pub(in crate::cli) struct Sockets {
    /// Options and descriptions, as one list
    #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
    pub(in crate::cli) words: Vec<OsString>,
}
