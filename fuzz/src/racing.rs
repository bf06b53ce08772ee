//! Connection races follow RFC 8305 (Happy Eyeballs), with scripts of events on a virtual clock.
//!
//! Each order of the race is compared with the events so far: what the resolver answered, which
//! attempts were started, and how they ended.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use endpoint_runtime::proto::eyeballs::{
    ATTEMPT_DELAYS, AttemptId, CONNECTION_ATTEMPT_DELAY, Loss, Order, RESOLUTION_DELAY, Race,
};

use crate::sequences;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Checks the law. The first byte is the delay between attempts, and each other byte an event.
pub fn holds(script: &[u8]) {
    let Some((delay, events)) = script.split_first() else { return };
    let mut driver = Driver::new(*delay);
    for event in events {
        if driver.obey() {
            return;
        }
        driver.happen(*event);
    }
    // Without further events, the time limits must end every race.
    for _ in 0..1000 {
        if driver.obey() {
            return;
        }
        driver.now = driver.wait;
    }
    panic!("the race has no end");
}

/// Returns every sequence of three events of a short list, for several delays.
pub fn samples() -> Vec<Vec<u8>> {
    let events = [
        ANSWER | 1 << 3,
        ANSWER | 2 << 3,
        ANSWER | 4 << 3,
        ANSWER | 5 << 3,
        RESOLVED,
        CONNECTED,
        CONNECTED | 1 << 3,
        CONNECTED | 8 << 3,
        FAILED,
        FAILED | 1 << 3,
        CANCELLED,
        SOON,
        LATER,
    ];
    let scripts = sequences(&events);
    let delays = [0, 5, 100, 255];
    delays
        .iter()
        .flat_map(|delay| {
            // Two of the starts begin with an answer of the resolver, because most scripts need
            // addresses.
            let starts: [&[u8]; 3] = [&[], &[ANSWER | 2 << 3], &[ANSWER | 5 << 3, LATER]];
            starts.map(|start| [&[*delay][..], start].concat())
        })
        .flat_map(|start| scripts.iter().map(move |script| [start.as_slice(), script].concat()))
        .collect()
}

/// The kinds of events, in the lower three bits of a byte. The upper five bits are an argument.
const ANSWER: u8 = 0;
const RESOLVED: u8 = 1;
const CONNECTED: u8 = 2;
const FAILED: u8 = 3;
const CANCELLED: u8 = 31 << 3 | 5;
const SOON: u8 = 1 << 3 | 6;
const LATER: u8 = 7;

struct Driver {
    race: Race,
    delay: Duration,
    now: Duration,
    /// The time until which the race waits for an event.
    wait: Duration,
    attempts: Vec<Attempt>,
    /// All addresses that the resolver has returned, in its order.
    answered: Vec<SocketAddr>,
    /// Whether the first attempt connects to an IPv6 address; `None` before the first answer.
    begins_with_v6: Option<bool>,
    /// The time until which IPv4 addresses wait for IPv6 addresses.
    held_until: Duration,
    resolved: bool,
    /// The time before which no further attempt may start.
    earliest: Duration,
    timed_out: bool,
    won: Option<AttemptId>,
    cancelled: bool,
}

struct Attempt {
    address: SocketAddr,
    started: Duration,
    deadline: Duration,
    runs: bool,
}

impl Driver {
    fn new(delay: u8) -> Self {
        let race = Race::new(TIMEOUT);
        let asked = 10 * Duration::from_millis(u64::from(delay));
        let (race, delay) = match delay {
            0 => (race, CONNECTION_ATTEMPT_DELAY),
            _ => (race.with_attempt_delay(asked), asked.max(*ATTEMPT_DELAYS.start())),
        };
        Self {
            race,
            delay: delay.min(*ATTEMPT_DELAYS.end()),
            now: Duration::ZERO,
            wait: Duration::ZERO,
            attempts: Vec::new(),
            answered: Vec::new(),
            begins_with_v6: None,
            held_until: Duration::ZERO,
            resolved: false,
            earliest: Duration::ZERO,
            timed_out: false,
            won: None,
            cancelled: false,
        }
    }

    /// Executes the orders of the race until it waits. Returns true at the end of the race.
    fn obey(&mut self) -> bool {
        loop {
            match self.race.next(self.now) {
                Order::Start(id, address) => self.start(id, address),
                Order::TimeOut(id) => {
                    assert!(self.won.is_none() && !self.cancelled, "the race is over");
                    assert!(self.attempts[id].deadline <= self.now, "too early");
                    self.stop(id);
                    (self.earliest, self.timed_out) = (self.now, true);
                }
                Order::Close(id) => {
                    assert!(self.won.is_some() || self.cancelled, "nothing has ended the race");
                    self.stop(id);
                }
                Order::Wait(until) => {
                    assert!(until > self.now, "a wait for {until:?} at {:?} is none", self.now);
                    assert!(self.won.is_none() && !self.cancelled, "the race is over");
                    assert_eq!(until, self.next_event());
                    self.wait = until;
                    return false;
                }
                Order::Won(id, deadline) => {
                    assert!(!self.runs(), "losers of {id} are open");
                    assert_eq!((self.won, deadline), (Some(id), self.attempts[id].deadline));
                    return true;
                }
                Order::GiveUp(loss) => {
                    assert!(!self.runs(), "open attempts are forgotten");
                    assert_eq!((self.won, loss), (None, self.loss()));
                    return true;
                }
            }
        }
    }

