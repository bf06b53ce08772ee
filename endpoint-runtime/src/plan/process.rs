//! Programs to run, as plain data: the program, its environment and its identity.

use core::fmt;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub use strports_syntax::value::StandardError as StandardErrorBehavior;

use crate::quoted::Quoted;

/// How long a program may run after SIGTERM, by default, before SIGKILL ends it.
///
/// See [`ProcessSpawn`] for an example.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(2);

/// A program whose standard input and output are the connection. It is run without a shell.
///
/// A name without a slash is searched for in the `PATH` of the new environment, or in
/// `/bin:/usr/bin` without a `PATH`. A relative path starts from `cwd`, and so do relative
/// directories of `PATH`: the child changes its directory before it executes the program, as with
/// POSIX `execvp` and in Twisted. A relative `cwd` starts from the working directory of this
/// process.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, EnvRule, ProcessSpawn};
///
/// let mut spawn = ProcessSpawn::new("sort");
/// spawn.args.push("-r".into());
/// spawn.env.push(EnvRule::Set("LC_ALL".into(), "C".into()));
/// assert_eq!(
///     ClientPlan::from(spawn).to_string(),
///     "run `sort` with the argument `-r`, with `LC_ALL` set, its standard error logged"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessSpawn {
    /// The program: a name to search for, or a path with a slash.
    pub executable: PathBuf,
    /// The `argv[0]` of the program; `None` means `executable`.
    ///
    /// Corresponds to `args[0]` in Twisted.
    pub arg0: Option<OsString>,
    /// The arguments of the program after `argv[0]`.
    pub args: Vec<OsString>,
    /// The working directory of the program; `None` means that of this process.
    pub cwd: Option<PathBuf>,
    /// Changes of the program's environment. Of several for one variable, the last applies.
    pub env: Vec<EnvRule>,
    /// Whether the environment starts empty, instead of as a copy of this process's.
    pub clear_env: bool,
    /// The user id to run as, without supplementary groups; `None` keeps that of this process.
    pub uid: Option<u32>,
    /// The group id to run as, without supplementary groups; `None` keeps that of this process.
    pub gid: Option<u32>,
    /// Whether the program runs on its own pseudo-terminal, which is also its standard error.
    ///
    /// Many programs, such as shells, are interactive only on a terminal. The C library buffers
    /// output by lines there, instead of in blocks.
    pub use_pty: bool,
    /// The destination of standard error, unless there is a terminal or the caller sets descriptor
    /// 2.
    pub stderr: StandardErrorBehavior,
    /// The time between SIGTERM and SIGKILL; [`DEFAULT_GRACE`] unless the caller changes it.
    pub grace: Duration,
}

impl ProcessSpawn {
    /// Runs a program with the environment and the directory of this process, and the defaults of
    /// `process`.
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        Self {
            executable: executable.into(),
            arg0: None,
            args: Vec::new(),
            cwd: None,
            env: Vec::new(),
            clear_env: false,
            uid: None,
            gid: None,
            use_pty: false,
            stderr: StandardErrorBehavior::Log,
            grace: DEFAULT_GRACE,
        }
    }
}

/// One change of the environment in which a program runs.
///
/// See [`ProcessSpawn`] for an example.
#[derive(Clone, PartialEq, Eq)]
pub enum EnvRule {
    /// Sets a variable to a value.
    Set(OsString, OsString),
    /// Gives a variable its value in this process, or removes it if it has none there.
    Copy(OsString),
}

/// Prints no value, because it may be secret.
impl fmt::Debug for EnvRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(name, _) => write!(f, "Set({}, …)", Quoted::new(name)),
            Self::Copy(name) => write!(f, "Copy({})", Quoted::new(name)),
        }
    }
}

impl EnvRule {
    /// The name of the variable that is set or copied.
    pub fn name(&self) -> &OsString {
        match self {
            Self::Set(name, _) | Self::Copy(name) => name,
        }
    }
}
