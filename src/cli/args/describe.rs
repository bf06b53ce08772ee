//! The commands about descriptions on the command line: `explain`, `quote` and `fmt`.

use std::ffi::OsString;

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;

#[cfg(feature = "check")]
use super::ThisMachineArgs;
use strports_syntax::signature::Releases;
use strports_syntax::{Role, Severity};

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports explain --role server 'unix:/run/app.sock:mode=660'")]
pub(in crate::cli) struct Explain {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    #[command(flatten)]
    pub(in crate::cli) reading: RoleArg,
    #[command(flatten)]
    pub(in crate::cli) twisted: TwistedArg,
    #[cfg(feature = "check")]
    #[command(flatten)]
    pub(in crate::cli) here: ThisMachineArgs,
    /// For people, or one JSON object a line
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: Format,
    /// Exit with 1 if a finding has at least this severity
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub(in crate::cli) fail_on: SeverityArg,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports quote 'C:\\keys\\server.pem'")]
pub(in crate::cli) struct Quote {
    /// Escape for a positional argument, in which `=` has a meaning too
    #[arg(long)]
    pub(in crate::cli) positional: bool,
    /// What to escape
    #[arg(required = true, value_name = "TEXT")]
    pub(in crate::cli) texts: Vec<OsString>,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports fmt 'port=8080:tcp:backlog=50'")]
pub(in crate::cli) struct Fmt {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    #[command(flatten)]
    pub(in crate::cli) reading: RoleArg,
    /// Print those that are not in canonical form, as they are; any makes the exit code 1
    #[arg(long)]
    pub(in crate::cli) check: bool,
}

/// Descriptions from the command line, or records of standard input.
#[derive(clap::Args)]
pub(in crate::cli) struct Records {
    /// What to read; `-` is standard input, one description a line
    #[arg(required = true, value_name = "DESCRIPTION")]
    pub(in crate::cli) descriptions: Vec<OsString>,
    /// A NUL ends each description of standard input, in place of a line feed
    #[arg(long)]
    pub(in crate::cli) null: bool,
}

/// How a description is to be read.
#[derive(clap::Args)]
pub(in crate::cli) struct RoleArg {
    /// Read as this role; without it both are tried, and if both fit it is a server
    #[arg(long, value_name = "ROLE", value_parser = PossibleValuesParser::new(["server", "client"]))]
    role: Option<String>,
}

impl RoleArg {
    /// The role, if one is given.
    pub(in crate::cli) fn role(&self) -> Option<Role> {
        role_named(self.role.as_deref()?)
    }
}

/// Finds the role with this name.
pub(super) fn role_named(name: &str) -> Option<Role> {
    [Role::Server, Role::Client].into_iter().find(|role| role.as_str() == name)
}

/// The releases of Twisted whose rules apply.
#[derive(clap::Args)]
pub(in crate::cli) struct TwistedArg {
    /// The release of Twisted that reads the descriptions, such as `22.4`, or a range of them, such
    /// as `>=22.4,<25`
    ///
    /// Without it, the newest one reads them.
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) twisted: Option<Releases>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Format {
    Human,
    Json,
}

/// The least severe findings that count.
#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum SeverityArg {
    Error,
    Warning,
    Info,
}

impl From<SeverityArg> for Severity {
    fn from(least: SeverityArg) -> Self {
        match least {
            SeverityArg::Error => Self::Error,
            SeverityArg::Warning => Self::Warning,
            SeverityArg::Info => Self::Info,
        }
    }
}
