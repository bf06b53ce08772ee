//! How to watch a command that opens sockets.

use std::ffi::OsString;

use crate::cli::log::Format;
use crate::cli::watch::AccessLog;

/// What it says on standard error.
#[derive(clap::Args)]
#[command(next_help_heading = "Watching")]
pub(in crate::cli) struct Saying {
    /// How the lines on standard error look
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) log_format: Format,
    /// Say nothing but what ends the command
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
}

/// What a relay tells of its connections.
#[derive(clap::Args)]
#[command(next_help_heading = "Watching")]
pub(in crate::cli) struct Watching {
    /// Which connections have a line on standard error, at their end
    #[arg(long, value_name = "WHICH", default_value = "failed")]
    pub(in crate::cli) access_log: AccessLog,
    /// Where to serve metrics, as OpenMetrics at `/metrics`, and at `/ready` whether it accepts
    #[arg(long, value_name = "SERVER")]
    pub(in crate::cli) metrics: Option<OsString>,
}
