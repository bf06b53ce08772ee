//! Laws of the relay's state machines, with scripts of events on a virtual clock: admission, the
//! choice of targets, and time limits.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use strports_syntax::value::Networks;

use self::proto::admission::{AccessList, Admission, Verdict, WhenFull};
use self::proto::overdue::{CLOSE_TIME, Life, Overdue, TimeLimits};
use self::proto::targets::{Balance, FIRST_PAUSE, LONGEST_PAUSE, Route, Targets};
use crate::sequences;

/// The sources of `strports::relay::proto`. They are compiled here, without the sockets of the
/// relay.
#[doc(hidden)]
#[path = "../../src/relay/proto/mod.rs"]
pub mod proto;

/// Checks the law. The first two bytes are the settings, and each other byte is an event.
pub fn holds(script: &[u8]) {
    let [first, second, events @ ..] = script else { return };
    admission(*first, *second, events);
    targets(*first, events);
    overdue(*first, *second, events);
}

/// Returns every sequence of three events of a short list, for settings of every kind.
pub fn samples() -> Vec<Vec<u8>> {
    let events = [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14, 33, 47, 69, 111, 253];
    let mut scripts = sequences(&events);
    scripts.retain(|it| it.len() == 3);
    let settings: [[u8; 2]; 8] =
        [[0, 0], [1, 3], [2, 9], [3, 77], [7, 130], [11, 20], [22, 255], [255, 64]];
    settings
        .iter()
        .flat_map(|two| scripts.iter().map(move |it| [&two[..], it, it, it].concat()))
        .collect()
}

/// Denied networks take precedence over allowed ones, and no more connections are open than the
/// limit.
fn admission(first: u8, second: u8, events: &[u8]) {
    const NETWORKS: [&str; 5] = ["", "192.0.2.0/30", "192.0.2.2", "0.0.0.0/0,::/0", "192.0.2.0/31"];
    let named = |choice: u8| NETWORKS[usize::from(choice) % NETWORKS.len()];
    let (allow, deny) = (named(first), named(first / 8));
    let mut access = AccessList::default();
    let list = |text: &str| Networks::new(text).iter().flat_map(Networks::iter).collect();
    (access.allow, access.deny) = (list(allow), list(deny));
    // Peers have the addresses 192.0.2.0 to 192.0.2.7, or no address.
    let is_in = |name: &str, peer: Option<u8>| match (name, peer) {
        (_, None) | ("", _) => false,
        ("192.0.2.0/30", Some(low)) => low < 4,
        ("192.0.2.0/31", Some(low)) => low < 2,
        ("192.0.2.2", Some(low)) => low == 2,
        _ => true,
    };
    let limit = Some(usize::from(second % 4)).filter(|_| second & 4 != 0);
    let when_full = if second & 8 == 0 { WhenFull::Wait } else { WhenFull::Refuse };
    let mut to_serve = Some(u64::from(second >> 5)).filter(|_| second & 16 != 0);
    let mut machine = Admission::new(access, limit, when_full, to_serve);
    let (mut inside, mut elsewhere) = (0_usize, Some(0_usize));
    for event in events {
        let here = elsewhere.map(|it| it + inside);
        // While the predecessor's connections are unknown, only those of this process count.
        let full = limit.is_some_and(|limit| here.unwrap_or(inside) >= limit);
        let unknown = limit.is_some() && elsewhere.is_none();
        let waits = unknown || (full && when_full == WhenFull::Wait);
        let done = to_serve == Some(0);
        assert_eq!(
            (machine.inside(), machine.everywhere(), machine.is_full()),
            (inside, here, full)
        );
        assert_eq!((machine.must_wait(), machine.is_done()), (waits, done));
        assert_eq!(machine.may_accept(), !waits && !done);
        let peer = Some(event >> 2 & 7).filter(|_| event & 32 == 0);
        match event & 3 {
            0 | 1 => {
                let allowed = !is_in(deny, peer) && (allow.is_empty() || is_in(allow, peer));
                let expected = match (allowed, full) {
                    (false, _) => Verdict::Denied,
                    (true, true) => Verdict::Full,
                    (true, false) => Verdict::Admitted,
                };
                let address = peer.map(|low| IpAddr::from(Ipv4Addr::new(192, 0, 2, low)));
                assert_eq!(machine.arrived(address), expected, "{address:?} {allow} {deny}");
                if expected == Verdict::Admitted {
                    inside += 1;
                    to_serve = to_serve.map(|left| left.saturating_sub(1));
                }
            }
            2 if inside > 0 => {
                inside -= 1;
                assert_eq!(machine.left(), full || inside == 0, "a client may have waited");
            }
            _ => {
                elsewhere = peer.map(usize::from);
                machine.counted_elsewhere(elsewhere);
            }
        }
    }
}

