//! Options for the log and the address of metrics.

use std::ffi::OsString;

use clap::ValueEnum;

/// The log on standard error.
#[derive(clap::Args)]
#[command(next_help_heading = "Watching")]
pub(in crate::cli) struct LogArgs {
    /// Format of the lines on standard error
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) log_format: LogFormat,
    /// Report only errors that end the command
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
    /// Connections that are logged on standard error when they end
    #[arg(long, value_name = "WHICH", default_value = "failed")]
    pub(in crate::cli) access_log: AccessLog,
    /// Server endpoint for metrics: OpenMetrics at `/metrics`, and the readiness of the relay at
    /// `/ready`
    #[arg(long, value_name = "SERVER")]
    pub(in crate::cli) metrics: Option<OsString>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LogFormat {
    /// Text
    Human,
    /// One JSON object per line, with the time
    Json,
}

/// The connections in the access log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AccessLog {
    /// All connections
    All,
    /// Failed and refused connections
    Failed,
    /// No connections
    Off,
}
