//! Errors of handing listening sockets over to another process.

use core::fmt;
use std::io;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use thiserror::Error as ThisError;

use crate::duration::HumanDuration;
use crate::error::io_error::IoMessage;
use crate::quoted::Quoted;

/// Why listening sockets could not be handed over to a new process.
///
/// Part of [`EnvironmentProblem`](crate::EnvironmentProblem).
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum HandoverProblem {
    /// The listener has no socket: it is standard input and output, or a plugin's.
    #[error("a listener without a listening socket cannot be taken over")]
    NoSocket,
    /// The new program cannot be started, or the sockets for it cannot be duplicated.
    #[error("cannot start {} to take over: {}", Quoted::new(.program), IoMessage(.error))]
    Start {
        /// The path of the program to start.
        program: PathBuf,
        /// Why the operating system could not start the program or duplicate the sockets.
        error: io::Error,
    },
    /// The new process exited before it was ready. Its own messages say why.
    #[error("process {pid} ended before it could take over ({})", How(*.status))]
    Ended {
        /// The process id of the new process.
        pid: u32,
        /// How the new process ended: its exit code or a signal.
        status: ExitStatus,
    },
    /// The new process closed the channel or sent an unexpected byte, and is still running.
    #[error("process {pid} runs without taking over")]
    Declined {
        /// The process id of the new process.
        pid: u32,
    },
    /// The new process did not report within the time limit that it can serve.
    #[error("process {pid} could not take over within {}", HumanDuration(*.limit))]
    TimedOut {
        /// The process id of the new process.
        pid: u32,
        /// The time that the new process had: 60 seconds.
        limit: Duration,
    },
    /// The lock file of a UNIX socket cannot be handed over with the socket.
    #[error("cannot pass {} on: {}", Quoted::new(.lock), IoMessage(.error))]
    Lock {
        /// The path of the lock file of a UNIX socket.
        lock: PathBuf,
        /// Why the operating system could not change the lock file.
        error: io::Error,
    },
    /// The sockets that the predecessor passed are not those of this endpoint.
    #[error("the sockets from process {predecessor} do not match this endpoint")]
    Unfit {
        /// The process id of the predecessor, which passes the sockets.
        predecessor: u32,
    },
    /// The channel to the predecessor, on which both exchange messages, failed.
    #[error("cannot take over from process {predecessor}: {}", IoMessage(.error))]
    Channel {
        /// The process id of the predecessor, which passes the sockets.
        predecessor: u32,
        /// Why reading from or writing to the channel failed.
        error: io::Error,
    },
}

/// Prints how a process ended: `exit status 1` or `signal 9`.
struct How(ExitStatus);

#[cfg(unix)]
impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.code(), self.0.signal()) {
            (Some(code), _) => write!(f, "exit status {code}"),
            (None, Some(signal)) if self.0.core_dumped() => {
                write!(f, "signal {signal}, core dumped")
            }
            (None, signal) => write!(f, "signal {}", signal.unwrap_or_default()),
        }
    }
}

/// Without signals, a process always has an exit status.
#[cfg(not(unix))]
impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit status {}", self.0.code().unwrap_or_default())
    }
}
