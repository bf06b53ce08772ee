//! Happy Eyeballs (RFC 8305): the order and the timing of attempts at the addresses of a name.
//!
//! Rules, by section of the RFC (<https://www.rfc-editor.org/rfc/rfc8305>):
//! - §3: attempts begin with the first answer of the resolver, which may not be the last one. If it
//!   has only IPv4 addresses, they wait for IPv6 for the Resolution Delay. A resolver with a single
//!   answer, such as getaddrinfo, causes no wait.
//! - §4: the resolver sorts the addresses (RFC 6724), and its order within a family is kept. The
//!   families alternate, beginning with that of the first address; the First Address Family Count
//!   is 1.
//! - §5: attempts start one at a time, a Connection Attempt Delay apart. The first successful one
//!   wins; the others are closed, and no further address is tried.
//! - §6: addresses from later answers are merged into the list of those not tried yet. Addresses
//!   are never removed.
//!
//! Additions to the RFC:
//! - If an attempt fails, the next one starts immediately. The 10 ms that §5 requires between
//!   attempts prevent more packets after lost packets; a refusal is an answer, so no packet was
//!   lost.
//! - Every attempt has a time limit, which includes the lookup.
//!
//! Not implemented: DNS itself (§3, §3.1) and NAT64 (§7), which belong to the resolver; and delays
//! based on earlier round-trip times (§4, §5), because nothing is stored between races.
//!
//! The driver's loop:
//! 1. Start with [`Race::new`], and call the resolver.
//! 2. Follow the orders of [`Race::next`] until the order is [`Wait`](Order::Wait).
//! 3. Wait for an event, at most until the given time. Report it with [`answered`](Race::answered),
//!    [`resolved`](Race::resolved), [`connected`](Race::connected) or [`failed`](Race::failed), and
//!    continue with 2.
//!
//! The last order is [`Won`](Order::Won) or [`GiveUp`](Order::GiveUp).
//!
//! See [`Race`] for an example.

use core::net::SocketAddr;
use core::ops::RangeInclusive;
use std::collections::VecDeque;
use std::time::Duration;

use crate::address::Family;

/// The default delay between the starts of two attempts to connect.
///
/// §5: "One recommended value for a default delay is 250 milliseconds."
///
/// See [`Race`] for an example.
pub const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The shortest and the longest delay between attempts that can be configured.
///
/// §8: "The minimum time to wait between connection attempts. Recommended to be 100 milliseconds."
/// "The maximum time to wait between connection attempts. Recommended to be 2 seconds."
///
/// See [`Race`] for an example.
pub const ATTEMPT_DELAYS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(2);

/// How long attempts wait for an IPv6 address if the resolver answered with IPv4 first.
///
/// §3: "The recommended value for the Resolution Delay is 50 milliseconds."
///
/// See [`Race`] for an example.
pub const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// The number of an attempt in its race, from 0 in the order of starting.
///
/// See [`Race`] for an example.
pub type AttemptId = usize;

/// What the driver of a race has to do next.
///
/// See [`Race`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Order {
    /// Start to connect to the address; report `connected` or `failed`.
    Start(AttemptId, SocketAddr),
    /// Drop the attempt: its time limit has passed.
    TimeOut(AttemptId),
    /// Drop the attempt: another one has won, or the race was cancelled.
    Close(AttemptId),
    /// Wait for an event, at most until this time, then call `next` again.
    Wait(Duration),
    /// Use the connection of this attempt. A handshake on it must end by this deadline.
    Won(AttemptId, Duration),
    /// Report the failure; there will be no connection.
    GiveUp(Loss),
}

/// Why a race ended without a connection.
///
/// See [`Race`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The resolver has finished without an address.
    NoAddress,
    /// All attempts failed before their time limits.
    AllFailed,
    /// An attempt exceeded its time limit, or an address arrived too late.
    OutOfTime,
    /// The caller cancelled the race.
    Cancelled,
}

