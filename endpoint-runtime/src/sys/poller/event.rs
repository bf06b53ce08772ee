//! The interface of all pollers: they watch for an interest and return events.

use core::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// The maximum number of events that one wait returns.
pub(super) const EVENTS: usize = 256;

/// What to watch a socket for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interest {
    /// The number that the events of the socket have, to find it again.
    pub(crate) key: u32,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// A change of a watched socket that a poller reports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// The key of the socket's [`Interest`].
    pub(crate) key: u32,
    /// Whether the socket is readable, and whether it is writable.
    pub(crate) ready: [bool; 2],
    /// Whether the peer has ended its write side, or the connection is closed.
    pub(crate) is_end: bool,
    /// Whether there is an error or urgent data. Then a short read does not mean that the socket is
    /// empty.
    pub(crate) is_odd: bool,
}

/// A system service that watches many sockets and reports those that become ready.
pub(crate) trait Poller: fmt::Debug + Send + Sync {
    /// Watches a descriptor, or changes what it is watched for unless `is_new`.
    ///
    /// If it is already ready, there is an event.
    ///
    /// # Safety
    ///
    /// The descriptor must be [deleted](Self::delete) before it is closed.
    unsafe fn watch(&self, fd: BorrowedFd<'_>, of: Interest, is_new: bool) -> io::Result<()>;

    /// Stops watching a descriptor. There are no events of it afterwards.
    fn delete(&self, fd: BorrowedFd<'_>);

    /// Waits for events, and appends them to `found`. Returns after `limit` at the latest.
    ///
    /// Only one thread waits at a time. An interrupted wait returns no events.
    fn wait(&self, limit: Option<Duration>, found: &mut Vec<Event>);

    /// Ends the current wait, or the next one if no thread waits. Callable from any thread.
    fn notify(&self);

    /// Whether an event ends the watch, so that it has to be renewed.
    fn is_oneshot(&self) -> bool;

    /// Whether events report the end of the peer's data ([`Event::is_end`]).
    fn reports_end(&self) -> bool;
}
