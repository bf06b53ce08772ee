//! The operation of an error, for messages such as "cannot read from …".

use core::fmt;

/// An operation on a file or a connection that failed.
///
/// Displays as a verb that fits between "cannot" and the name of the file or peer.
///
/// Part of [`EnvironmentProblem`](crate::EnvironmentProblem) and
/// [`PeerProblem`](crate::PeerProblem).
///
/// # Examples
///
/// ```
/// assert_eq!(endpoint_runtime::Operation::SetMode.to_string(), "set the mode of");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Creating a socket or a lock file.
    Create,
    /// Reading a file or a symlink.
    Inspect,
    /// Setting the permissions of a socket.
    SetMode,
    /// Changing the user or group of a socket.
    SetOwner,
    /// Removing a socket or a lock file.
    Remove,
    /// Reading from a connection.
    Read,
    /// Writing to a connection.
    Write,
    /// Setting up a layer of a connection, such as a PROXY header.
    SetUp,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Inspect => "inspect",
            Self::SetMode => "set the mode of",
            Self::SetOwner => "change the owner of",
            Self::Remove => "remove",
            Self::Read => "read from",
            Self::Write => "write to",
            Self::SetUp => "set up the connection with",
        })
    }
}
