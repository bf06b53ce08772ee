//! The command line as typed values; nothing is looked up or opened here.

#[cfg(feature = "check")]
mod checking;
mod describing;
#[cfg(feature = "relay")]
mod joining;
mod later;
#[cfg(feature = "relay")]
mod limits;
mod shells;
#[cfg(feature = "relay")]
mod watching;

use std::ffi::OsStr;

use clap::{Parser, Subcommand, ValueEnum};
#[cfg(all(any(feature = "check", feature = "relay"), not(feature = "__tls")))]
use {super::exit::Failure, clap::CommandFactory, clap::error::ErrorKind};

#[cfg(feature = "check")]
pub(super) use checking::{Check, FindingsFormat, Here, Rule};
#[cfg(feature = "check")]
pub(super) use describing::Reading;
pub(super) use describing::{Explain, Fmt, Format, Quote, Records};
#[cfg(feature = "relay")]
pub(super) use joining::{Connect, Listen, Relay, Secrets};
pub(super) use later::Later;
#[cfg(feature = "relay")]
pub(super) use limits::{AccessArgs, ConnectArgs, ServiceArgs, TimeArgs};
pub(super) use shells::{Completions, Man};
#[cfg(feature = "relay")]
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

// A description of the whole would be taken for that of the program.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Say what descriptions mean, and what is wrong with them
    ///
    /// Every description gets exactly one answer, in order. Errors make the exit code 1, warnings do
    /// not.
    Explain(Later<Explain>),
    /// Find descriptions in files, say what is wrong with them, and mend them
    ///
    /// Directories are searched, without what git ignores; without any path, the one where you are.
    /// `strports.toml` says where to look besides and what to report. The exit code is 0 if nothing
    /// was found, 1 if something was, 2 if the run itself failed.
    #[cfg(feature = "check")]
    Check(Later<Check>),
    /// Escape texts so that they stand for themselves in a description
    ///
    /// As the value of a keyword, unless told otherwise; one line for each text.
    Quote(Later<Quote>),
    /// Print descriptions in canonical form
    ///
    /// That is the shortest one: the type first, defaults left out, the fewest escapes.
    Fmt(Later<Fmt>),
    /// Listen, and join a connection to standard input and output
    ///
    /// Where it listens is said on standard error. It ends with the connection, or on SIGINT and
    /// SIGTERM. On SIGHUP it reads the certificates of a TLS server again, as it does whenever they
    /// change, and says what came of it; without TLS, SIGHUP ends it, unless `--keep` is given.
    #[cfg(feature = "relay")]
    Listen(Later<Listen>),
    /// Connect, and join the connection to standard input and output
    ///
    /// The end of standard input ends the sending side alone; what the other side still sends is
    /// written.
    #[cfg(feature = "relay")]
    Connect(Later<Connect>),
    /// Listen, and join each connection to a new one elsewhere
    ///
    /// Where it listens is said on standard error, and so is each connection that fails. With several
    /// clients the first one that answers gets the connection. SIGINT and SIGTERM stop it: connections
    /// that are open have some time to end, unless a second signal comes. On SIGHUP it reads the
    /// certificates of a TLS server again, as it does whenever they change, and says what came of it. On
    /// SIGUSR2 it starts its program anew, which takes the listening socket over while it is open.
    #[cfg(feature = "relay")]
    Relay(Later<Relay>),
    /// List the errors and lints, or say what one is
    #[cfg(feature = "check")]
    Rule(Later<Rule>),
    /// Print completions for a shell
    Completions(Later<Completions>),
    /// Print the manual page, in roff
    Man(Later<Man>),
}

#[cfg(feature = "relay")]
impl Command {
    /// How the commands that open sockets say what happens.
    pub(super) fn saying(&self) -> Option<&Saying> {
        match self {
            Self::Listen(Later(args)) => Some(&args.saying),
            Self::Connect(Later(args)) => Some(&args.saying),
            Self::Relay(Later(args)) => Some(&args.saying),
            _ => None,
        }
    }
}

/// The error for an option that a build without TLS does not have.
#[cfg(all(any(feature = "check", feature = "relay"), not(feature = "__tls")))]
pub(super) fn needs_tls(option: &str) -> Failure {
    let message = format!("this build has no `{option}` (build it with the feature `tls`)");
    Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message))
}

/// The bytes of an argument, which on Unix may be any.
pub(super) fn bytes(argument: &OsStr) -> &[u8] {
    argument.as_encoded_bytes()
}
