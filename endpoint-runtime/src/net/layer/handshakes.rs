//! Runs the handshakes of accepted connections concurrently, outside the accept path.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::{FuturesUnordered, Stream};
use rustix::process::{Resource, getrlimit};
use smol::future::FutureExt;

use super::error::LayerError;
use super::lingering_close::{SERVER_LINGER, close_lingering};
use crate::address::Address;
use crate::error::{PeerProblem, Problem};
use crate::net::Boxed;
use crate::net::connection::Connection;
use crate::reactor::Timer;

/// Limits the number and the duration of a listener's pending handshakes.
///
/// At the limit, the oldest handshake is dropped for a new one. Silent clients therefore cannot
/// block later clients. A failed handshake counts until the client has read the alert.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use endpoint_runtime::{HandshakeLimits, server_from_string};
///
/// let mut limits = HandshakeLimits::default();
/// limits.time = Duration::from_secs(3);
/// let server = server_from_string("tcp:8080")?.handshakes(limits);
/// # Ok::<(), endpoint_runtime::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandshakeLimits {
    /// The maximum number of pending handshakes; the default is 1024.
    ///
    /// The value is at least one, and at most half of the descriptors that the process may open.
    /// Silent clients therefore cannot use up all descriptors.
    pub at_once: usize,
    /// The time limit of a handshake; the default is ten seconds.
    ///
    /// It includes all layers of the connection: the PROXY header, TLS, and wrappers of the
    /// program.
    pub time: Duration,
}

impl Default for HandshakeLimits {
    fn default() -> Self {
        Self { at_once: 1024, time: Duration::from_secs(10) }
    }
}

/// The pending handshakes of one listener, which are driven whenever the listener is polled.
#[derive(Default)]
pub(crate) struct Handshakes {
    /// The limit that the program has set.
    wanted: usize,
    /// The limit in effect, which leaves half of the descriptors free.
    at_once: usize,
    time: Duration,
    running: FuturesUnordered<Abortable<Boxed<'static, Done>>>,
    /// The peer of each pending handshake and the handle to cancel it, oldest first.
    started: VecDeque<(u64, Address, AbortHandle)>,
    /// The number of the next handshake.
    next: u64,
    /// Connections of failed handshakes, kept open until the peer has read the alert.
    lingering: FuturesUnordered<Boxed<'static, ()>>,
}

/// An accepted connection whose handshake failed, to be logged.
pub(crate) struct Lost {
    pub(crate) peer: Address,
    pub(crate) problem: Problem,
    /// Whether the connection was a probe: the peer ended the connection without sending a byte.
    pub(crate) is_silent: bool,
}

/// The number of a handshake, and its result.
type Done = (u64, Result<Connection, LayerError>);

impl Handshakes {
    pub(crate) fn new(limits: HandshakeLimits) -> Self {
        let HandshakeLimits { at_once: wanted, time } = limits;
        let mut handshakes = Self { wanted, time, ..Self::default() };
        handshakes.leave_free(0);
        handshakes
    }

    /// Lowers the limit so that each connection can use `reserved` more descriptors.
    pub(crate) fn leave_free(&mut self, reserved: usize) {
        let descriptors = getrlimit(Resource::Nofile).current;
        self.at_once = at_once(self.wanted, reserved, descriptors);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.started.is_empty() && self.lingering.is_empty()
    }

    /// The number of pending handshakes.
    pub(crate) fn len(&self) -> usize {
        self.started.len()
    }

    /// Starts a handshake. At the limit, cancels the oldest one and returns it, to be logged.
    pub(crate) fn start(
        &mut self,
        connection: Connection,
        put_on: impl FnOnce(Connection) -> Boxed<'static, Result<Connection, LayerError>>,
    ) -> Option<Lost> {
        if self.started.len() + self.lingering.len() >= self.at_once {
            self.lingering.clear();
        }
        let given_up = (self.started.len() >= self.at_once).then(|| self.started.pop_front());
        let given_up = given_up.flatten().map(|(_, peer, oldest)| {
            oldest.abort();
            let side = peer.clone();
            let problem = PeerProblem::HandshakeEvicted { side, at_once: self.at_once }.into();
            Lost { peer, problem, is_silent: false }
        });
        let (id, time) = (self.next, self.time);
        let side = connection.peer_address().clone();
        let late_side = side.clone();
        let done = put_on(connection);
        let late = async move {
            Timer::after(time).await;
            Err(PeerProblem::HandshakeTimedOut { side: late_side, limit: time }.into())
        };
        let (handle, registration) = AbortHandle::new_pair();
        let handshake: Boxed<'static, Done> = Box::pin(async move { (id, done.or(late).await) });
        self.running.push(Abortable::new(handshake, registration));
        self.started.push_back((id, side, handle));
        self.next += 1;
        given_up
    }

