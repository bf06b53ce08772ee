//! The command line as typed values, without any I/O.

#[cfg(feature = "check")]
mod check;
#[cfg(feature = "relay")]
mod connections;
mod convert;
mod deferred;
mod describe;
#[cfg(feature = "relay")]
mod limits;
#[cfg(feature = "check")]
mod lsp;
#[cfg(all(any(feature = "check", feature = "relay"), not(feature = "__tls")))]
mod needs_tls;
#[cfg(feature = "relay")]
mod observe;
#[cfg(feature = "relay")]
mod probe;
mod shell;
#[cfg(not(feature = "relay"))]
mod sockets;
#[cfg(feature = "check")]
mod this_machine;
#[cfg(feature = "check")]
mod types;
#[cfg(feature = "relay")]
mod values;

use std::ffi::OsStr;

use clap::{Parser, Subcommand, ValueEnum};

#[cfg(feature = "check")]
pub(super) use check::{Check, FindingsFormat, Init, Rule, Schema};
#[cfg(feature = "relay")]
pub(super) use connections::{Connect, KeyLogArgs, Listen, Relay};
pub(super) use convert::Convert;
pub(super) use deferred::Deferred;
pub(super) use describe::RoleArg;
pub(super) use describe::{Explain, Fmt, Format, Quote, Records};
#[cfg(feature = "check")]
pub(super) use describe::{SeverityArg, TwistedArg};
#[cfg(feature = "relay")]
pub(super) use limits::{AccessArgs, ConnectArgs, EndArgs, ServiceArgs, Terms, TimeArgs};
#[cfg(feature = "check")]
pub(super) use lsp::Lsp;
#[cfg(all(feature = "relay", not(feature = "__tls")))]
pub(super) use needs_tls::needs_tls;
#[cfg(feature = "relay")]
pub(super) use observe::{AccessLog, LogArgs, LogFormat, ObserveArgs};
#[cfg(feature = "relay")]
pub(super) use probe::Test;
pub(super) use shell::{Complete, CompleteFor, Completions, Man};
#[cfg(not(feature = "relay"))]
pub(super) use sockets::Sockets;
#[cfg(feature = "check")]
pub(super) use this_machine::ThisMachineArgs;
#[cfg(feature = "check")]
pub(super) use types::Types;

