//! What pollers are asked and tell.

/// The most events that one wait returns.
pub(super) const EVENTS: usize = 256;

/// What a socket is watched for, and the key that its events carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interest {
    pub(crate) key: u32,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// What happened to the socket with this key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) key: u32,
    /// Whether it may be read, and whether it may be written.
    pub(crate) ready: [bool; 2],
    /// The peer has ended its write side, or the connection is over.
    pub(crate) is_end: bool,
    /// There is an error or urgent data, so that a short read does not mean an empty socket.
    pub(crate) is_odd: bool,
}
