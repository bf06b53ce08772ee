//! Errors of starting the program of a `process` endpoint.

use core::fmt;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use thiserror::Error as ThisError;

use crate::error::io_error::IoMessage;
use crate::quoted::Quoted;

/// Why the program of a `process` endpoint cannot be started.
///
/// A missing program, directory or interpreter is detected before a process is created.
///
/// Part of [`EnvironmentProblem`](crate::EnvironmentProblem).
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum ProcessProblem {
    /// A name without a slash was not found in any directory of `PATH`.
    #[error("there is no program {} in {}", Quoted::new(.executable), Quoted::new(.path))]
    NotFound {
        /// The name of the program, without a slash.
        executable: PathBuf,
        /// The directories that were searched, separated by colons.
        path: OsString,
    },
    /// The file of the program is missing or cannot be executed.
    #[error("cannot run {}: {}", Quoted::new(.executable), IoMessage(.error))]
    Execute {
        /// The name or the path of the program.
        executable: PathBuf,
        /// Why the operating system cannot execute the program.
        error: io::Error,
    },
    /// The interpreter of a script, or the dynamic linker of a program, is missing.
    #[error("cannot run {}: its interpreter does not exist", Quoted::new(.executable))]
    NoInterpreter {
        /// The name or the path of the script or program.
        executable: PathBuf,
    },
    /// The working directory of the program does not exist or cannot be entered.
    #[error("cannot enter the directory {}: {}", Quoted::new(.cwd), IoMessage(.error))]
    Directory {
        /// The working directory that `cwd=` gives the program.
        cwd: PathBuf,
        /// Why the operating system cannot enter the directory.
        error: io::Error,
    },
    /// The program cannot be run as another user or group, which needs privileges.
    #[error("cannot become {}: {}", Identity(*.uid, *.gid), IoMessage(.error))]
    Identity {
        /// The user id to run as; `None` if it stays unchanged.
        uid: Option<u32>,
        /// The group id to run as; `None` if it stays unchanged.
        gid: Option<u32>,
        /// Why the operating system refused the change of user or group.
        error: io::Error,
    },
    /// No pseudo-terminal can be opened for the program.
    #[error("cannot open a terminal for {}: {}", Quoted::new(.executable), IoMessage(.error))]
    Terminal {
        /// The name or the path of the program.
        executable: PathBuf,
        /// Why the operating system cannot open a pseudo-terminal.
        error: io::Error,
    },
    /// A descriptor cannot be passed to the program under the number that it should have there.
    #[error(
        "cannot pass descriptor {number} to {}: {}",
        Quoted::new(.executable),
        IoMessage(.error)
    )]
    Descriptor {
        /// The name or the path of the program.
        executable: PathBuf,
        /// The number that the descriptor would have in the program.
        number: i32,
        /// Why the operating system cannot pass the descriptor.
        error: io::Error,
    },
    /// The system cannot create another process, thread or pipe.
    #[error("cannot start {}: {}", Quoted::new(.executable), IoMessage(.error))]
    Start {
        /// The name or the path of the program.
        executable: PathBuf,
        /// Why the operating system cannot create the process.
        error: io::Error,
    },
}

/// Prints `user 1 and group 2`, or only one of them.
struct Identity(Option<u32>, Option<u32>);

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(uid), Some(gid)) => write!(f, "user {uid} and group {gid}"),
            (Some(uid), None) => write!(f, "user {uid}"),
            (None, Some(gid)) => write!(f, "group {gid}"),
            (None, None) => f.write_str("another user"),
        }
    }
}