    fn start(&mut self, id: AttemptId, address: SocketAddr) {
        assert!(self.won.is_none() && !self.cancelled, "the race is over");
        assert_eq!(id, self.attempts.len(), "attempts are numbered in order");
        assert_eq!(Some(address), self.next_address());
        assert!(self.now >= self.earliest, "two attempts at once");
        assert!(self.now >= self.held_until || self.resolved, "IPv6 may still come");
        assert!(self.now < self.limit(), "too late");
        let first = self.attempts.first().map_or(self.now, |it| it.started);
        // The time limit is extended by the delays between attempts, and by no other waits.
        let late = self.now.saturating_sub(first).min(self.delays());
        let deadline = TIMEOUT + late;
        self.attempts.push(Attempt { address, started: self.now, deadline, runs: true });
        self.earliest = self.now + self.delay;
    }

    /// Returns the address of the next attempt. Families alternate, and each keeps its order.
    /// `None` if all were tried.
    fn next_address(&self) -> Option<SocketAddr> {
        let v6 = match self.attempts.last() {
            Some(last) => last.address.is_ipv4(),
            None => self.begins_with_v6?,
        };
        let tried = |it: &SocketAddr| self.attempts.iter().any(|attempt| attempt.address == *it);
        let mut untried: Vec<_> = self.answered.iter().copied().filter(|it| !tried(it)).collect();
        untried.sort_by_key(|it| it.is_ipv6() != v6);
        untried.first().copied()
    }

    /// Returns when the next attempt is due or a time limit passes, whichever is earlier.
    fn next_event(&self) -> Duration {
        let held = if self.resolved { Duration::ZERO } else { self.held_until };
        let start = self.next_address().map(|_| self.earliest.max(held));
        let deadlines = self.attempts.iter().filter(|it| it.runs).map(|it| it.deadline);
        deadlines.chain(start).fold(self.limit(), Duration::min)
    }

    /// Returns the sum of the delays before the next attempt.
    fn delays(&self) -> Duration {
        self.delay * u32::try_from(self.attempts.len()).expect("few attempts")
    }

    fn limit(&self) -> Duration {
        TIMEOUT + self.delays()
    }

    fn loss(&self) -> Loss {
        if self.cancelled {
            Loss::Cancelled
        } else if self.timed_out || !self.resolved || self.next_address().is_some() {
            assert!(self.resolved || self.now >= self.limit(), "the resolver may still answer");
            Loss::OutOfTime
        } else if self.attempts.is_empty() {
            Loss::NoAddress
        } else {
            Loss::AllFailed
        }
    }

    fn runs(&self) -> bool {
        self.attempts.iter().any(|it| it.runs)
    }

    fn stop(&mut self, id: AttemptId) {
        assert!(self.attempts[id].runs, "only a running attempt is stopped");
        self.attempts[id].runs = false;
    }

    fn happen(&mut self, event: u8) {
        let argument = usize::from(event >> 3);
        let running: Vec<AttemptId> =
            (0..self.attempts.len()).filter(|id| self.attempts[*id].runs).collect();
        let chosen = running.get(argument % running.len().max(1)).copied();
        match (event & 7, chosen) {
            (0, _) => self.answer(argument),
            (1, _) => {
                self.resolved = true;
                self.race.resolved();
            }
            (2, Some(id)) => {
                self.stop(id);
                self.won = self.won.or(Some(id));
                self.race.connected(id);
                // The race is over, and these calls must not change its result.
                if argument >= 8 {
                    self.race.cancel();
                    if let Some(other) = running.into_iter().find(|it| *it != id) {
                        self.race.connected(other);
                    }
                }
            }
            (3 | 4, Some(id)) => {
                self.stop(id);
                self.race.failed(id, self.now);
                self.earliest = self.now;
            }
            (5, _) if argument == 31 => {
                self.cancelled = true;
                self.race.cancel();
            }
            (6, _) => self.now += Duration::from_millis(10 * u64::from(event)),
            _ => self.now = self.wait.max(self.now),
        }
    }

    fn answer(&mut self, host: usize) {
        let all: Vec<SocketAddr> = addresses(host).collect();
        self.race.answered(all.iter().copied(), self.now);
        let has_v6 = all.iter().any(SocketAddr::is_ipv6);
        if let (None, Some(first)) = (self.begins_with_v6, all.first()) {
            self.begins_with_v6 = Some(first.is_ipv6());
            if !has_v6 {
                self.held_until = self.now + RESOLUTION_DELAY;
            }
        } else if has_v6 && self.now < self.held_until && !self.resolved {
            self.begins_with_v6 = Some(true);
            self.held_until = Duration::ZERO;
        }
        for address in all {
            if !self.answered.contains(&address) {
                self.answered.push(address);
            }
        }
    }
}

/// Returns up to two addresses of a host: one of each family, or fewer for some hosts.
fn addresses(host: usize) -> impl Iterator<Item = SocketAddr> {
    let low = u8::try_from(host).unwrap_or_default();
    let v6 = IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, low.into()));
    let v4 = IpAddr::from(Ipv4Addr::new(192, 0, 2, low));
    let order = if host.is_multiple_of(2) { [v6, v4] } else { [v4, v6] };
    order.into_iter().take(host % 3).map(|ip| SocketAddr::new(ip, 80))
}
