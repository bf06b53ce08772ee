//! The exit codes of the command, and the failures that end it.

use std::io;
#[cfg(feature = "relay")]
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitCode;
#[cfg(feature = "relay")]
use std::process::ExitStatus;
use std::time::Duration;

use super::report::Shown;
use crate::runtime::{self, Address, HumanDuration, PeerProblem, Problem};

/// How a command ended; each variant says its exit code.
///
/// See [`Cli`](crate::cli::Cli) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Exit {
    /// Exit code 0: the command succeeded and found no error.
    Ok,
    /// Exit code 1: there are findings, losses of a conversion, or texts that are not canonical.
    Findings,
    /// Exit code 2: the command line is invalid.
    Usage,
    /// Exit code 1: a connection or a stream failed.
    Failure,
    /// The exit code of the child process, or 128 plus the number of the signal that killed it.
    Program(u8),
    /// Exit code 2: some files or descriptions could not be checked.
    Unfinished,
}

impl Exit {
    /// Returns [`Findings`](Self::Findings) if `any` is true, and [`Ok`](Self::Ok) otherwise.
    pub(super) const fn from_findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Ok }
    }

    /// Returns 128 plus the signal's number, as shells do for a process that a signal killed.
    #[cfg(feature = "relay")]
    pub(super) const fn from_signal(signal: i32) -> i32 {
        128 + signal
    }

    /// The exit code that the process returns to its parent.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Findings | Self::Failure => 1,
            Self::Usage | Self::Unfinished => 2,
            Self::Program(code) => code,
        }
    }
}

#[cfg(feature = "relay")]
impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        let code = status.code().or(status.signal().map(Self::from_signal));
        Self::Program(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command stopped before it finished; each is printed to standard error.
#[derive(Debug)]
#[cfg_attr(
    not(all(feature = "check", feature = "relay", feature = "__tls")),
    expect(dead_code, reason = "each feature has failures of its own")
)]
pub(super) enum Failure {
    /// Writing results to standard output failed.
    Output(io::Error),
    /// Reading standard input failed.
    Input(io::Error),
    /// Waiting for the child process failed, so its exit status is unknown.
    Program(io::Error),
    /// The handlers of signals such as SIGTERM cannot be installed.
    Signals(io::Error),
    /// A file that an option names, such as that of `--keylog`, cannot be opened or written.
    File(PathBuf, io::Error),
    /// The thread that writes the log cannot be started, or standard error is closed.
    Log(io::Error),
    /// The arguments contradict each other, or need a feature that this build lacks.
    Usage(clap::Error),
    /// Listening, connecting or relaying failed.
    Endpoint(runtime::Error),
    /// No byte was relayed for this duration, the limit of `--idle-timeout`.
    Idle(Duration),
    /// The connection was open for this duration, the limit of its lifetime.
    TooOld(Duration),
    /// A message that says why files or the configuration cannot be checked or written.
    Check(String),
}

impl Failure {
    /// The exit code with which the command ends after this failure.
    pub(super) const fn exit(&self) -> Exit {
        match self {
            Self::Check(_) => Exit::Unfinished,
            _ => Exit::Failure,
        }
    }

    /// Whether the program that reads the results has closed the pipe. That is normal, as in
    /// `strports … | head`, so the command then succeeds.
    pub(super) fn is_closed_pipe(&self) -> bool {
        let error = match self {
            Self::Output(error) => error,
            Self::Endpoint(error) => match error.problem() {
                Problem::Peer(PeerProblem::Stream { side: Address::Stdio, error, .. }) => error,
                _ => return false,
            },
            _ => return false,
        };
        error.kind() == io::ErrorKind::BrokenPipe
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Output(error) => write!(f, "cannot write the results: {error}"),
            Self::Input(error) => write!(f, "cannot read standard input: {error}"),
            Self::Program(error) => write!(f, "cannot get the exit status of the program: {error}"),
            Self::Log(error) => write!(f, "cannot start the log: {error}"),
            Self::Signals(error) => write!(f, "cannot handle signals: {error}"),
            Self::File(path, error) => {
                let path = Shown::whole(path.as_os_str().as_encoded_bytes());
                write!(f, "cannot write `{}`: {error}", path.text())
            }
            Self::Usage(error) => write!(f, "{error}"),
            Self::Endpoint(error) => write!(f, "{error}"),
            Self::Idle(limit) => write!(f, "nothing was sent for {}", HumanDuration(*limit)),
            Self::TooOld(limit) => {
                write!(f, "the connection was open for {}", HumanDuration(*limit))
            }
            Self::Check(message) => f.write_str(message),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<runtime::Error> for Failure {
    fn from(error: runtime::Error) -> Self {
        Self::Endpoint(error)
    }
}
