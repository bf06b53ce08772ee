//! `process`: a child process whose standard input and output are the connection.

use super::field::fields;
use crate::Text;
use crate::signature::client;
use crate::value::{Flag, Number, StandardError, TextList};

/// Runs a program and connects to its standard input and output; an extension to Twisted.
///
/// ```
/// use strports_syntax::ProcessClient;
/// let endpoint = ProcessClient::new("/bin/ls").args(["-l", "a:b"]);
/// assert_eq!(endpoint.to_string(), r"process:/bin/ls:-l:a\:b");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct ProcessClient<'a> {
    /// The program: a path, or a name to search for. It is run without a shell.
    pub executable: Text<'a>,
    /// The command-line arguments of the program, without its name.
    pub args: TextList<'a>,
    /// The working directory of the program; `None` means that of this process.
    pub cwd: Option<Text<'a>>,
    /// The environment variables of the program, in order: `NAME=VALUE` sets one, and `NAME` copies
    /// it from this process.
    pub env: TextList<'a>,
    /// Whether to start from an empty environment instead of a copy of this process's, before `env`
    /// is applied; off by default.
    pub clear_env: Flag<'a>,
    /// The user id to run the program as; `None` keeps that of this process.
    pub uid: Option<Number<'a, u32>>,
    /// The group id to run the program as; `None` keeps that of this process.
    pub gid: Option<Number<'a, u32>>,
    /// Whether to run the program on a pseudo-terminal instead of pipes; off by default.
    pub use_pty: Flag<'a>,
    /// What becomes of the program's standard error; it is written to the log by default.
    pub stderr: StandardError,
}

impl<'a> ProcessClient<'a> {
    /// Runs `executable` without arguments and with the environment of this process.
    pub fn new(executable: impl Into<Text<'a>>) -> Self {
        Self {
            executable: executable.into(),
            args: TextList::default(),
            cwd: None,
            env: TextList::default(),
            clear_env: Flag::new(false),
            uid: None,
            gid: None,
            use_pty: Flag::new(false),
            stderr: StandardError::Log,
        }
    }
}

fields!(
    ProcessClient = client::PROCESS {
        executable: "executable",
        args: "args" as TextList<'a>,
        cwd: "cwd" as Text<'a>,
        env: "env" as TextList<'a>,
        clear_env: "clearEnv" as Flag<'a>,
        uid: "uid" as Number<'a, u32>,
        gid: "gid" as Number<'a, u32>,
        use_pty: "usePTY" as Flag<'a>,
        stderr: "stderr" as StandardError,
    }
);