/// Check, explain and run endpoint descriptions
///
/// A description is a string for listening or connecting: `tcp:8080`, `tls:example.com:443`,
/// `unix:/run/app.sock:mode=660`. The exit code is 0 on success, 1 if there are errors or a
/// connection failed, 2 if the command line is invalid.
#[derive(Parser)]
#[command(name = "strports", version, max_term_width = 100)]
#[command(after_help = "Example:\n  strports explain 'tcp:8080:interface=127.0.0.1'")]
pub(super) struct Args {
    /// When to use colors: `auto`, `always` or `never`
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
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

// A doc comment here would replace the description of the program in `--help`.
#[derive(Subcommand)]
#[cfg_attr(
    all(feature = "check", not(feature = "relay")),
    expect(clippy::large_enum_variant, reason = "there is one for each run of the command")
)]
pub(super) enum Command {
    /// Explain descriptions and their errors
    ///
    /// Every description gets exactly one answer, in order. The exit code is 1 if there are errors,
    /// or findings of the severity of `--fail-on`.
    Explain(Deferred<Explain>),
    /// Find descriptions in files, and report or fix their errors
    ///
    /// Directories are searched, except for files that git ignores. The default path is the current
    /// directory. `strports.toml` can name further places of descriptions, and select the rules.
    /// The last line has the number of files and descriptions. The exit code is 0 without findings
    /// of the severity of `--fail-on`, 1 with findings, 2 if a given path could not be checked.
    #[cfg(feature = "check")]
    Check(Deferred<Check>),
    /// Escape texts for use in a description
    ///
    /// Texts are escaped as values of keywords, or with `--positional` as positional arguments. The
    /// output has one line for each text.
    Quote(Deferred<Quote>),
    /// Print descriptions in canonical form
    ///
    /// The canonical form is the shortest one: the type first, without default values, with the
    /// fewest escapes.
    Fmt(Deferred<Fmt>),
    /// Convert addresses and services of other programs to descriptions, and back
    ///
    /// The forms include addresses of socat, command lines of ncat, services of stunnel, lines of
    /// `HAProxy` and nginx, units of systemd, and URLs. The result is written to standard output,
    /// and a list of lost options to standard error. The exit code is 0 if nothing is lost, 1
    /// otherwise.
    Convert(Deferred<Convert>),
    /// Listen, and join a connection to standard input and output
    ///
    /// The address is reported on standard error. The command ends with the connection, or on
    /// SIGINT and SIGTERM. Certificates of a TLS server are reloaded when their files change and on
    /// SIGHUP, and the result is reported. Without TLS, SIGHUP ends the command, unless `--keep` is
    /// given.
    #[cfg(feature = "relay")]
    Listen(Deferred<Listen>),
    /// Connect, and join the connection to standard input and output
    ///
    /// The end of standard input ends only the sending side, unless `--no-shutdown` is given.
    /// Output of the other side is written until it ends, too.
    #[cfg(feature = "relay")]
    Connect(Deferred<Connect>),
    /// Listen, and join each connection to a new connection to a target
    ///
    /// The address and each failed connection are reported on standard error. With several targets,
    /// the first one that answers gets the connection. SIGINT and SIGTERM stop the relay: open
    /// connections have some time to end, unless there is a second signal. Certificates of a TLS
    /// server are reloaded when their files change and on SIGHUP, and the result is reported. On
    /// SIGUSR2, the relay starts its program again, and the new process takes over the open
    /// listening socket.
    #[cfg(feature = "relay")]
    Relay(Deferred<Relay>),
    /// Try descriptions step by step, and report each step
    ///
    /// A client connects as in `connect`, and is closed without sending data. For a server,
    /// everything that `listen` needs is checked, and nothing stays open. The exit code is 0 if
    /// every step succeeded, 1 if one failed. A certificate that expires within 14 days is a
    /// warning.
    #[cfg(feature = "relay")]
    Test(Deferred<Test>),
    /// Refuse what opens sockets, which this build does not
    #[cfg(not(feature = "relay"))]
    #[command(name = "relay", aliases = ["connect", "listen", "test"], hide = true)]
    Sockets(Deferred<Sockets>),
    /// List the errors and lints, or explain one of them
    #[cfg(feature = "check")]
    Rule(Deferred<Rule>),
    /// Write a first `strports.toml`
    ///
    /// The file describes all settings in comments, and changes nothing by itself.
    #[cfg(feature = "check")]
    Init(Deferred<Init>),
    /// Print the JSON schema of `strports.toml`
    ///
    /// With the schema, editors complete and check the keys.
    #[cfg(feature = "check")]
    Schema(Deferred<Schema>),
    /// Serve editors: findings, fixes, completion and help while you type
    ///
    /// Editors start this command, which speaks the Language Server Protocol on standard input and
    /// output.
    #[cfg(feature = "check")]
    Lsp(Deferred<Lsp>),
    /// List the types of descriptions, or describe the parameters of one
    ///
    /// The list contains the types of Twisted, extensions of strports, plugins of packages, and
    /// types that `[[type]]` in the nearest `strports.toml` declares.
    #[cfg(feature = "check")]
    Types(Deferred<Types>),
    /// Print completions for a shell
    Completions(Deferred<Completions>),
    /// List possible continuations of a command line
    #[command(hide = true)]
    Complete(Deferred<Complete>),
    /// Print the manual page, in roff
    Man(Deferred<Man>),
}

/// The bytes of an argument, which on Unix need not be UTF-8.
pub(super) fn bytes(argument: &OsStr) -> &[u8] {
    argument.as_encoded_bytes()
}
