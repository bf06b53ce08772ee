//! How to watch a command that opens sockets.

use crate::cli::log::Format;

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
