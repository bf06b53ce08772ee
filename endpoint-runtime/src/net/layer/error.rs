//! The error of setting up a layer.

use crate::error::Problem;
use crate::net::connection::Connection;

/// Why a layer could not be set up on a connection.
pub(crate) struct LayerError {
    pub(crate) problem: Problem,
    /// The connection, to be kept open until the peer has read the last message, such as a TLS
    /// alert.
    pub(crate) lingering: Option<Box<Connection>>,
    /// Whether the peer ended the connection without sending a byte, as health checks do.
    pub(crate) is_silent: bool,
}

impl<P: Into<Problem>> From<P> for LayerError {
    fn from(problem: P) -> Self {
        Self { problem: problem.into(), lingering: None, is_silent: false }
    }
}
