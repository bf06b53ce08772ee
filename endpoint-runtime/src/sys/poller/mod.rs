//! The poller: reports when a socket becomes ready (edge-triggered), not while it is.
//!
//! The crate `polling` supports every Unix. On Linux, each of its waits makes four system calls in
//! addition to `epoll_wait`, so epoll is used directly. `benches/README.md` has measurements.

#[cfg(target_os = "linux")]
mod epoll;
mod event;
mod portable;

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) use self::event::{Event, Interest, Poller};

/// A poller of any kind, in a box: a reference to it takes one word in every socket.
pub(crate) type AnyPoller = Box<dyn Poller>;

/// Opens the fastest poller that this system supports.
pub(crate) fn open() -> io::Result<AnyPoller> {
    #[cfg(target_os = "linux")]
    if !cfg!(feature = "__portable_poller") {
        if let Ok(epoll) = epoll::Epoll::new() {
            return Ok(Box::new(epoll));
        }
    }
    // Some sandboxes have no eventfd. `polling` falls back to a pipe.
    Ok(Box::new(portable::Portable::new()?))
}

/// A socket whose descriptor stays the same until it is dropped.
pub(crate) trait Socket: AsFd {}

impl Socket for TcpListener {}
impl Socket for TcpStream {}
impl Socket for UnixListener {}
impl Socket for UnixStream {}

/// The value of `key` for a socket that is not watched.
const NO_KEY: u32 = u32::MAX;

/// A socket that a poller may watch. The watch ends before the socket is closed.
#[derive(Debug)]
pub(crate) struct Watched<T: Socket> {
    io: T,
    poller: &'static AnyPoller,
    key: AtomicU32,
}

impl<T: Socket> Watched<T> {
    pub(crate) fn new(io: T, poller: &'static AnyPoller) -> Self {
        Self { io, poller, key: AtomicU32::new(NO_KEY) }
    }

    pub(crate) fn get_ref(&self) -> &T {
        &self.io
    }

    pub(crate) fn poller(&self) -> &'static dyn Poller {
        &**self.poller
    }

    /// Returns the key with which the socket is watched; `None` if it is not.
    pub(crate) fn key(&self) -> Option<u32> {
        Some(self.key.load(Ordering::Acquire)).filter(|key| *key != NO_KEY)
    }

    /// Watches the socket, or changes what it is watched for. All calls must use the same key.
    ///
    /// If the socket is already ready, there is an event. Calls must not overlap.
    pub(crate) fn watch(&self, interest: Interest) -> io::Result<()> {
        // SAFETY: a `Socket` keeps its descriptor until it is dropped. `Drop` deletes the
        // descriptor from the poller before it drops `io`, and `io` cannot be moved out.
        unsafe { self.poller.watch(self.io.as_fd(), interest, self.key().is_none()) }?;
        self.key.store(interest.key, Ordering::Release);
        Ok(())
    }

    /// Stops watching the socket, and returns its key; `None` if it was not watched.
    ///
    /// There are no events with this key afterwards.
    pub(crate) fn stop(&mut self) -> Option<u32> {
        let key = self.key()?;
        self.poller.delete(self.io.as_fd());
        self.key = AtomicU32::new(NO_KEY);
        Some(key)
    }
}

impl<T: Socket> Drop for Watched<T> {
    fn drop(&mut self) {
        self.stop();
    }
}

impl<T: Socket> AsFd for Watched<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

/// One poller of each kind that this system has, so that tests run on all of them.
#[cfg(test)]
pub(crate) fn all() -> Vec<AnyPoller> {
    use polling::PollMode::{Edge, Oneshot};
    let mut pollers = vec![open().unwrap()];
    for mode in [Edge, Oneshot] {
        pollers.push(Box::new(portable::Portable::with(mode).unwrap()));
    }
    pollers
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::time::Duration;

    use super::*;

    fn pollers() -> impl Iterator<Item = &'static AnyPoller> {
        all().into_iter().map(|poller| &*Box::leak(Box::new(poller)))
    }

    fn next(poller: &AnyPoller) -> Vec<Event> {
        let mut found = Vec::new();
        while found.is_empty() {
            poller.wait(None, &mut found);
        }
        found
    }

    fn reading(key: u32) -> Interest {
        Interest { key, readable: true, writable: false }
    }

    #[test]
    fn each_edge_is_reported_once() {
        for poller in pollers() {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            let ours = Watched::new(ours, poller);
            ours.watch(reading(7)).unwrap();
            for _ in 0..2 {
                theirs.write_all(b"x").unwrap();
                let found = next(poller);
                assert_eq!((found.len(), found[0].key), (1, 7));
                assert_eq!(found[0].ready, [true, false]);
                // The byte is still unread, but there is no event.
                let mut none = Vec::new();
                poller.wait(Some(Duration::ZERO), &mut none);
                assert!(none.is_empty(), "{none:?}");
                ours.get_ref().read_exact(&mut [0]).unwrap();
                if poller.is_oneshot() {
                    ours.watch(reading(7)).unwrap();
                }
            }
        }
    }

    #[test]
    fn a_closed_socket_is_no_longer_watched() {
        for poller in pollers() {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            let behind = ours.try_clone().unwrap();
            let ours = Watched::new(ours, poller);
            ours.watch(reading(7)).unwrap();
            drop(ours);
            theirs.write_all(b"x").unwrap();
            let mut found = Vec::new();
            poller.wait(Some(Duration::ZERO), &mut found);
            assert!(found.is_empty(), "{found:?}");
            drop(behind);
        }
    }

    #[test]
    fn watching_again_reports_current_readiness() {
        for poller in pollers() {
            let (ours, _theirs) = UnixStream::pair().unwrap();
            let ours = Watched::new(ours, poller);
            ours.watch(reading(7)).unwrap();
            ours.watch(Interest { writable: true, ..reading(7) }).unwrap();
            assert!(next(poller)[0].ready[1]);
        }
    }

    #[test]
    fn a_notification_ends_a_wait() {
        for poller in pollers() {
            for _ in 0..2 {
                poller.notify();
                poller.wait(None, &mut Vec::new());
            }
        }
    }
}
