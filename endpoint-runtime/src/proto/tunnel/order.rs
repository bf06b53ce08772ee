//! What a machine orders its driver to do.

use core::fmt;

/// What to do next.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub enum Order {
    /// Send this to the proxy. It may hold credentials.
    Send(Vec<u8>),
    /// Read at least one byte of the proxy, and no more than so many.
    Read {
        /// The most that is sure to belong to the answer.
        at_most: usize,
    },
    /// The tunnel is open: what comes from here on is the host's.
    Open,
}

/// Without what is sent, which may hold credentials.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Self::Read { at_most } => f.debug_struct("Read").field("at_most", at_most).finish(),
            Self::Open => f.write_str("Open"),
        }
    }
}
