//! The command line as typed values; nothing is looked up or opened here.

mod limits;
mod watching;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::check::here::ThisMachine;
use crate::check::lints::{Selector, Wanted};
use crate::check::{Options, Twisted};
use crate::{Role, Severity};
pub(super) use limits::{AccessArgs, ConnectArgs, ServiceArgs, TimeArgs};
pub(super) use watching::{Saying, Watching};

/// Check, explain and run endpoint descriptions
///
/// One string says where to listen or connect: `tcp:8080`, `tls:example.com:443`,
/// `unix:/run/app.sock:mode=660`. The exit code is 0 if all is well, 1 if there are errors or a
/// connection failed, 2 if the command line makes no sense.
#[derive(Parser)]
#[command(name = "strports", version, max_term_width = 100)]
#[command(after_help = "Example:\n  strports explain 'tcp:8080:interface=127.0.0.1'")]
pub(super) struct Args {
    /// When to use colours; `NO_COLOR` is heeded too
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

#[derive(Subcommand)]
pub(super) enum Command {
    Explain(Explain),
    Check(Check),
    Quote(Quote),
    Fmt(Fmt),
    Listen(Listen),
    Connect(Connect),
    Relay(Relay),
    Rule(Rule),
    Completions(Completions),
    Man(Man),
}

impl Command {
    /// How the commands that open sockets say what happens.
    pub(super) fn saying(&self) -> Option<&Saying> {
        match self {
            Self::Listen(args) => Some(&args.saying),
            Self::Connect(args) => Some(&args.saying),
            Self::Relay(args) => Some(&args.saying),
            _ => None,
        }
    }
}

/// Say what descriptions mean, and what is wrong with them
///
/// Every description gets exactly one answer, in order. Errors make the exit code 1, warnings do
/// not.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports explain --role server 'unix:/run/app.sock:mode=660'")]
pub(super) struct Explain {
    #[command(flatten)]
    pub(super) records: Records,
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) here: Here,
    /// For people, or one JSON object a line
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

/// Find descriptions in files, say what is wrong with them, and mend them
///
/// Directories are searched, without what git ignores; without any path, the one where you are.
/// `strports.toml` says where to look besides and what to report. The exit code is 0 if nothing
/// was found, 1 if something was, 2 if the run itself failed.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports check --fix src deploy")]
pub(super) struct Check {
    /// Where to look; `-` is standard input, one description a line
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// A description to check; may be given several times
    #[arg(short = 'e', value_name = "DESCRIPTION")]
    pub(super) descriptions: Vec<OsString>,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// How to write what was found
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: FindingsFormat,
    /// Report these codes alone, in place of what the configuration selects
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(super) select: Option<Vec<Selector>>,
    /// Do not report these codes, nor what the configuration ignores
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(super) ignore: Vec<Selector>,
    /// Do not report what weighs less: `error`, `warning` or `info`
    #[arg(long, value_name = "SEVERITY", default_value = "info")]
    pub(super) min_severity: MinSeverity,
    /// Do not report what this file knows already
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what is found into a baseline, and report nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "writing"])]
    pub(super) write_baseline: Option<PathBuf>,
    /// Write what is certain to be meant into the files
    #[arg(long, group = "writing")]
    pub(super) fix: bool,
    /// Show what `--fix` would change, and change nothing
    #[arg(long, group = "writing")]
    pub(super) diff: bool,
    /// Take suggestions as well, which may not be what was meant
    #[arg(long, requires = "writing")]
    pub(super) unsafe_fixes: bool,
    #[command(flatten)]
    pub(super) here: Here,
    /// The version of Twisted that reads the descriptions
    #[arg(long, value_name = "VERSION", default_value = "26.10")]
    pub(super) twisted: TwistedVersion,
}

impl Check {
    /// How files are to be looked at.
    pub(super) fn options(&self) -> Options {
        let wanted = Wanted {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            min_severity: self.min_severity.into(),
        };
        let (role, twisted) = (self.reading.role(), self.twisted.into());
        Options { wanted, role, twisted, here: self.here.looking() }
    }
}

