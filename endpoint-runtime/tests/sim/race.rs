//! A simulated network of addresses that answer, refuse or stay silent, and the driver of a race.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use endpoint_runtime::proto::eyeballs::{AttemptId, Loss, Order, Race};

use super::clock::Clock;

/// An IPv6 address that ends in this number, with port 80.
pub(crate) fn v6(number: u16) -> SocketAddr {
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number), 80).into()
}

/// An IPv4 address that ends in this number, with port 80.
pub(crate) fn v4(number: u8) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, number), 80).into()
}

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// How an address reacts to an attempt to connect; delays are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behavior {
    BlackHole,
    AnswersAfter(u64),
    RefusesAfter(u64),
}

/// One race on a simulated network, with a record of its orders and its failures.
pub(crate) struct Sim {
    clock: Clock<Event>,
    race: Race,
    network: BTreeMap<SocketAddr, Behavior>,
    /// The time and the address of each attempt, by its [`AttemptId`].
    pub(crate) started: Vec<(Duration, SocketAddr)>,
    /// When attempts were refused or timed out.
    pub(crate) failures: Vec<Duration>,
    /// The attempts whose sockets are open.
    pub(crate) open: BTreeSet<AttemptId>,
    /// The record as text: one line for each order except waits.
    script: String,
}

/// An event that the driver reports to the race at its time.
enum Event {
    Answer(Vec<SocketAddr>),
    Resolved,
    Connected(AttemptId),
    Failed(AttemptId),
    Cancel,
}

/// How a race ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Won(SocketAddr),
    Lost(Loss),
}

impl Sim {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            clock: Clock::new(),
            race: Race::new(timeout),
            network: BTreeMap::new(),
            started: Vec::new(),
            failures: Vec::new(),
            open: BTreeSet::new(),
            script: String::new(),
        }
    }

    /// Sets the delay between attempts, in milliseconds.
    pub(crate) fn every(mut self, delay: u64) -> Self {
        self.race = self.race.with_attempt_delay(ms(delay));
        self
    }

    /// A race whose addresses are all resolved at the start, as with getaddrinfo.
    pub(crate) fn with(addresses: &[(SocketAddr, Behavior)]) -> Self {
        Self::new(ms(30_000)).answer(0, addresses).resolved(0)
    }

    /// Plans an answer of the resolver at this time, in milliseconds.
    pub(crate) fn answer(mut self, at: u64, addresses: &[(SocketAddr, Behavior)]) -> Self {
        self.network.extend(addresses.iter().copied());
        let answer = addresses.iter().map(|&(address, _)| address).collect();
        self.clock.after(ms(at), Event::Answer(answer));
        self
    }

    /// Plans that the resolver is done at this time, in milliseconds.
    pub(crate) fn resolved(mut self, at: u64) -> Self {
        self.clock.after(ms(at), Event::Resolved);
        self
    }

    /// Plans that the caller cancels the race at this time, in milliseconds.
    pub(crate) fn cancelled(mut self, at: u64) -> Self {
        self.clock.after(ms(at), Event::Cancel);
        self
    }

    /// Runs the race, and returns its script: one line for each order except waits.
    #[track_caller]
    pub(crate) fn script(mut self) -> String {
        self.run();
        self.script
    }

    /// Drives the race to its end: follows all orders, and reports all events.
    ///
    /// Panics if a socket is opened or closed twice, or is left open.
    #[track_caller]
    pub(crate) fn run(&mut self) -> Outcome {
        loop {
            let now = self.clock.now();
            match self.race.next(now) {
                Order::Start(id, address) => self.start(id, address),
                Order::TimeOut(id) => {
                    self.failures.push(now);
                    self.close("time out", id);
                }
                Order::Close(id) => self.close("close", id),
                Order::Wait(until) => {
                    if let Some(event) = self.clock.next_until(until) {
                        self.report(event);
                    }
                }
                Order::Won(id, deadline) => {
                    let (_, address) = self.started[id];
                    assert!(deadline >= now, "it is too late for {address}");
                    self.say(format_args!("won by {}", address.ip()));
                    assert_eq!(self.open, BTreeSet::from([id]), "losers are open");
                    return Outcome::Won(address);
                }
                Order::GiveUp(loss) => {
                    self.say(format_args!("{loss:?}"));
                    assert_eq!(self.open, BTreeSet::new(), "sockets are open");
                    return Outcome::Lost(loss);
                }
            }
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    fn start(&mut self, id: AttemptId, address: SocketAddr) {
        self.say(format_args!("start {}", address.ip()));
        self.started.push((self.clock.now(), address));
        assert!(self.open.insert(id), "attempt {id} was started before");
        match self.network[&address] {
            Behavior::BlackHole => {}
            Behavior::AnswersAfter(delay) => self.clock.after(ms(delay), Event::Connected(id)),
            Behavior::RefusesAfter(delay) => self.clock.after(ms(delay), Event::Failed(id)),
        }
    }

    fn close(&mut self, how: &str, id: AttemptId) {
        let (_, address) = self.started[id];
        self.say(format_args!("{how} {}", address.ip()));
        assert!(self.open.remove(&id), "attempt {id} was closed before");
    }

    fn report(&mut self, event: Event) {
        let now = self.clock.now();
        match event {
            Event::Answer(addresses) => self.race.answered(addresses, now),
            Event::Resolved => self.race.resolved(),
            // A closed socket reports no more events.
            Event::Connected(id) if self.open.contains(&id) => self.race.connected(id),
            Event::Failed(id) if self.open.remove(&id) => {
                self.failures.push(now);
                self.race.failed(id, now);
            }
            Event::Connected(_) | Event::Failed(_) => {}
            Event::Cancel => self.race.cancel(),
        }
    }

    fn say(&mut self, what: std::fmt::Arguments<'_>) {
        writeln!(self.script, "{:>5} {what}", self.clock.now().as_millis()).unwrap();
    }
}
