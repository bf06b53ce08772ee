//! What a relay wants of its ends.

use smol::io::{AsyncRead, AsyncWrite};

use crate::net::{Connection, Socket};

/// One end of a relay.
pub(super) trait End: AsyncRead + AsyncWrite + Unpin {
    /// The socket that carries the bytes, where they come and go as they are.
    fn socket(&self) -> Option<Socket<'_>> {
        None
    }
}

impl End for Connection {
    fn socket(&self) -> Option<Socket<'_>> {
        Self::socket(self)
    }
}
