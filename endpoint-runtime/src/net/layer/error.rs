//! What is left of a connection on which a layer could not be put.

use crate::error::Problem;
use crate::net::connection::Connection;

/// Why a layer could not be put on a connection.
pub(crate) struct LayerError {
    pub(crate) problem: Problem,
    /// The connection, if something was sent that the peer should still read.
    pub(crate) lingering: Option<Box<Connection>>,
    /// Whether the peer went away without having sent a byte, as probes do.
    pub(crate) is_silent: bool,
}

impl<P: Into<Problem>> From<P> for LayerError {
    fn from(problem: P) -> Self {
        Self { problem: problem.into(), lingering: None, is_silent: false }
    }
}