/// A race of attempts to connect to the addresses of one host name; the first one wins.
///
/// It has no clock: every `now` is the time since the driver started, and never decreases.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use endpoint_runtime::proto::eyeballs::{Order, Race};
///
/// let at = Duration::from_millis;
/// let (v6, v4) = ("[2001:db8::1]:80".parse().unwrap(), "192.0.2.1:80".parse().unwrap());
/// let mut race = Race::new(Duration::from_secs(30));
/// race.answered([v6, v4], at(20));
/// race.resolved();
/// assert_eq!(race.next(at(20)), Order::Start(0, v6));
/// assert_eq!(race.next(at(20)), Order::Wait(at(270)));
/// assert_eq!(race.next(at(270)), Order::Start(1, v4));
/// race.connected(1);
/// assert_eq!(race.next(at(300)), Order::Close(0));
/// assert_eq!(race.next(at(300)), Order::Won(1, at(30_250)));
/// ```
#[derive(Clone, Debug)]
pub struct Race {
    timeout: Duration,
    attempt_delay: Duration,
    /// Addresses that were not tried yet, in the order of the resolver.
    v6: VecDeque<SocketAddr>,
    v4: VecDeque<SocketAddr>,
    /// The family of the first attempt, once there is an address.
    first: Option<Family>,
    /// Until when attempts at IPv4 addresses wait for an IPv6 address; `None` if they do not.
    held_until: Option<Duration>,
    /// Whether the resolver has finished, so that no more addresses arrive.
    resolved: bool,
    /// All attempts so far, by their [`AttemptId`].
    attempts: Vec<Attempt>,
    /// When the next attempt may start.
    next_start: Duration,
    /// Whether an attempt exceeded its time limit.
    out_of_time: bool,
    /// The result, once it is decided. Other attempts may still have to be closed.
    end: Option<End>,
}

#[derive(Clone, Debug)]
struct Attempt {
    address: SocketAddr,
    started: Duration,
    /// When the attempt times out, since the start of the driver.
    deadline: Duration,
    running: bool,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Won(AttemptId, Duration),
    Lost(Loss),
}

