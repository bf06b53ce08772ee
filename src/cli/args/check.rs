//! The arguments of `check` and `rule`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;

use super::{Format, RoleArg, SeverityArg, ThisMachineArgs, TwistedArg};
use crate::check::{
    Checker, ConfigError, Configuration, FilePattern, Options, Selection, Selector,
};
use crate::cli::exit::Failure;
use strports_syntax::signature::Releases;

/// The headings of the options in `--help`.
const REPORT: &str = "What to report";
const OUTPUT: &str = "How to report it";
const CHANGE: &str = "What to write into files";
const EXIT: &str = "When to fail";

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports check --fix src deploy")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(in crate::cli) struct Check {
    /// Where to look; `-` is standard input, one description a line
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// A description to check; may be given several times
    #[arg(short = 'e', value_name = "DESCRIPTION")]
    pub(in crate::cli) descriptions: Vec<OsString>,
    /// What file standard input is: its name tells the format, its directory the configuration
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) stdin_filename: Option<PathBuf>,
    /// Leave out files and directories that fit, as `exclude` in strports.toml does
    #[arg(long, value_name = "PATTERN")]
    pub(in crate::cli) exclude: Vec<FilePattern>,
    /// Use this configuration for all files, and no other
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) reading: RoleArg,
    #[command(flatten)]
    pub(in crate::cli) twisted: TwistedArg,
    #[command(flatten)]
    pub(in crate::cli) here: ThisMachineArgs,
    /// Report these codes alone, in place of what the configuration selects
    #[arg(long, value_name = "CODES", value_delimiter = ',', help_heading = REPORT)]
    pub(in crate::cli) select: Option<Vec<Selector>>,
    /// Do not report these codes, nor what the configuration ignores
    #[arg(long, value_name = "CODES", value_delimiter = ',', help_heading = REPORT)]
    pub(in crate::cli) ignore: Vec<Selector>,
    /// Do not report findings of a lower severity
    #[arg(long, value_name = "SEVERITY", default_value = "info", help_heading = REPORT)]
    pub(in crate::cli) min_severity: SeverityArg,
    /// Do not report the findings that this file lists; say how many those are
    #[arg(long, value_name = "FILE", help_heading = REPORT)]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Write the findings into a baseline, and report none
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["baseline", "writing", "view"],
        help_heading = REPORT
    )]
    pub(in crate::cli) write_baseline: Option<PathBuf>,
    /// How to write the findings
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = OUTPUT)]
    pub(in crate::cli) format: FindingsFormat,
    /// Write the report into this file instead of standard output
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) output_file: Option<PathBuf>,
    /// Report findings and failures alone, not what was read, hidden or fixed
    #[arg(short, long, help_heading = OUTPUT)]
    pub(in crate::cli) quiet: bool,
    /// Count the findings by code, in place of showing them
    #[arg(long, group = "view", help_heading = OUTPUT)]
    pub(in crate::cli) statistics: bool,
    /// List the files that were read, each with its format
    #[arg(long, group = "view", help_heading = OUTPUT)]
    pub(in crate::cli) show_files: bool,
    /// List the descriptions that were checked, each with place, role, format and source
    #[arg(long, group = "view", help_heading = OUTPUT)]
    pub(in crate::cli) list: bool,
    /// Apply the fixes that are certain to be what was meant
    #[arg(long, group = "writing", conflicts_with = "view", help_heading = CHANGE)]
    pub(in crate::cli) fix: bool,
    /// Show what `--fix` would change, and change nothing
    #[arg(long, group = "writing", conflicts_with = "view", help_heading = CHANGE)]
    pub(in crate::cli) diff: bool,
    /// Apply suggestions as well, which may not be what was meant
    #[arg(long, requires = "writing", help_heading = CHANGE)]
    pub(in crate::cli) unsafe_fixes: bool,
    /// Write comments into the files that ignore what is found today
    #[arg(long, conflicts_with_all = ["writing", "view", "write_baseline"], help_heading = CHANGE)]
    pub(in crate::cli) add_ignores: bool,
    /// Exit with 1 if a finding has at least this severity
    #[arg(long, value_name = "SEVERITY", default_value = "warning", help_heading = EXIT)]
    pub(in crate::cli) fail_on: SeverityArg,
    /// Exit with 0 whatever is found; what could not be checked still exits with 2
    #[arg(long, help_heading = EXIT)]
    pub(in crate::cli) exit_zero: bool,
    /// Exit with 2 if there is no description to check
    #[arg(long, help_heading = EXIT)]
    pub(in crate::cli) require_descriptions: bool,
}

impl Check {
    /// Converts the arguments to the options of the linter.
    fn options(&self) -> Result<Options, Failure> {
        let selection = Selection {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            min_severity: self.min_severity.into(),
        };
        let role = self.reading.role();
        let twisted = self.twisted.twisted.unwrap_or(Releases::NEWEST);
        let (exclude, listing) = (self.exclude.clone(), self.show_files || self.list);
        Ok(Options {
            selection,
            role,
            twisted,
            preflight: self.here.preflight()?,
            exclude,
            listing,
            ..Options::default()
        })
    }

    /// Creates a checker with these options.
    pub(in crate::cli) fn checker(&self) -> Result<Checker, Failure> {
        let options = self.options()?;
        let Some(path) = &self.config else { return Ok(Checker::new(options)) };
        let failed = |error: ConfigError| Failure::Check(error.to_string());
        let configuration = Configuration::from_file(path).map_err(failed)?;
        Ok(Checker::with_configuration(options, configuration))
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum FindingsFormat {
    /// The line with the place underlined, and a count
    Human,
    /// `path:line:column: severity: message [code]`, as GCC writes it
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

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports init")]
pub(in crate::cli) struct Init {
    /// Where to write it, if not in the directory where you are
    pub(in crate::cli) directory: Option<PathBuf>,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports schema >strports.schema.json")]
pub(in crate::cli) struct Schema {}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports rule unescaped-ipv6")]
pub(in crate::cli) struct Rule {
    /// The name of one, as findings show it
    pub(in crate::cli) code: Option<String>,
    /// Print the pages of all of them, in Markdown
    #[arg(long, conflicts_with_all = ["code", "format"])]
    pub(in crate::cli) all: bool,
    /// For people, or one JSON object a line
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: Format,
}
