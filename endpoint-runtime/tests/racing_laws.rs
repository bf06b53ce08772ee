//! Checks rules that hold for every race, on ten thousand pseudo-random ones.
//!
//! The simulated driver itself asserts that no socket is left open, none is opened twice, and there
//! is no busy loop.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sim;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use endpoint_runtime::proto::eyeballs::Loss;
use sim::race::Behavior::{AnswersAfter, BlackHole, RefusesAfter};
use sim::race::{Behavior, Outcome, Sim, ms, v4, v6};

/// When the resolver is done, in milliseconds: after all answers. In some races, it never is.
const RESOLVED: u64 = 400;

#[test]
fn ten_thousand_races_keep_the_laws() {
    let mut numbers = Numbers(1);
    for _ in 0..10_000 {
        let timeout = 1 + numbers.below(2000);
        let mut answers = Vec::new();
        for _ in 0..numbers.below(4) {
            let answer: Vec<_> = (0..numbers.below(4)).map(|_| numbers.address()).collect();
            answers.push((numbers.below(RESOLVED), answer));
        }
        let mut sim = Sim::new(ms(timeout));
        for (at, answer) in &answers {
            sim = sim.answer(*at, answer);
        }
        if numbers.below(4) > 0 {
            sim = sim.resolved(RESOLVED);
        }
        let outcome = sim.run();
        let answers: Vec<_> = answers
            .into_iter()
            .flat_map(|(at, answer)| answer.into_iter().map(move |(address, _)| (at, address)))
            .collect();
        every_address_is_tried_once_at_most(&sim);
        attempts_are_staggered_unless_one_fails(&sim);
        families_take_turns(&sim, &answers);
        the_race_ends_in_time(&sim, timeout);
        a_loss_says_why(&sim, outcome, timeout, &answers);
    }
}

fn every_address_is_tried_once_at_most(sim: &Sim) {
    let unique: BTreeSet<_> = sim.started.iter().map(|&(_, address)| address).collect();
    assert_eq!(unique.len(), sim.started.len());
}

fn attempts_are_staggered_unless_one_fails(sim: &Sim) {
    for pair in sim.started.windows(2) {
        let (before, after) = (pair[0].0, pair[1].0);
        let failed = sim.failures.iter().any(|&at| before <= at && at <= after);
        assert!(failed || after >= before + ms(250), "{before:?}, {after:?}");
    }
}

fn families_take_turns(sim: &Sim, answers: &[(u64, SocketAddr)]) {
    for (i, pair) in sim.started.windows(2).enumerate() {
        let ((_, before), (at, after)) = (pair[0], pair[1]);
        let tried: BTreeSet<_> = sim.started[..=i].iter().map(|&(_, address)| address).collect();
        let other = answers.iter().find(|&&(known, address)| {
            ms(known) < at && address.is_ipv4() != before.is_ipv4() && !tried.contains(&address)
        });
        assert!(before.is_ipv4() != after.is_ipv4() || other.is_none(), "{after} before {other:?}");
    }
}

fn the_race_ends_in_time(sim: &Sim, timeout: u64) {
    let limit = ms(timeout) + ms(250) * u32::try_from(sim.started.len()).unwrap();
    assert!(sim.now() <= limit, "{:?} of {limit:?}", sim.now());
}

fn a_loss_says_why(sim: &Sim, outcome: Outcome, timeout: u64, answers: &[(u64, SocketAddr)]) {
    let known: BTreeSet<_> = answers.iter().map(|&(_, address)| address).collect();
    let Outcome::Lost(loss) = outcome else { return };
    match loss {
        Loss::AllFailed => {
            assert_eq!(sim.started.len(), known.len());
            assert_eq!(sim.failures.len(), known.len());
        }
        Loss::NoAddress => assert!(known.is_empty()),
        Loss::OutOfTime => assert!(sim.now() >= ms(timeout)),
        Loss::Cancelled => unreachable!("the race was not cancelled"),
    }
}

/// Pseudo-random numbers by a linear congruential generator, with the constants of Knuth's MMIX.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn address(&mut self) -> (SocketAddr, Behavior) {
        let number = u8::try_from(self.below(6)).unwrap();
        let address = if self.below(2) == 0 { v4(number) } else { v6(number.into()) };
        // The same address always behaves the same.
        let behavior = match (number, address.is_ipv4()) {
            (0 | 1, _) => BlackHole,
            (2 | 3, _) => RefusesAfter(u64::from(number) * 40),
            (_, true) => AnswersAfter(300),
            (_, false) => AnswersAfter(20),
        };
        (address, behavior)
    }
}
