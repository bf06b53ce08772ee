//! The arguments of `check` and `rule`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;

use super::{RoleArg, ThisMachineArgs, TwistedArg};
use crate::check::{Options, Selection, Selector};
use crate::cli::exit::Failure;
use strports_syntax::Severity;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports check --fix src deploy")]
pub(in crate::cli) struct Check {
    /// Where to look; `-` is standard input, one description a line
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// A description to check; may be given several times
    #[arg(short = 'e', value_name = "DESCRIPTION")]
    pub(in crate::cli) descriptions: Vec<OsString>,
    #[command(flatten)]
    pub(in crate::cli) reading: RoleArg,
    /// How to write what was found
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: FindingsFormat,
    /// Report these codes alone, in place of what the configuration selects
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(in crate::cli) select: Option<Vec<Selector>>,
    /// Do not report these codes, nor what the configuration ignores
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(in crate::cli) ignore: Vec<Selector>,
    /// Do not report what weighs less: `error`, `warning` or `info`
    #[arg(long, value_name = "SEVERITY", default_value = "info")]
    pub(in crate::cli) min_severity: MinSeverity,
    /// Do not report what this file knows already
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Write what is found into a baseline, and report nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "writing"])]
    pub(in crate::cli) write_baseline: Option<PathBuf>,
    /// Write what is certain to be meant into the files
    #[arg(long, group = "writing")]
    pub(in crate::cli) fix: bool,
    /// Show what `--fix` would change, and change nothing
    #[arg(long, group = "writing")]
    pub(in crate::cli) diff: bool,
    /// Take suggestions as well, which may not be what was meant
    #[arg(long, requires = "writing")]
    pub(in crate::cli) unsafe_fixes: bool,
    #[command(flatten)]
    pub(in crate::cli) here: ThisMachineArgs,
    #[command(flatten)]
    pub(in crate::cli) twisted: TwistedArg,
}

impl Check {
    /// Returns how to check files.
    pub(in crate::cli) fn options(&self) -> Result<Options, Failure> {
        let selection = Selection {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            min_severity: self.min_severity.into(),
        };
        let (role, twisted) = (self.reading.role(), self.twisted.twisted);
        Ok(Options { selection, role, twisted, preflight: self.here.preflight()? })
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum FindingsFormat {
    /// The line with the place underlined, and a count
    Human,
    /// `path:line:column: severity[code] message`
    Short,
    /// One JSON object a line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// `JUnit` XML, for whatever shows test results
    Junit,
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum MinSeverity {
    Error,
    Warning,
    Info,
}

impl From<MinSeverity> for Severity {
    fn from(least: MinSeverity) -> Self {
        match least {
            MinSeverity::Error => Self::Error,
            MinSeverity::Warning => Self::Warning,
            MinSeverity::Info => Self::Info,
        }
    }
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports rule unescaped-ipv6")]
pub(in crate::cli) struct Rule {
    /// The name of one, as findings show it
    pub(in crate::cli) code: Option<String>,
    /// Print the pages of all of them, in Markdown
    #[arg(long, conflicts_with = "code")]
    pub(in crate::cli) all: bool,
}