    /// Polls for a finished handshake; pending if none is running.
    pub(crate) fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<Result<Connection, Lost>> {
        while let Poll::Ready(Some(())) = Pin::new(&mut self.lingering).poll_next(cx) {}
        loop {
            match ready!(Pin::new(&mut self.running).poll_next(cx)) {
                Some(Ok((id, done))) => {
                    // The list is sorted by id, and few older handshakes remain before this one.
                    let index = self.started.binary_search_by_key(&id, |(id, ..)| *id);
                    let started = index.ok().and_then(|index| self.started.remove(index));
                    // A cancelled handshake is no longer in the list.
                    let Some((_, peer, _)) = started else { continue };
                    return Poll::Ready(done.map_err(|failed| {
                        let is_silent = failed.is_silent || is_probe(&failed.problem);
                        let problem = self.take_problem(failed);
                        Lost { peer, problem, is_silent }
                    }));
                }
                // It was cancelled by `start`, which has already returned its peer.
                Some(Err(_)) => {}
                None => return Poll::Pending,
            }
        }
    }

    /// Returns the problem. If the peer was sent an alert, its connection stays open for a while.
    fn take_problem(&mut self, failed: LayerError) -> Problem {
        let has_room = self.started.len() + self.lingering.len() < self.at_once;
        if let Some(connection) = failed.lingering.filter(|_| has_room) {
            self.lingering.push(Box::pin(close_lingering(connection, SERVER_LINGER)));
        }
        failed.problem
    }
}

/// Whether the peer ended the connection before the first byte of a PROXY header.
fn is_probe(problem: &Problem) -> bool {
    matches!(problem, Problem::Peer(PeerProblem::ProxyEnded { seen: 0, .. }))
}

/// The maximum number of pending handshakes for this many descriptors, if each connection has
/// `reserved` further ones.
fn at_once(wanted: usize, reserved: usize, descriptors: Option<u64>) -> usize {
    let half = descriptors.map_or(usize::MAX, |all| usize::try_from(all / 2).unwrap_or(usize::MAX));
    wanted.min(half / reserved.saturating_add(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_descriptors_are_left_for_others() {
        assert_eq!(at_once(1024, 0, None), 1024);
        assert_eq!(at_once(1024, 0, Some(1_048_576)), 1024);
        assert_eq!(at_once(1024, 0, Some(1024)), 512);
        assert_eq!(at_once(3, 0, Some(1024)), 3);
        assert_eq!(at_once(0, 0, Some(1)), 1);
        assert_eq!(at_once(1024, 1, Some(1024)), 256);
        assert_eq!(at_once(1024, usize::MAX, Some(1024)), 1);
    }

    #[test]
    fn the_evicted_handshake_is_named() {
        let limits = HandshakeLimits { at_once: 1, ..HandshakeLimits::default() };
        let mut handshakes = Handshakes::new(limits);
        let mut start = |port: u16| {
            let side = Address::Tcp(([127, 0, 0, 1], port).into());
            let stream = smol::io::Cursor::new(Vec::new());
            let connection = Connection::new("tcp:1", stream, Address::Stdio, side);
            let problem = handshakes.start(connection, |it| {
                Box::pin(async move {
                    smol::future::pending::<()>().await;
                    Ok(it)
                })
            });
            problem.map(|lost| (lost.peer.to_string(), lost.problem.to_string()))
        };
        assert_eq!(start(1), None);
        assert_eq!(
            start(2),
            Some((
                "127.0.0.1:1".to_owned(),
                "no handshake with 127.0.0.1:1: it was closed as the oldest of 1 unfinished handshakes"
                    .to_owned()
            ))
        );
    }
}
