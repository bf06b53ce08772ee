//! What every poller does: it is asked for an interest, and tells events.

use core::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

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

/// A poller of the system.
pub(crate) trait Poller: fmt::Debug + Send + Sync {
    /// Watches a descriptor; one that is ready already has an event.
    ///
    /// # Safety
    ///
    /// The descriptor has to be [deleted](Self::delete) before it is closed.
    unsafe fn watch(&self, fd: BorrowedFd<'_>, of: Interest, is_new: bool) -> io::Result<()>;

    fn delete(&self, fd: BorrowedFd<'_>);

    /// Appends the next events to `found`, after `limit` at the latest.
    ///
    /// Only one thread waits at a time. An interrupted wait finds nothing.
    fn wait(&self, limit: Option<Duration>, found: &mut Vec<Event>);

    /// Ends the wait that is under way, or the next one.
    fn notify(&self);

    /// Whether an event ends the watch, which has to be renewed then.
    fn is_oneshot(&self) -> bool;

    /// Whether events tell the end of the peer's data ([`Event::is_end`]).
    fn tells_end(&self) -> bool;
}
