//! The options that say what a command logs, and where it serves metrics.

use std::ffi::OsString;

use clap::ValueEnum;

/// The log on standard error.
#[derive(clap::Args)]
#[command(next_help_heading = "Watching")]
pub(in crate::cli) struct LogArgs {
    /// How the lines on standard error look
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) log_format: LogFormat,
    /// Say nothing but what ends the command
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
}

impl Default for LogArgs {
    fn default() -> Self {
        Self { log_format: LogFormat::Human, quiet: false }
    }
}

/// The access log and metrics of a relay.
#[derive(clap::Args)]
#[command(next_help_heading = "Watching")]
pub(in crate::cli) struct ObserveArgs {
    /// Which connections have a line on standard error, at their end
    #[arg(long, value_name = "WHICH", default_value = "failed")]
    pub(in crate::cli) access_log: AccessLog,
    /// Where to serve metrics, as OpenMetrics at `/metrics`, and at `/ready` whether it accepts
    #[arg(long, value_name = "SERVER")]
    pub(in crate::cli) metrics: Option<OsString>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LogFormat {
    /// What happened, in words
    Human,
    /// One JSON object a line, with the time
    Json,
}

/// The connections in the access log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AccessLog {
    /// Every one
    All,
    /// Those that fail or are refused
    Failed,
    /// None
    Off,
}
