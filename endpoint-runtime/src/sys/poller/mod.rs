//! The poller: which sockets are ready, told by edges.
//!
//! The crate `polling` serves every Unix. On Linux each of its waits makes four calls beside
//! `epoll_wait`, so epoll is used without it there; `benches/README.md` has the figures.

#[cfg(target_os = "linux")]
mod epoll;
mod event;
mod portable;

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[cfg(target_os = "linux")]
use self::epoll::Epoll;
pub(crate) use self::event::{Event, Interest};
use self::portable::Portable;

/// The system's poller.
#[derive(Debug)]
pub(crate) enum Poller {
    #[cfg(target_os = "linux")]
    Epoll(Epoll),
    Portable(Portable),
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if !cfg!(feature = "__portable_poller") {
            if let Ok(epoll) = Epoll::new() {
                return Ok(Self::Epoll(epoll));
            }
        }
        // Some sandboxes have no eventfd; `polling` does with a pipe.
        Portable::new().map(Self::Portable)
    }

    /// Whether an event ends the watch, which has to be renewed then.
    pub(crate) fn is_oneshot(&self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll(_) => false,
            Self::Portable(poller) => poller.is_oneshot(),
        }
    }

    /// Whether events tell the end of the peer's data ([`Event::is_end`]).
    pub(crate) fn tells_end(&self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll(_) => true,
            Self::Portable(_) => false,
        }
    }

    /// Appends the next events to `found`, after `limit` at the latest.
    ///
    /// Only one thread waits at a time. An interrupted wait finds nothing.
    pub(crate) fn wait(&self, limit: Option<Duration>, found: &mut Vec<Event>) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll(poller) => poller.wait(limit, found),
            Self::Portable(poller) => poller.wait(limit, found),
        }
    }

    /// Ends the wait that is under way, or the next one.
    pub(crate) fn notify(&self) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll(poller) => poller.notify(),
            Self::Portable(poller) => poller.notify(),
        }
    }
}

/// A socket whose descriptor stays the same until it is dropped.
pub(crate) trait Socket: AsFd + sealed::Sealed {}

mod sealed {
    pub(crate) trait Sealed {}
}

macro_rules! sockets {
    ($($socket:ty),*) => {$(
        impl sealed::Sealed for $socket {}
        impl Socket for $socket {}
    )*};
}

sockets!(OwnedFd, TcpListener, TcpStream, UnixListener, UnixStream);

/// The key of a socket that is not watched.
const NO_KEY: u32 = u32::MAX;

/// A socket that may be watched by a poller, and is no longer when it is closed.
#[derive(Debug)]
pub(crate) struct Watched<T: Socket> {
    io: T,
    poller: &'static Poller,
    key: AtomicU32,
}

impl<T: Socket> Watched<T> {
    pub(crate) fn new(io: T, poller: &'static Poller) -> Self {
        Self { io, poller, key: AtomicU32::new(NO_KEY) }
    }

    pub(crate) fn get_ref(&self) -> &T {
        &self.io
    }

    pub(crate) fn poller(&self) -> &'static Poller {
        self.poller
    }

    /// The key that the socket is watched with.
    pub(crate) fn key(&self) -> Option<u32> {
        Some(self.key.load(Ordering::Acquire)).filter(|key| *key != NO_KEY)
    }

    /// Watches the socket, from the first call to the end with the same key.
    ///
    /// A socket that is ready already has an event. Callers take turns.
    pub(crate) fn watch(&self, interest: Interest) -> io::Result<()> {
        let fd = self.io.as_fd();
        let is_new = self.key().is_none();
        match self.poller {
            #[cfg(target_os = "linux")]
            Poller::Epoll(poller) => poller.watch(fd, interest, is_new)?,
            Poller::Portable(poller) if is_new => {
                // SAFETY: a `Socket` keeps its descriptor until it is dropped. `Drop` deletes it
                // from the poller before `io`, which nothing else can take, is dropped.
                unsafe { poller.add(fd, interest) }?;
            }
            Poller::Portable(poller) => poller.modify(fd, interest)?,
        }
        self.key.store(interest.key, Ordering::Release);
        Ok(())
    }

    /// Ends the watch, and returns the key, which has no events after this.
    pub(crate) fn stop(&mut self) -> Option<u32> {
        let key = self.key()?;
        match self.poller {
            #[cfg(target_os = "linux")]
            Poller::Epoll(poller) => poller.delete(self.io.as_fd()),
            Poller::Portable(poller) => poller.delete(self.io.as_fd()),
        }
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

#[cfg(test)]
impl Poller {
    /// Every poller of this system, for tests: what one of them does, all have to do.
    pub(crate) fn all() -> Vec<Self> {
        use polling::PollMode::{Edge, Oneshot};
        let portable = [Edge, Oneshot].map(|mode| Self::Portable(Portable::with(mode).unwrap()));
        [Self::new().unwrap()].into_iter().chain(portable).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    fn pollers() -> impl Iterator<Item = &'static Poller> {
        Poller::all().into_iter().map(|poller| &*Box::leak(Box::new(poller)))
    }

    fn next(poller: &Poller) -> Vec<Event> {
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
    fn each_edge_is_told_once() {
        for poller in pollers() {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            let ours = Watched::new(ours, poller);
            ours.watch(reading(7)).unwrap();
            for _ in 0..2 {
                theirs.write_all(b"x").unwrap();
                let found = next(poller);
                assert_eq!((found.len(), found[0].key), (1, 7));
                assert_eq!(found[0].ready, [true, false]);
                // The byte is still there, and no event.
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
    fn watching_again_tells_what_is_there() {
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
