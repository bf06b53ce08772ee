//! What is wrong with the file of the credentials for a proxy.

use std::io;

use thiserror::Error as ThisError;

use crate::error::io_error::IoMessage;
use crate::proto::tunnel::CredentialsError;

/// What is wrong with the file of the credentials for a proxy; no message shows a part of it.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum CredentialsProblem {
    /// The file does not exist, or cannot be read.
    #[error("{}", IoMessage(.0))]
    Unreadable(io::Error),
    /// There is something else than a file, such as a pipe, which could block a reader.
    #[error("it is not a regular file")]
    NotAFile,
    /// Users other than the owner of the file may read or change it.
    #[error("users other than its owner may read or write it, mode {mode:03o} (`chmod go= FILE`)")]
    OpenToOthers {
        /// The permissions.
        mode: u32,
    },
    /// The file is longer than any line of credentials.
    #[error("it has more than {limit} bytes")]
    TooLong {
        /// How many bytes are read at most.
        limit: usize,
    },
    /// The file does not hold a line of credentials, or not one for this proxy.
    #[error(transparent)]
    Line(#[from] CredentialsError),
}
