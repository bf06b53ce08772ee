//! The orders of a tunnel's state machine to its driver.

use core::fmt;

/// What the driver of a tunnel has to do next.
///
/// Returned by [`Tunnel`](crate::proto::tunnel::Tunnel).
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub enum Order {
    /// Send these bytes to the proxy. They may contain credentials.
    Send(Vec<u8>),
    /// Read at least one byte from the proxy, and at most `at_most`.
    Read {
        /// The number of bytes that certainly belong to the answer.
        at_most: usize,
    },
    /// The tunnel is open: all further bytes belong to the target.
    Open,
}

/// Omits bytes to send, which may contain credentials.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Self::Read { at_most } => f.debug_struct("Read").field("at_most", at_most).finish(),
            Self::Open => f.write_str("Open"),
        }
    }
}