/// Whether to look at files, too.
#[derive(clap::Args)]
pub(super) struct Here {
    /// Look whether this machine has the files that descriptions name, and at certificates and keys
    #[arg(long)]
    on_this_machine: bool,
    /// Report certificates that expire within so many days, in place of 14, or a quarter of their own time
    #[arg(long, value_name = "DAYS", requires = "on_this_machine")]
    expires_within: Option<u16>,
}

impl Here {
    /// How to look, if at all.
    pub(super) fn looking(&self) -> Option<ThisMachine> {
        self.on_this_machine.then(|| ThisMachine::new(self.expires_within))
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum FindingsFormat {
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
pub(super) enum MinSeverity {
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

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum TwistedVersion {
    #[value(name = "24.10")]
    V24_10,
    #[value(name = "26.10")]
    V26_10,
}

impl From<TwistedVersion> for Twisted {
    fn from(version: TwistedVersion) -> Self {
        match version {
            TwistedVersion::V24_10 => Self { year: 24, month: 10 },
            TwistedVersion::V26_10 => Self { year: 26, month: 10 },
        }
    }
}

/// Escape texts so that they stand for themselves in a description
///
/// As the value of a keyword, unless told otherwise; one line for each text.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports quote 'C:\\keys\\server.pem'")]
pub(super) struct Quote {
    /// Escape for a positional argument, in which `=` has a meaning too
    #[arg(long)]
    pub(super) positional: bool,
    /// What to escape
    #[arg(required = true, value_name = "TEXT")]
    pub(super) texts: Vec<OsString>,
}

/// Print descriptions in canonical form
///
/// That is the shortest one: the type first, defaults left out, the fewest escapes.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports fmt 'port=8080:tcp:backlog=50'")]
pub(super) struct Fmt {
    #[command(flatten)]
    pub(super) records: Records,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Print those that are not in canonical form, as they are; any makes the exit code 1
    #[arg(long)]
    pub(super) check: bool,
}

/// Listen, and join a connection to standard input and output
///
/// Where it listens is said on standard error. It ends with the connection, or on SIGINT and
/// SIGTERM. On SIGHUP it reads the certificates of a TLS server again, as it does whenever they
/// change, and says what came of it; without TLS, SIGHUP ends it, unless `--keep` is given.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  strports listen tcp:8080:interface=127.0.0.1
  strports listen --keep --idle-timeout 1m --allow 10.0.0.0/8 tcp:8080")]
pub(super) struct Listen {
    /// Wait for the next connection when one has ended
    #[arg(long)]
    pub(super) keep: bool,
    #[command(flatten)]
    pub(super) secrets: Secrets,
    /// Where to listen, such as `tcp:8080`; `strports explain` says what one means
    pub(super) server: OsString,
    #[command(flatten)]
    pub(super) time: TimeArgs,
    #[command(flatten)]
    pub(super) access: AccessArgs,
    #[command(flatten)]
    pub(super) saying: Saying,
}

/// Connect, and join the connection to standard input and output
///
/// The end of standard input ends the sending side alone; what the other side still sends is
/// written.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  printf hello | strports connect tcp:127.0.0.1:8080
  strports connect --connect-timeout 2s --retry 5 tcp:example.com:25")]
pub(super) struct Connect {
    #[command(flatten)]
    pub(super) secrets: Secrets,
    /// Where to connect, such as `tcp:example.com:25`; `strports explain` says what one means
    pub(super) client: OsString,
    #[command(flatten)]
    pub(super) connecting: ConnectArgs,
    #[command(flatten)]
    pub(super) time: TimeArgs,
    #[command(flatten)]
    pub(super) saying: Saying,
}

/// Listen, and join each connection to a new one elsewhere
///
/// Where it listens is said on standard error, and so is each connection that fails. With several
/// clients the first one that answers gets the connection. SIGINT and SIGTERM stop it: connections
/// that are open have some time to end, unless a second signal comes. On SIGHUP it reads the
/// certificates of a TLS server again, as it does whenever they change, and says what came of it. On
/// SIGUSR2 it starts its program anew, which takes the listening socket over while it is open.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  strports relay tcp:8080 unix:/run/app.sock
  strports relay --balance round-robin tcp:80 tcp:10.0.0.1:80 tcp:10.0.0.2:80
  strports relay --idle-timeout 5m --max-connections 1000 --allow 10.0.0.0/8 tcp:80 tcp:app:80
  strports relay --exit-idle 10m systemd:INET6:name=web tcp:127.0.0.1:8080
  strports relay --metrics tcp:9100:interface=127.0.0.1 tls:/etc/certs:443 unix:/run/app.sock")]
pub(super) struct Relay {
    #[command(flatten)]
    pub(super) secrets: Secrets,
    /// Where to listen, such as `tcp:8080`; `strports explain` says what one means
    pub(super) server: OsString,
    /// Where to connect, once for each connection, such as `tcp:127.0.0.1:80` or `unix:/run/app.sock`
    #[arg(required = true, value_name = "CLIENT")]
    pub(super) clients: Vec<OsString>,
    #[command(flatten)]
    pub(super) service: ServiceArgs,
    #[command(flatten)]
    pub(super) time: TimeArgs,
    #[command(flatten)]
    pub(super) access: AccessArgs,
    #[command(flatten)]
    pub(super) connecting: ConnectArgs,
    #[command(flatten)]
    pub(super) saying: Saying,
    #[command(flatten)]
    pub(super) watching: Watching,
}

/// List the errors and lints, or say what one is
#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports rule unescaped-ipv6")]
pub(super) struct Rule {
    /// The name of one, as findings show it
    pub(super) code: Option<String>,
    /// Print the pages of all of them, in Markdown
    #[arg(long, conflicts_with = "code")]
    pub(super) all: bool,
}

/// Print completions for a shell
#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports completions bash >strports.bash")]
pub(super) struct Completions {
    /// Which shell
    pub(super) shell: Shell,
}

/// Print the manual page, in roff
#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports man explain | man -l -")]
pub(super) struct Man {
    /// The page of this subcommand
    pub(super) subcommand: Option<String>,
}

/// What becomes of the secrets of TLS sessions.
#[derive(clap::Args)]
pub(super) struct Secrets {
    /// Append the secrets of TLS sessions to a file, for Wireshark to read recordings with; whoever
    /// has the file can do that. The variable `SSLKEYLOGFILE` alone has no effect
    #[arg(long, value_name = "FILE")]
    pub(super) keylog: Option<PathBuf>,
}

/// Descriptions from the command line, or records of standard input.
#[derive(clap::Args)]
pub(super) struct Records {
    /// What to read; `-` is standard input, one description a line
    #[arg(required = true, value_name = "DESCRIPTION")]
    pub(super) descriptions: Vec<OsString>,
    /// A NUL ends each description of standard input, in place of a line feed
    #[arg(long)]
    pub(super) null: bool,
}

/// How a description is to be read.
#[derive(clap::Args)]
pub(super) struct Reading {
    /// Read as this role; without it both are tried, and if both fit it is a server
    #[arg(long, value_name = "ROLE", value_parser = PossibleValuesParser::new(["server", "client"]))]
    role: Option<String>,
}

impl Reading {
    /// The role that was asked for.
    pub(super) fn role(&self) -> Option<Role> {
        let wanted = self.role.as_deref()?;
        [Role::Server, Role::Client].into_iter().find(|role| role.as_str() == wanted)
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}

/// The bytes of an argument, which on Unix may be any.
pub(super) fn bytes(argument: &OsStr) -> &[u8] {
    argument.as_encoded_bytes()
}
