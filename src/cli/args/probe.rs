//! The arguments of `test`.

use std::time::Duration;

use super::values::limit;
use super::{Format, Records, RoleArg};
use crate::runtime::probe::ProbeOptions;

const DAY: u64 = 24 * 60 * 60;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  strports test tls:example.com:443
  strports test --timeout 5s --min-days 20 --format json tls:example.com:443 tls:example.org:443
  strports test --role server tls:/etc/letsencrypt/live:443")]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    #[command(flatten)]
    pub(in crate::cli) reading: RoleArg,
    /// Time limit for each description, such as `5s`
    ///
    /// The time limit of the description, `timeout=` or 30 seconds, applies as well.
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    timeout: Option<Duration>,
    /// Wait this long for the first bytes of a server that sends first, and show them
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    read: Option<Duration>,
    /// Fail if a certificate expires within this number of days; by default, 14 days are a warning
    #[arg(long, value_name = "DAYS")]
    min_days: Option<u32>,
    /// Start the program of a `process` client; by default, only its file is checked
    #[arg(long)]
    start: bool,
    /// Text, or one JSON object per line
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: Format,
}

impl Test {
    pub(in crate::cli) fn options(&self) -> ProbeOptions {
        let mut options = ProbeOptions::default();
        (options.timeout, options.read) = (self.timeout, self.read);
        options.starts_programs = self.start;
        options.min_remaining =
            self.min_days.map(|days| Duration::from_secs(u64::from(days) * DAY));
        options
    }
}
