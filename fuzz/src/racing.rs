//! Connection races and retries, driven by scripts of events on a virtual clock.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use endpoint_runtime::proto::eyeballs::{ATTEMPT_DELAYS, AttemptId, Order, Race};
use endpoint_runtime::proto::retry::{Retry, RetryOrder, RetryPolicy};

/// Checks the law; each byte is an event.
pub fn holds(script: &[u8]) {
    retry(script);
    let mut driver = Driver::new();
    for event in script {
        if driver.obey() {
            return;
        }
        driver.happen(*event);
    }
    // Without further events, timeouts must end every race.
    for _ in 0..1000 {
        if driver.obey() {
            return;
        }
        driver.now = driver.wait;
    }
    panic!("the race has no end");
}

struct Driver {
    race: Race,
    now: Duration,
    /// The time until which the race waits.
    wait: Duration,
    running: Vec<AttemptId>,
    /// All addresses of the resolver, in its order.
    answered: Vec<SocketAddr>,
    tried: Vec<SocketAddr>,
    /// When the last attempt started, unless an attempt has failed since.
    last_start: Option<Duration>,
}

impl Driver {
    fn new() -> Self {
        Self {
            race: Race::new(Duration::from_secs(30)),
            now: Duration::ZERO,
            wait: Duration::ZERO,
            running: Vec::new(),
            answered: Vec::new(),
            tried: Vec::new(),
            last_start: None,
        }
    }

    /// Executes outputs until the race waits; returns `true` at the end of the race.
    fn obey(&mut self) -> bool {
        loop {
            match self.race.next(self.now) {
                Order::Start(id, address) => self.start(id, address),
                Order::TimeOut(id) => {
                    self.stop(id);
                    self.last_start = None;
                }
                Order::Close(id) => self.stop(id),
                Order::Wait(until) => {
                    assert!(until > self.now, "a wait for {until:?} at {:?} is none", self.now);
                    self.wait = until;
                    return false;
                }
                Order::Won(id, deadline) => {
                    assert!(self.running.is_empty(), "losers of {id} are open");
                    assert!(deadline >= Duration::from_secs(30), "{deadline:?}");
                    return true;
                }
                Order::GiveUp(_) => {
                    assert!(self.running.is_empty(), "open attempts are forgotten");
                    return true;
                }
            }
        }
    }

    fn start(&mut self, id: AttemptId, address: SocketAddr) {
        assert_eq!(id, self.tried.len(), "attempts are numbered in order");
        assert!(!self.tried.contains(&address), "{address} is tried twice");
        if let Some(last) = self.last_start {
            assert!(self.now >= last + *ATTEMPT_DELAYS.start(), "two attempts at once");
        }
        let is_untried = |it: &&SocketAddr| !self.tried.contains(it);
        let mut untried = self.answered.iter().filter(is_untried);
        if let Some(last) = self.tried.last() {
            let alternates = address.is_ipv4() != last.is_ipv4();
            let can = untried.clone().any(|it| it.is_ipv4() != last.is_ipv4());
            assert!(alternates || !can, "two attempts at one family, {last} and {address}");
        }
        let first = untried.find(|it| it.is_ipv4() == address.is_ipv4());
        assert_eq!(first, Some(&address), "the order within a family changes");
        self.tried.push(address);
        self.running.push(id);
        self.last_start = Some(self.now);
    }

    fn stop(&mut self, id: AttemptId) {
        let index = self.running.iter().position(|it| *it == id);
        self.running.remove(index.expect("only a running attempt is stopped"));
    }

    fn happen(&mut self, event: u8) {
        let argument = usize::from(event >> 3);
        let chosen = self.running.get(argument % self.running.len().max(1)).copied();
        match (event & 7, chosen) {
            (0, _) => {
                let new = addresses(argument).filter(|it| !self.answered.contains(it));
                self.answered.extend(new.collect::<Vec<_>>());
                self.race.answered(addresses(argument), self.now);
            }
            (1, _) => self.race.resolved(),
            (2, Some(id)) if argument < 8 => {
                self.stop(id);
                self.race.connected(id);
            }
            (3 | 4, Some(id)) => {
                self.stop(id);
                self.race.failed(id, self.now);
                self.last_start = None;
            }
            (5, _) if argument == 31 => self.race.cancel(),
            (6, _) => self.now += Duration::from_millis(10 * u64::from(event)),
            _ => self.now = self.wait.max(self.now),
        }
    }
}

/// One address of each family, of 32 hosts.
fn addresses(host: usize) -> impl Iterator<Item = SocketAddr> {
    let low = u8::try_from(host).unwrap_or_default();
    let v6 = IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, low.into()));
    let v4 = IpAddr::from(Ipv4Addr::new(192, 0, 2, low));
    let order = if host.is_multiple_of(2) { [v6, v4] } else { [v4, v6] };
    order.into_iter().take(host % 3).map(|ip| SocketAddr::new(ip, 80))
}

/// Pauses stay within the limits of the policy, and the number of attempts within its maximum.
fn retry(script: &[u8]) {
    let [first, longest, attempts, events @ ..] = script else { return };
    let mut policy = RetryPolicy::default();
    policy.first = Duration::from_millis(u64::from(*first) * 10);
    policy.longest = Duration::from_millis(u64::from(*longest) * 100);
    policy.attempts = Some(u32::from(*attempts));
    let most = policy.first.max(policy.longest);
    let mut retry = Retry::new(policy);
    for event in events {
        let chance = f64::from(*event) / 255.0;
        let pause = if event & 1 == 0 {
            let RetryOrder::Wait(pause) = retry.failed(chance) else {
                assert!(retry.failures() >= u32::from(*attempts), "given up too early");
                return;
            };
            pause
        } else {
            retry.ended(Duration::from_secs(u64::from(*event)), chance)
        };
        assert!(pause <= most, "{pause:?} of at most {most:?}");
    }
}
