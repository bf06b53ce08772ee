//! A socket that belongs to the reactor of this crate.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use super::sources::{Direction, Tried};
use super::turns::Reactor;
use crate::sys::poller::{self, Socket};

/// A socket in the poller of this crate's reactor.
pub(crate) struct Watched<T: Socket> {
    socket: poller::Watched<T>,
    reactor: &'static Reactor,
    /// Whether the last read emptied the socket, so that the next one would block.
    is_emptied: AtomicBool,
}

impl<T: Socket> Watched<T> {
    pub(super) fn new(io: T, reactor: &'static Reactor) -> io::Result<Self> {
        let socket = poller::Watched::new(io, reactor.sources.poller()?);
        Ok(Self { socket, reactor, is_emptied: AtomicBool::new(false) })
    }

    pub(super) fn get_ref(&self) -> &T {
        self.socket.get_ref()
    }

    /// Whether the poller reports the end of file as an event, and later changes as further ones.
    pub(super) fn reports_end(&self) -> bool {
        self.socket.poller().reports_end()
    }

    /// Ready once a read may return data, the end of file or an error.
    pub(super) fn poll_readable(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let is_emptied = self.is_emptied.load(Ordering::Relaxed);
        let tried = if is_emptied { Tried::Emptied } else { Tried::Unknown };
        let ready = ready!(self.poll_ready(Direction::Read, tried, cx));
        self.is_emptied.store(false, Ordering::Relaxed);
        Poll::Ready(ready)
    }

    /// Ready unless the next attempt would certainly block.
    ///
    /// A read after one that emptied the socket first waits for an event.
    pub(super) fn poll_attempt(
        &self,
        direction: Direction,
        cx: &Context<'_>,
    ) -> Poll<io::Result<()>> {
        if direction == Direction::Read && self.is_emptied.load(Ordering::Relaxed) {
            ready!(self.poll_readable(cx))?;
        }
        self.reactor.sources.note_attempt(self.socket.key(), direction);
        Poll::Ready(Ok(()))
    }

    /// Records that a read emptied the socket, so that the next read waits first.
    pub(super) fn note_emptied(&self) {
        self.is_emptied.store(true, Ordering::Relaxed);
    }

    /// Ready once an attempt in this direction may succeed.
    pub(super) fn poll_ready(
        &self,
        direction: Direction,
        tried: Tried,
        cx: &Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { socket, reactor, .. } = self;
        let ready = reactor.sources.poll_ready(socket, direction, tried, cx.waker());
        if ready.is_pending() {
            reactor.be_driven();
        }
        ready
    }
}

impl<T: Socket> Drop for Watched<T> {
    fn drop(&mut self) {
        if let Some(key) = self.socket.stop() {
            self.reactor.sources.forget(key);
        }
    }
}
