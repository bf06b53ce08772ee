//! Problems of the file with the user name and password for a proxy.

use std::io;

use thiserror::Error as ThisError;

use crate::error::io_error::IoMessage;
use crate::proto::tunnel::CredentialsError;

/// Why the file with the user name and password for a proxy cannot be used.
///
/// No message shows the content of the file.
///
/// Part of [`EnvironmentProblem`](crate::EnvironmentProblem).
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum CredentialsProblem {
    /// The file with the credentials does not exist, or cannot be read.
    #[error("{}", IoMessage(.0))]
    Unreadable(io::Error),
    /// The path is not a regular file. Reading a pipe, for example, could block.
    #[error("it is not a regular file")]
    NotAFile,
    /// Users other than the owner of the file may read or change it.
    #[error("users other than its owner may read or write it, mode {mode:03o} (`chmod go= FILE`)")]
    OpenToOthers {
        /// The permission bits of the file, such as `0o644`.
        mode: u32,
    },
    /// The file is longer than a user name and a password may be.
    #[error("it has more than {limit} bytes")]
    TooLong {
        /// The maximum length of the file in bytes.
        limit: usize,
    },
    /// The file does not contain a valid line of credentials, or not one that this proxy supports.
    #[error(transparent)]
    Line(#[from] CredentialsError),
}
