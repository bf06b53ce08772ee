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
/// One string says where to listen or connect: `tcp:8080`, `tls:example.com:443`,
/// `unix:/run/app.sock:mode=660`. The exit code is 0 if all is well, 1 if there are errors or a
/// connection failed, 2 if the command line makes no sense.
#[derive(Parser)]
#[command(name = "strports", version, max_term_width = 100)]
#[command(after_help = "Example:\n  strports explain 'tcp:8080:interface=127.0.0.1'")]
pub(super) struct Args {
    /// When to use colours: `auto`, `always` or `never`
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
    /// Say what descriptions mean, and what is wrong with them
    ///
    /// Every description gets exactly one answer, in order. Errors make the exit code 1, warnings
    /// do not, unless `--fail-on` says so.
    Explain(Deferred<Explain>),
    /// Find descriptions in files, say what is wrong with them, and mend them
    ///
    /// Directories are searched, without what git ignores; without any path, the one where you are.
    /// `strports.toml` says where to look besides and what to report. The last line says how many
    /// files and descriptions were read. The exit code is 0 if nothing of the severity of
    /// `--fail-on` was found, 1 if something was, 2 if something that was named could not be
    /// checked.
    #[cfg(feature = "check")]
    Check(Deferred<Check>),
    /// Escape texts so that they stand for themselves in a description
    ///
    /// As the value of a keyword, unless told otherwise; one line for each text.
    Quote(Deferred<Quote>),
    /// Print descriptions in canonical form
    ///
    /// That is the shortest one: the type first, defaults left out, the fewest escapes.
    Fmt(Deferred<Fmt>),
    /// Convert what other programs say of addresses to descriptions, and back
    ///
    /// Addresses of socat, command lines of ncat, services of stunnel, lines of `HAProxy` and
    /// nginx, units of systemd, URLs and others. The result goes to standard output, what is lost
    /// in it to standard error. The exit code is 0 if nothing is lost, 1 if something is.
    Convert(Deferred<Convert>),
    /// Listen, and join a connection to standard input and output
    ///
    /// Where it listens is said on standard error. It ends with the connection, or on SIGINT and
    /// SIGTERM. On SIGHUP it reads the certificates of a TLS server again, as it does whenever they
    /// change, and says what came of it; without TLS, SIGHUP ends it, unless `--keep` is given.
    #[cfg(feature = "relay")]
    Listen(Deferred<Listen>),
    /// Connect, and join the connection to standard input and output
    ///
    /// The end of standard input ends the sending side alone, unless `--no-shutdown` is given; what
    /// the other side still sends is written.
    #[cfg(feature = "relay")]
    Connect(Deferred<Connect>),
    /// Listen, and join each connection to a new one elsewhere
    ///
    /// Where it listens is said on standard error, and so is each connection that fails. With
    /// several clients the first one that answers gets the connection. SIGINT and SIGTERM stop it:
    /// connections that are open have some time to end, unless a second signal comes. On SIGHUP it
    /// reads the certificates of a TLS server again, as it does whenever they change, and says what
    /// came of it. On SIGUSR2 it starts its program anew, which takes the listening socket over
    /// while it is open.
    #[cfg(feature = "relay")]
    Relay(Deferred<Relay>),
    /// Do what running descriptions would do, step by step, and say what was seen
    ///
    /// A client connects, as `connect` does, and is closed; nothing is sent beyond what each step
    /// needs. Of a server everything is looked at that `listen` needs, and nothing is kept open.
    /// The exit code is 0 if no step failed, 1 if one failed; a certificate that expires
    /// within 14 days is a warning.
    #[cfg(feature = "relay")]
    Test(Deferred<Test>),
    /// Refuse what opens sockets, which this build does not
    #[cfg(not(feature = "relay"))]
    #[command(name = "relay", aliases = ["connect", "listen", "test"], hide = true)]
    Sockets(Deferred<Sockets>),
    /// List the errors and lints, or say what one is
    #[cfg(feature = "check")]
    Rule(Deferred<Rule>),
    /// Write a first `strports.toml`
    ///
    /// It says what can be configured, in comments, and changes nothing by itself.
    #[cfg(feature = "check")]
    Init(Deferred<Init>),
    /// Print the JSON schema of `strports.toml`
    ///
    /// Editors that know it complete its keys and check them.
    #[cfg(feature = "check")]
    Schema(Deferred<Schema>),
    /// Serve editors: findings, fixes, completion and help while a file is written
    ///
    /// It speaks the Language Server Protocol on standard input and output; editors start it.
    #[cfg(feature = "check")]
    Lsp(Deferred<Lsp>),
    /// List the types of descriptions, or say what one takes
    ///
    /// Those of Twisted, extensions of strports, those that packages bring as plugins, and those
    /// that `[[type]]` of the nearest `strports.toml` declares.
    #[cfg(feature = "check")]
    Types(Deferred<Types>),
    /// Print completions for a shell
    Completions(Deferred<Completions>),
    /// Say what may follow on a command line
    #[command(hide = true)]
    Complete(Deferred<Complete>),
    /// Print the manual page, in roff
    Man(Deferred<Man>),
}

/// The bytes of an argument, which on Unix need not be UTF-8.
pub(super) fn bytes(argument: &OsStr) -> &[u8] {
    argument.as_encoded_bytes()
}
