//! What a copy needs of the connections at its ends.

use smol::io::{AsyncRead, AsyncWrite};

use crate::net::{Connection, Socket};

/// One end of a copy.
pub(super) trait End: AsyncRead + AsyncWrite + Unpin {
    /// The socket that carries the bytes, if no layer changes them.
    fn socket(&self) -> Option<Socket<'_>> {
        None
    }
}

impl End for Connection {
    fn socket(&self) -> Option<Socket<'_>> {
        Self::socket(self)
    }
}
