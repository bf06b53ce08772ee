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
    /// Files and directories to check; `-` is standard input, with one description per line
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// A description to check; may be given several times
    #[arg(short = 'e', value_name = "DESCRIPTION")]
    pub(in crate::cli) descriptions: Vec<OsString>,
    /// Name of standard input: its file name determines the format, its directory the configuration
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) stdin_filename: Option<PathBuf>,
    /// Skip files and directories that match this pattern, in addition to `exclude` in
    /// strports.toml
    #[arg(long, value_name = "PATTERN")]
    pub(in crate::cli) exclude: Vec<FilePattern>,
    /// Use only this configuration, for all files
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) reading: RoleArg,
    #[command(flatten)]
    pub(in crate::cli) twisted: TwistedArg,
    #[command(flatten)]
    pub(in crate::cli) here: ThisMachineArgs,
    /// Report only these codes, instead of those that the configuration selects
    #[arg(long, value_name = "CODES", value_delimiter = ',', help_heading = REPORT)]
    pub(in crate::cli) select: Option<Vec<Selector>>,
    /// Do not report these codes, in addition to those that the configuration ignores
    #[arg(long, value_name = "CODES", value_delimiter = ',', help_heading = REPORT)]
    pub(in crate::cli) ignore: Vec<Selector>,
    /// Do not report findings of a lower severity
    #[arg(long, value_name = "SEVERITY", default_value = "info", help_heading = REPORT)]
    pub(in crate::cli) min_severity: SeverityArg,
    /// Do not report the findings in this file, only their number
    #[arg(long, value_name = "FILE", help_heading = REPORT)]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Write the findings into a baseline instead of reporting them
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["baseline", "writing", "view"],
        help_heading = REPORT
    )]
    pub(in crate::cli) write_baseline: Option<PathBuf>,
    /// Format of the report
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = OUTPUT)]
    pub(in crate::cli) format: FindingsFormat,
    /// Write the report into this file instead of standard output
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) output_file: Option<PathBuf>,
    /// Report only findings and failures, without counts of files, hidden findings and fixes
    #[arg(short, long, help_heading = OUTPUT)]
    pub(in crate::cli) quiet: bool,
    /// Count the findings by code instead of listing them
    #[arg(long, group = "view", help_heading = OUTPUT)]
    pub(in crate::cli) statistics: bool,
    /// List the files that were read, each with its format
    #[arg(long, group = "view", help_heading = OUTPUT)]
    pub(in crate::cli) show_files: bool,
    /// List the descriptions that were checked, each with place, role, format and source
    #[arg(long, group = "view", help_heading = OUTPUT)]
    pub(in crate::cli) list: bool,
    /// Apply the fixes that are certain to be correct
    #[arg(long, group = "writing", conflicts_with = "view", help_heading = CHANGE)]
    pub(in crate::cli) fix: bool,
    /// Show the changes of `--fix` without writing them
    #[arg(long, group = "writing", conflicts_with = "view", help_heading = CHANGE)]
    pub(in crate::cli) diff: bool,
    /// Apply suggestions as well, which may be wrong
    #[arg(long, requires = "writing", help_heading = CHANGE)]
    pub(in crate::cli) unsafe_fixes: bool,
    /// Write comments into the files that ignore the current findings
    #[arg(long, conflicts_with_all = ["writing", "view", "write_baseline"], help_heading = CHANGE)]
    pub(in crate::cli) add_ignores: bool,
    /// Exit with 1 if a finding has at least this severity
    #[arg(long, value_name = "SEVERITY", default_value = "warning", help_heading = EXIT)]
    pub(in crate::cli) fail_on: SeverityArg,
    /// Exit with 0 in spite of findings, but still with 2 if something could not be checked
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
    /// The line with the place underlined, and a summary
    Human,
    /// `path:line:column: severity: message [code]`, in the style of GCC
    Short,
    /// One JSON object per line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// `JUnit` XML, for viewers of test results
    Junit,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports init")]
pub(in crate::cli) struct Init {
    /// The directory to write it to, instead of the current one
    pub(in crate::cli) directory: Option<PathBuf>,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports schema >strports.schema.json")]
pub(in crate::cli) struct Schema {}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports rule unescaped-ipv6")]
pub(in crate::cli) struct Rule {
    /// The code of a rule, as findings show it
    pub(in crate::cli) code: Option<String>,
    /// Print the pages of all rules, in Markdown
    #[arg(long, conflicts_with_all = ["code", "format"])]
    pub(in crate::cli) all: bool,
    /// Text, or one JSON object per line
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: Format,
}