/// A connection tries each target once, those that are up first. Pauses double, and one trial runs
/// at a time.
fn targets(settings: u8, events: &[u8]) {
    let count = usize::from(settings % 4);
    let balance = if settings & 4 == 0 { Balance::First } else { Balance::RoundRobin };
    let mut machine = Targets::new(count, balance);
    let mut states = vec![State::default(); count];
    let mut now = Duration::ZERO;
    // The current route of a connection: its start, and which targets it has tried.
    let mut open: Option<(Route, usize, Vec<usize>)> = None;
    let mut routes = 0;
    for event in events {
        let argument = usize::from(event >> 3);
        match event & 7 {
            0 => {
                let start = if balance == Balance::First { 0 } else { routes % count.max(1) };
                open = Some((machine.route(), start, Vec::new()));
                routes += 1;
            }
            1..=3 => {
                let Some((route, start, tried)) = &mut open else { continue };
                let chosen = machine.next(route, now);
                let untried: Vec<usize> = (0..count)
                    .map(|at| (*start + at) % count)
                    .filter(|at| !tried.contains(at))
                    .collect();
                let ready = untried.iter().copied().find(|at| states[*at].is_ready(now));
                // If all untried targets are down, the one whose pause ends first is next.
                let soonest = || untried.iter().copied().min_by_key(|at| states[*at].until);
                assert_eq!(chosen, ready.or_else(soonest));
                tried.extend(chosen);
                if let Some(state) = ready.map(|at| &mut states[at]).filter(|it| it.until.is_some())
                {
                    (state.until, state.on_trial) = (Some(now + LONGEST_PAUSE), true);
                }
            }
            4 | 5 if count > 0 => {
                let state = &mut states[argument % count];
                let is_known = state.until.is_some_and(|until| now < until) && !state.on_trial;
                let expected = if is_known {
                    None
                } else {
                    let pause =
                        (FIRST_PAUSE * 2_u32.pow(state.failures.min(10))).min(LONGEST_PAUSE);
                    state.failures += 1;
                    (state.until, state.on_trial) = (Some(now + pause), false);
                    Some(pause)
                };
                assert_eq!(machine.failed(argument % count, now), expected);
            }
            6 if count > 0 => {
                let state = &mut states[argument % count];
                assert_eq!(machine.answered(argument % count), state.until.is_some());
                *state = State::default();
            }
            _ => now += Duration::from_millis(250 * u64::from(event >> 3)),
        }
        for (at, state) in states.iter().enumerate() {
            assert_eq!(machine.is_down(at), state.until.is_some());
        }
        assert!(!machine.is_down(count), "there is no such target");
    }
}

#[derive(Clone, Default)]
struct State {
    until: Option<Duration>,
    on_trial: bool,
    failures: u32,
}

impl State {
    fn is_ready(&self, now: Duration) -> bool {
        self.until.is_none_or(|until| until <= now)
    }
}

/// A connection is ended at the first limit that it exceeds, and reset some time later.
fn overdue(first: u8, second: u8, events: &[u8]) {
    let seconds =
        |byte: u8| Some(Duration::from_secs(u64::from(byte >> 2))).filter(|_| byte & 3 != 0);
    let mut limits = TimeLimits::default();
    (limits.idle, limits.lifetime) = (seconds(first), seconds(second));
    let period = limits.period();
    assert_eq!(period.is_some(), limits.idle.is_some() || limits.lifetime.is_some());
    let bounds = Duration::from_millis(10)..=Duration::from_secs(1);
    assert!(period.is_none_or(|period| bounds.contains(&period)), "{period:?}");

    let mut now = Duration::from_secs(3);
    let mut life = Life::begun(now);
    let (began, mut last_byte, mut moved, mut ended) = (now, now, 0, None);
    for event in events {
        now += Duration::from_millis(500 * u64::from(event >> 3));
        let bytes = match event & 7 {
            0 => None,
            1..=3 => Some(moved),
            more => Some(moved + u64::from(more)),
        };
        if bytes != Some(moved) && ended.is_none() {
            last_byte = now;
        }
        moved = bytes.unwrap_or(moved);
        let over = |limit: Option<Duration>, since| {
            limit.is_some_and(|limit| now.saturating_sub(since) >= limit)
        };
        let expected = match ended {
            Some(since) => over(Some(CLOSE_TIME), since).then_some(Overdue::StillOpen),
            None if over(limits.lifetime, began) => Some(Overdue::TooOld),
            None if over(limits.idle, last_byte) => Some(Overdue::Idle),
            None => None,
        };
        assert_eq!(limits.look(&mut life, bytes, now), expected);
        if expected.is_some() && ended.is_none() {
            ended = Some(now);
        }
    }
}
