//! Why a program cannot be run, each reason naming what is to be mended.

use core::fmt;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use thiserror::Error as ThisError;

use crate::error::io_error::IoMessage;
use crate::quoted::Quoted;

/// A program that does not start.
///
/// A program, a directory or an interpreter that is missing is found before anything is started.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum ProcessProblem {
    /// A name without a slash is in no directory of `PATH`.
    #[error("there is no program {} in {}", Quoted::new(.executable), Quoted::new(.path))]
    NotFound {
        /// The name.
        executable: PathBuf,
        /// The directories that were searched, with colons between them.
        path: OsString,
    },
    /// The program is missing, or is none.
    #[error("cannot run {}: {}", Quoted::new(.executable), IoMessage(.error))]
    Execute {
        /// The program.
        executable: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The program is a script, or linked dynamically, and what it needs to run is missing.
    #[error("cannot run {}: its interpreter does not exist", Quoted::new(.executable))]
    NoInterpreter {
        /// The program.
        executable: PathBuf,
    },
    /// The directory to run it in cannot be entered.
    #[error("cannot enter the directory {}: {}", Quoted::new(.cwd), IoMessage(.error))]
    Directory {
        /// The directory.
        cwd: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It cannot be run as somebody else, which takes privileges.
    #[error("cannot become {}: {}", Identity(*.uid, *.gid), IoMessage(.error))]
    Identity {
        /// The user asked for.
        uid: Option<u32>,
        /// The group asked for.
        gid: Option<u32>,
        /// What the system said.
        error: io::Error,
    },
    /// There is no terminal for it.
    #[error("cannot open a terminal for {}: {}", Quoted::new(.executable), IoMessage(.error))]
    Terminal {
        /// The program.
        executable: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A descriptor cannot be passed on under its number.
    #[error("cannot pass descriptor {number} to {}: {}", Quoted::new(.executable), IoMessage(.error))]
    Descriptor {
        /// The program.
        executable: PathBuf,
        /// The number that it was to have there.
        number: i32,
        /// What the system said.
        error: io::Error,
    },
    /// The system has no room for another process, thread or pipe.
    #[error("cannot start {}: {}", Quoted::new(.executable), IoMessage(.error))]
    Start {
        /// The program.
        executable: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// `user 1 and group 2`, as far as they are given.
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
