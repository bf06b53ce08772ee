//! A program to run, as plain data: what it is, what it gets, and what it runs as.

use core::fmt;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub use strports_syntax::value::StandardError as StandardErrorBehavior;

use crate::quoted::Quoted;

#[cfg(unix)]
pub use self::child_fds::ChildFds;

/// How long a program has to end after SIGTERM, before SIGKILL.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(2);

/// A program to run, without a shell, whose standard input and output are the connection.
///
/// A name without a slash is looked up in the `PATH` that the program will see, or in `/bin:/usr/bin` if it sees
/// none. A relative path starts from `cwd`, as do the relative directories of `PATH`: the child is there already when
/// it executes the program, as with POSIX `execvp` and in Twisted. `cwd` itself starts from our directory.
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
    /// Its arguments; before them it gets `executable` as its own name.
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
    /// What becomes of its standard error, where it has no terminal.
    pub stderr: StandardErrorBehavior,
    /// Further descriptors that it gets.
    #[cfg(unix)]
    pub child_fds: ChildFds,
    /// How long it has to end after SIGTERM, before SIGKILL.
    pub grace: Duration,
}

impl ProcessSpawn {
    /// Runs a program with our environment and directory, with the defaults of `process`.
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        Self {
            executable: executable.into(),
            args: Vec::new(),
            cwd: None,
            env: Vec::new(),
            clear_env: false,
            uid: None,
            gid: None,
            use_pty: false,
            stderr: StandardErrorBehavior::Log,
            #[cfg(unix)]
            child_fds: ChildFds::default(),
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

#[cfg(unix)]
mod child_fds {
    use core::fmt;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
    use std::sync::Arc;

    /// Descriptors that a program gets beside its standard ones, each under a number of its own.
    ///
    /// Every program that the plan starts gets them, so they stay open until the last copy of the plan is dropped.
    /// Numbers below 3 are the standard descriptors and are refused when the program is started.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::fd::OwnedFd;
    /// use endpoint_runtime::plan::ProcessSpawn;
    ///
    /// let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    /// let mut spawn = ProcessSpawn::new("worker");
    /// spawn.child_fds.insert(3, OwnedFd::from(theirs));
    /// assert_eq!(spawn.child_fds.iter().next().unwrap().0, 3);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[derive(Clone, Default)]
    pub struct ChildFds(Vec<(RawFd, Arc<OwnedFd>)>);

    impl ChildFds {
        /// Passes a descriptor on under a number, in place of any that had it.
        pub fn insert(&mut self, number: RawFd, descriptor: impl Into<OwnedFd>) {
            self.0.retain(|(taken, _)| *taken != number);
            self.0.push((number, Arc::new(descriptor.into())));
        }

        /// Each descriptor with its number in the program.
        pub fn iter(&self) -> impl Iterator<Item = (RawFd, BorrowedFd<'_>)> {
            self.0.iter().map(|(number, descriptor)| (*number, descriptor.as_fd()))
        }

        /// Whether there are none.
        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
    }

    /// The same descriptors, not others that are open on the same file.
    impl PartialEq for ChildFds {
        fn eq(&self, other: &Self) -> bool {
            self.0.len() == other.0.len()
                && self.0.iter().zip(&other.0).all(|((number, descriptor), other)| {
                    *number == other.0 && Arc::ptr_eq(descriptor, &other.1)
                })
        }
    }

    impl Eq for ChildFds {}

    impl fmt::Debug for ChildFds {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_map().entries(self.0.iter().map(|(number, fd)| (number, fd))).finish()
        }
    }
}