impl Race {
    /// Starts a race in which each attempt has the time limit `timeout`, from the start of the
    /// race.
    ///
    /// An attempt that starts later because of the delay has its time limit extended by as much.
    /// The race therefore ends after the limit plus one delay for each further attempt.
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            attempt_delay: CONNECTION_ATTEMPT_DELAY,
            v6: VecDeque::new(),
            v4: VecDeque::new(),
            first: None,
            held_until: None,
            resolved: false,
            attempts: Vec::new(),
            next_start: Duration::ZERO,
            out_of_time: false,
            end: None,
        }
    }

    /// Sets the delay between attempts, clamped to [`ATTEMPT_DELAYS`].
    #[must_use]
    pub fn with_attempt_delay(mut self, delay: Duration) -> Self {
        self.attempt_delay = delay.clamp(*ATTEMPT_DELAYS.start(), *ATTEMPT_DELAYS.end());
        self
    }

    /// Records an answer of the resolver, in its order. Known addresses are ignored.
    pub fn answered(&mut self, addresses: impl IntoIterator<Item = SocketAddr>, now: Duration) {
        let mut first = None;
        let mut has_v6 = false;
        for address in addresses {
            let family = Family::from_ip(address.ip());
            has_v6 |= family == Family::V6;
            first = first.or(Some(family));
            if !self.is_known(address) {
                self.unattempted(family).push_back(address);
            }
        }
        if self.first.is_none() {
            self.first = first;
            // §3: "If a positive A response is received first due to reordering, the client SHOULD
            // wait a short time for the AAAA response to ensure that preference is given to IPv6".
            let alone = first.is_some() && !has_v6 && !self.resolved;
            self.held_until = alone.then(|| now.saturating_add(RESOLUTION_DELAY));
        } else if has_v6 && self.held_until.take().is_some() {
            self.first = Some(Family::V6);
        }
    }

    /// Records that the resolver has finished, so that no answer is awaited.
    pub fn resolved(&mut self) {
        self.resolved = true;
        self.held_until = None;
    }

    /// Records that an attempt succeeded. Cancelled attempts are ignored.
    pub fn connected(&mut self, attempt: AttemptId) {
        if self.end.is_none() {
            let deadline = self.stop(attempt).map(|winner| winner.deadline);
            self.end = deadline.map(|deadline| End::Won(attempt, deadline));
        }
    }

    /// Records that an attempt failed; the next one starts immediately.
    pub fn failed(&mut self, attempt: AttemptId, now: Duration) {
        if self.stop(attempt).is_some() {
            self.next_start = now;
        }
    }

    /// Cancels the race, unless it is already decided. [`next`](Self::next) closes its attempts.
    pub fn cancel(&mut self) {
        self.end.get_or_insert(End::Lost(Loss::Cancelled));
    }

    /// Returns what to do now; call it again until it returns [`Order::Wait`] or a last order.
    pub fn next(&mut self, now: Duration) -> Order {
        if let Some(end) = self.end {
            return self.wind_up(end);
        }
        if let Some(late) = self.running(|attempt| attempt.deadline <= now) {
            self.failed(late, now);
            self.out_of_time = true;
            return Order::TimeOut(late);
        }
        if self.held_until.is_some_and(|until| until <= now) {
            self.held_until = None;
        }
        let limit = self.limit();
        let start = self.next_start().filter(|_| now < limit);
        if start.is_some_and(|at| at <= now) {
            if let Some(address) = self.take_address() {
                return self.start(address, now);
            }
        }
        let running = self.attempts.iter().filter(|attempt| attempt.running);
        let deadline = running.map(|attempt| attempt.deadline).min();
        if start.is_none() && deadline.is_none() && (self.resolved || now >= limit) {
            let loss = self.loss();
            self.end = Some(End::Lost(loss));
            return Order::GiveUp(loss);
        }
        Order::Wait(start.into_iter().chain(deadline).fold(limit, Duration::min))
    }

    /// Closes the attempts that are still running, one per call, and then returns the result.
    ///
    /// §5: "all other connections attempts that have not yet succeeded SHOULD be canceled."
    fn wind_up(&mut self, end: End) -> Order {
        if let Some(loser) = self.running(|_| true) {
            self.stop(loser);
            return Order::Close(loser);
        }
        match end {
            End::Won(winner, deadline) => Order::Won(winner, deadline),
            End::Lost(loss) => Order::GiveUp(loss),
        }
    }

    /// Why a race without running attempts, and without addresses in time, is lost.
    fn loss(&self) -> Loss {
        if self.out_of_time || !self.resolved || self.has_untried() {
            Loss::OutOfTime
        } else if self.attempts.is_empty() {
            Loss::NoAddress
        } else {
            Loss::AllFailed
        }
    }

    fn has_untried(&self) -> bool {
        !self.v6.is_empty() || !self.v4.is_empty()
    }

    /// When the next attempt may start; `None` if there is no address for it.
    fn next_start(&self) -> Option<Duration> {
        let earliest = self.held_until.map_or(self.next_start, |held| held.max(self.next_start));
        self.has_untried().then_some(earliest)
    }

    /// Starts an attempt. The time that it had to wait for earlier ones extends its deadline.
    fn start(&mut self, address: SocketAddr, now: Duration) -> Order {
        let id = self.attempts.len();
        let first = self.attempts.first().map_or(now, |attempt| attempt.started);
        let made_to_wait = now.saturating_sub(first).min(self.stagger(id));
        let deadline = self.timeout.saturating_add(made_to_wait);
        self.attempts.push(Attempt { address, started: now, deadline, running: true });
        self.next_start = now.saturating_add(self.attempt_delay);
        Order::Start(id, address)
    }

    /// Removes the next address to try, if possible of the other family than the last attempt.
    ///
    /// §4: "Whichever address family is first in the list should be followed by an address of the
    /// other address family".
    fn take_address(&mut self) -> Option<SocketAddr> {
        let family = match self.attempts.last() {
            Some(last) if last.address.is_ipv6() => Family::V4,
            Some(_) => Family::V6,
            None => self.first?,
        };
        match family {
            Family::V6 => self.v6.pop_front().or_else(|| self.v4.pop_front()),
            Family::V4 => self.v4.pop_front().or_else(|| self.v6.pop_front()),
        }
    }

    /// The time from which no further attempt is started.
    fn limit(&self) -> Duration {
        self.timeout.saturating_add(self.stagger(self.attempts.len()))
    }

    /// The first running attempt that satisfies `is_such`; `None` if there is none.
    fn running(&self, is_such: impl Fn(&Attempt) -> bool) -> Option<AttemptId> {
        self.attempts.iter().position(|attempt| attempt.running && is_such(attempt))
    }

    /// Marks an attempt as ended, and returns it; `None` if it was not running.
    fn stop(&mut self, attempt: AttemptId) -> Option<&Attempt> {
        let attempt = self.attempts.get_mut(attempt).filter(|attempt| attempt.running)?;
        attempt.running = false;
        Some(attempt)
    }

    /// The addresses of a family that were not tried yet.
    fn unattempted(&mut self, family: Family) -> &mut VecDeque<SocketAddr> {
        match family {
            Family::V6 => &mut self.v6,
            Family::V4 => &mut self.v4,
        }
    }

    fn is_known(&self, address: SocketAddr) -> bool {
        self.v6.contains(&address)
            || self.v4.contains(&address)
            || self.attempts.iter().any(|attempt| attempt.address == address)
    }

    /// How late attempt number `attempts` may start because of the delays before it.
    fn stagger(&self, attempts: usize) -> Duration {
        self.attempt_delay.saturating_mul(u32::try_from(attempts).unwrap_or(u32::MAX))
    }
}
