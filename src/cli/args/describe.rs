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
    /// Text, or one JSON object per line
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: Format,
    /// Exit with 1 if a finding has at least this severity
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub(in crate::cli) fail_on: SeverityArg,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports quote 'C:\\keys\\server.pem'")]
pub(in crate::cli) struct Quote {
    /// Escape for a positional argument, in which `=` also needs a backslash
    #[arg(long)]
    pub(in crate::cli) positional: bool,
    /// The texts to escape
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
    /// Print only descriptions that are not in canonical form, unchanged; exit with 1 if there are
    /// any
    #[arg(long)]
    pub(in crate::cli) check: bool,
}

/// Descriptions from the command line, or records of standard input.
#[derive(clap::Args)]
pub(in crate::cli) struct Records {
    /// The descriptions to read; `-` is standard input, with one description per line
    #[arg(required = true, value_name = "DESCRIPTION")]
    pub(in crate::cli) descriptions: Vec<OsString>,
    /// Descriptions on standard input end with NUL instead of a line feed
    #[arg(long)]
    pub(in crate::cli) null: bool,
}

/// How a description is to be read.
#[derive(clap::Args)]
pub(in crate::cli) struct RoleArg {
    /// Read as this role; if absent, both are tried, the server first
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
    /// The release of Twisted whose rules apply, such as `22.4`, or a range of releases, such as
    /// `>=22.4,<25`
    ///
    /// By default, the newest release.
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
