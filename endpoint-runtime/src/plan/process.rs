//! A program to run, as plain data: what it is, what it gets, and what it runs as.

use core::fmt;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub use strports_syntax::value::StandardError as StandardErrorBehavior;

use crate::quoted::Quoted;

/// How long a program has to end after SIGTERM, before SIGKILL.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(2);

/// A program to run, without a shell, whose standard input and output are the connection.
///
/// A name without a slash is looked up in the `PATH` that the program will see, or in
/// `/bin:/usr/bin` if it sees none. A relative path starts from `cwd`, as do the relative
/// directories of `PATH`: the child is there already when it executes the program, as with POSIX
/// `execvp` and in Twisted. `cwd` itself starts from our directory.
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
    /// The program: a name to look up, or a path with a slash.
    pub executable: PathBuf,
    /// The name that it gets for itself, before its arguments; `executable` if none.
    ///
    /// Twisted: `args[0]`.
    pub arg0: Option<OsString>,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The directory to run it in; ours if none.
    pub cwd: Option<PathBuf>,
    /// What changes in its environment, in order.
    pub env: Vec<EnvRule>,
    /// Whether it starts from an empty environment, in place of ours.
    pub clear_env: bool,
    /// The user to run it as; supplementary groups are dropped.
    pub uid: Option<u32>,
    /// The group to run it as; supplementary groups are dropped.
    pub gid: Option<u32>,
    /// Whether it runs on a terminal of its own; its standard error is that terminal, too.
    pub use_pty: bool,
    /// What becomes of its standard error, unless it has a terminal or the caller sets
    /// descriptor 2.
    pub stderr: StandardErrorBehavior,
    /// How long it has to end after SIGTERM, before SIGKILL.
    pub grace: Duration,
}

impl ProcessSpawn {
    /// Runs a program with our environment and directory, with the defaults of `process`.
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

/// One change of a program's environment.
#[derive(Clone, PartialEq, Eq)]
pub enum EnvRule {
    /// A variable and its value, in place of any that it has.
    Set(OsString, OsString),
    /// A variable as we have it, which may be not at all.
    Copy(OsString),
}

/// Without the value, which may be secret.
impl fmt::Debug for EnvRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(name, _) => write!(f, "Set({}, …)", Quoted::new(name)),
            Self::Copy(name) => write!(f, "Copy({})", Quoted::new(name)),
        }
    }
}

impl EnvRule {
    /// The name of the variable.
    pub fn name(&self) -> &OsString {
        match self {
            Self::Set(name, _) | Self::Copy(name) => name,
        }
    }
}
