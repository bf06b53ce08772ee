//! A network of addresses that answer, refuse or stay silent, and the driver of a race on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use endpoint_runtime::proto::eyeballs::{AttemptId, Loss, Order, Race};

use super::clock::Clock;

/// The IPv6 address with this number.
pub(crate) fn v6(number: u16) -> SocketAddr {
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number), 80).into()
}

/// The IPv4 address with this number.
pub(crate) fn v4(number: u8) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, number), 80).into()
}

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The reaction of an address to an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behavior {
    BlackHole,
    AnswersAfter(u64),
    RefusesAfter(u64),
}

/// One race, recorded from both sides: the orders of the machine and the events of the network.
pub(crate) struct Sim {
    clock: Clock<Event>,
    race: Race,
    network: BTreeMap<SocketAddr, Behavior>,
    pub(crate) started: Vec<(Duration, SocketAddr)>,
    pub(crate) failures: Vec<Duration>,
    /// The open sockets.
    pub(crate) open: BTreeSet<AttemptId>,
    script: String,
}

enum Event {
    Answer(Vec<SocketAddr>),
    Resolved,
    Connected(AttemptId),
    Failed(AttemptId),
    Cancel,
}

/// The result of a race.
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

    /// The same race with another pause between attempts.
    pub(crate) fn every(mut self, delay: u64) -> Self {
        self.race = self.race.with_attempt_delay(ms(delay));
        self
    }

    /// All addresses are resolved at once, as with getaddrinfo.
    pub(crate) fn with(addresses: &[(SocketAddr, Behavior)]) -> Self {
        Self::new(ms(30_000)).answer(0, addresses).resolved(0)
    }

    /// The resolver answers at this time, in milliseconds.
    pub(crate) fn answer(mut self, at: u64, addresses: &[(SocketAddr, Behavior)]) -> Self {
        self.network.extend(addresses.iter().copied());
        let answer = addresses.iter().map(|&(address, _)| address).collect();
        self.clock.after(ms(at), Event::Answer(answer));
        self
    }

    /// The resolver is done at this time, in milliseconds.
    pub(crate) fn resolved(mut self, at: u64) -> Self {
        self.clock.after(ms(at), Event::Resolved);
        self
    }

    /// The caller drops the race at this time, in milliseconds.
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

    /// The driver: follows all orders, and reports all events.
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
