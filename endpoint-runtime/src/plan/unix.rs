//! UNIX sockets in a plan: one to listen on or to connect to.

use std::time::Duration;

use super::defaults::{DEFAULT_BACKLOG, DEFAULT_MODE, DEFAULT_TIMEOUT};
use crate::address::UnixName;

/// Listens on a UNIX socket, by path or by abstract name.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{DEFAULT_MODE, UnixListen, UnixName};
///
/// let listen = UnixListen::new(UnixName::path("/run/app.sock")?);
/// assert_eq!(listen.mode, DEFAULT_MODE);
/// assert!(listen.lockfile);
/// # Ok::<(), endpoint_runtime::DescriptionProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnixListen {
    /// The path or the abstract name of the socket.
    pub name: UnixName,
    /// The exact permissions of the socket, regardless of the umask; abstract names have none.
    ///
    /// On Linux, connecting requires the permission to write.
    pub mode: u32,
    /// How many connections may wait to be accepted. On Linux, `net.core.somaxconn` limits the
    /// value.
    pub backlog: i32,
    /// Whether a symlink `PATH.lock` to the process id guards the path; abstract names need none.
    ///
    /// Only with the lock does a server replace a socket that an earlier process has left.
    pub lockfile: bool,
    /// The user to own the socket, by name or number; `None` keeps that of this process.
    pub user: Option<String>,
    /// The group of the socket, by name or number; `None` keeps that of this process.
    pub group: Option<String>,
}

impl UnixListen {
    /// Listens on a UNIX socket, with the defaults of `unix`.
    pub fn new(name: UnixName) -> Self {
        Self {
            name,
            mode: DEFAULT_MODE,
            backlog: DEFAULT_BACKLOG,
            lockfile: true,
            user: None,
            group: None,
        }
    }
}

/// Connects to a UNIX socket, by path or by abstract name.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, UnixConnect, UnixName};
///
/// let plan = ClientPlan::from(UnixConnect::new(UnixName::path("/run/app.sock")?));
/// assert_eq!(plan.to_string(), "connect to the UNIX socket `/run/app.sock`, within 30 seconds");
/// # Ok::<(), endpoint_runtime::DescriptionProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnixConnect {
    /// The path or the abstract name of the socket.
    pub name: UnixName,
    /// The time limit for connecting, including the layers.
    pub timeout: Duration,
    /// Whether to connect only if a running server holds `PATH.lock`.
    pub lockfile: bool,
}

impl UnixConnect {
    /// Connects to a UNIX socket, with the defaults of `unix`.
    pub fn new(name: UnixName) -> Self {
        Self { name, timeout: DEFAULT_TIMEOUT, lockfile: false }
    }
}
